import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SluiceError } from '../errors/sluice-error.ts';
import { checkRoutes } from '../router/check.ts';
import { type ConfigDocument, flattenIssue, formatPath, readConfigDocument } from '../router/config-document.ts';
import { configSchema, type SluiceConfig } from './schema.ts';
import { type Flags, type Override, overridesOf } from './variables.ts';

export interface ConfigInput {
  /** Path of `sluice.yaml`. Without one only environment and flags count. */
  readonly file?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags?: Flags;
  /** Names of the custom predicates that the program registers. Undefined: not checked. */
  readonly predicates?: readonly string[];
}

/** A configuration without faults, and what it was made of. */
export interface LoadedConfig {
  readonly config: SluiceConfig;
  /** The text that the routing holder compiles. */
  readonly routingText: string;
  /** Absolute paths of every file that was read: configuration, secrets, certificate. */
  readonly files: readonly string[];
}

/** One fault: where (`sluice.yaml:12:5`, `TEAMS_CLOUD`, `--port`), which key, what would be right. Never a value. */
export interface ConfigurationFault {
  readonly source: string;
  readonly path: string;
  readonly message: string;
}

/**
 * Loads file, environment and flags; a flag beats a variable, a variable beats the file.
 *
 * @throws SluiceError `config_invalid`; `details.faults` lists every fault with its place
 */
export function loadConfig(input: ConfigInput): LoadedConfig {
  const checked = checkConfig(input);
  if ('faults' in checked) throw configInvalid(checked.faults);
  return checked;
}

/** As {@link loadConfig}, with the faults as data. Throws nothing. */
export function checkConfig(input: ConfigInput): LoadedConfig | { readonly faults: readonly ConfigurationFault[] } {
  const read = readFile(input.file);
  if ('faults' in read) return read;
  const { text, document } = read;
  const overrides = overridesOf(input.environment, input.flags);
  const files = input.file === undefined ? [] : [resolve(input.file)];
  const schema = configSchema({
    environment: input.environment,
    folder: input.file === undefined ? '.' : dirname(resolve(input.file)),
    onFile: (path) => files.push(path),
  });
  const parsed = schema.safeParse(merge(document?.value ?? {}, overrides));
  if (!parsed.success) {
    const found = parsed.error.issues.flatMap((issue) => flattenIssue(issue));
    return { faults: found.map(({ path, message }) => place({ path, message }, input.file, document, overrides)) };
  }
  const receivers = Object.keys(parsed.data.receivers);
  const routing = parsed.data.routing ? text : defaultRouting(receivers);
  if (routing === undefined) {
    const message = 'Missing. Expected a mapping with "route", or a receiver named "default".';
    return { faults: [place({ path: ['routing'], message }, input.file, document, overrides)] };
  }
  const routes = checkRoutes(routing, { receivers, ...(input.predicates && { predicates: input.predicates }) });
  if (!routes.ok) {
    const source = input.file ?? 'sluice.yaml';
    const faults = routes.faults.map(({ line, column, path, message }) => ({
      source: `${source}:${line}:${column}`,
      path,
      message,
    }));
    return { faults };
  }
  return { config: parsed.data, routingText: routing, files };
}

function readFile(
  file: string | undefined,
): { text: string; document: ConfigDocument | undefined } | { faults: readonly ConfigurationFault[] } {
  if (file === undefined) return { text: '', document: undefined };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const problem = error instanceof TypeError ? 'is not UTF-8' : 'cannot be read';
    return { faults: [{ source: file, path: '', message: `The file ${problem}.` }] };
  }
  const document = readConfigDocument(text);
  if (!('faults' in document)) return { text, document };
  const faults = document.faults.map(({ line, column, path, message }) => ({
    source: `${file}:${line}:${column}`,
    path,
    message,
  }));
  return { faults };
}

/** The file's value with the overrides in it. The file's own value is not changed. */
function merge(value: unknown, overrides: readonly Override[]): unknown {
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

function place(
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

/**
 * Routing for a configuration that has none: everything to the only receiver, or to the one named `default`. What came
 * together is sent at once; the sender has waited already. Undefined: it is not clear which receiver is meant.
 */
function defaultRouting(receivers: readonly string[]): string | undefined {
  if (receivers.length === 0) return JSON.stringify({ routing: { route: { id: 'default', drop: true } } });
  const receiver = receivers.length === 1 ? receivers[0]! : receivers.find((name) => name === 'default');
  if (receiver === undefined) return undefined;
  const grouping = { group_by: ['alertname'], group_wait: '0s', group_interval: '1s' };
  return JSON.stringify({ routing: { route: { id: 'default', receivers: [receiver], ...grouping } } });
}

/** One line of a fault. */
export function formatConfigurationFault({ source, path, message }: ConfigurationFault): string {
  return `${source} ${path ? `${path}: ` : ''}${message}`;
}

function configInvalid(faults: readonly ConfigurationFault[]): SluiceError {
  const lines = faults.map(formatConfigurationFault);
  const more = lines.length > 3 ? ` (and ${lines.length - 3} more)` : '';
  return new SluiceError({
    code: 'config_invalid',
    recovery: 'user_action',
    surface: 'config',
    message: `The configuration has ${lines.length} fault(s): ${lines.slice(0, 3).join(' ')}${more}`,
    details: { faults: lines },
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
