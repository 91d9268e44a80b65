import { readFileSync } from 'node:fs';
import { type ConfigDocument, formatPath, MAX_FAULTS, readConfigDocument } from '../settings/document.ts';
import type { Override } from './variables.ts';

/** One fault: where (`sluice.yaml:12:5`, `TEAMS_CLOUD`, `--port`), which key, what would be right. Never a value. */
export interface ConfigurationFault {
  readonly source: string;
  readonly path: string;
  readonly message: string;
}

/** The first faults, and of more the number. */
export function shorten(faults: readonly ConfigurationFault[]): readonly ConfigurationFault[] {
  const more = faults.length - MAX_FAULTS;
  if (more <= 0) return faults;
  return [
    ...faults.slice(0, MAX_FAULTS),
    { source: faults[MAX_FAULTS]!.source, path: '', message: `And ${more} more faults.` },
  ];
}

/** A configuration file as a document; without a file there is none. */
export function readConfigFile(
  file: string | undefined,
): { document: ConfigDocument | undefined } | { faults: readonly ConfigurationFault[] } {
  if (file === undefined) return { document: undefined };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const problem = error instanceof TypeError ? 'is not UTF-8' : 'cannot be read';
    return { faults: [{ source: file, path: '', message: `The file ${problem}.` }] };
  }
  const document = readConfigDocument(text);
  if (!('faults' in document)) return { document };
  const faults = document.faults.map(({ line, column, path, message }) => ({
    source: `${file}:${line}:${column}`,
    path,
    message,
  }));
  return { faults };
}

/** The file's value with the overrides in it. The file's own value is not changed. */
export function merge(value: unknown, overrides: readonly Override[]): unknown {
  if (overrides.length === 0 || !isRecord(value)) return value;
  const merged = structuredClone(value);
  for (const { path, value: given } of overrides) {
    let at: Record<string, unknown> = merged;
    for (const key of path.slice(0, -1)) {
      const next = Object.hasOwn(at, key) && isRecord(at[key]) ? at[key] : {};
      at[key] = next;
      at = next;
    }
    at[path.at(-1)!] = given;
  }
  return merged;
}

/** A fault with the place that it came from: a variable, an option, a line. */
export function place(
  { path, message }: { path: readonly PropertyKey[]; message: string },
  file: string | undefined,
  document: ConfigDocument | undefined,
  overrides: readonly Override[],
): ConfigurationFault {
  const override = overrides.findLast((one) => one.path.every((key, index) => path[index] === key));
  if (override) return { source: override.source, path: formatPath(path), message };
  if (file === undefined || !document) return { source: 'configuration', path: formatPath(path), message };
  const { line, column } = document.locate(path);
  return { source: `${file}:${line}:${column}`, path: formatPath(path), message };
}

/** One line of a fault. */
export function formatConfigurationFault({ source, path, message }: ConfigurationFault): string {
  return `${source} ${path ? `${path}: ` : ''}${message}`;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
