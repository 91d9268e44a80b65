import type { z } from 'zod';
import { flattenIssue } from './document.ts';

type Path = readonly PropertyKey[];

/**
 * Parses as the schema says, with two allowances that no schema can state: a key that begins with `x-` is the author's own
 * wherever it would be unknown, as in Compose, and a text that came out of a reference may be a number or a switch.
 *
 * @param places - where references were put in
 * @see https://docs.docker.com/reference/compose-file/extension/
 */
export function parseLenient<Schema extends z.ZodType>(schema: Schema, value: unknown, places: readonly Path[]) {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { parsed, value };
  const repaired = structuredClone(value);
  const written = new Set(places.map(pathKey));
  const repairs = parsed.error.issues
    .flatMap((issue) => leaves(issue))
    .filter((issue) => repair(repaired, issue, written));
  return repairs.length === 0 ? { parsed, value } : { parsed: schema.safeParse(repaired), value: repaired };
}

interface Leaf {
  readonly path: Path;
  /** What a wrong type should have been. */
  readonly expected: string | undefined;
  readonly isUnknownKey: boolean;
}

function leaves(issue: z.core.$ZodIssue): Leaf[] {
  const expected = issue.code === 'invalid_type' ? issue.expected : undefined;
  const isUnknownKey = issue.code === 'unrecognized_keys';
  return flattenIssue(issue).map(({ path }) => ({ path, expected, isUnknownKey }));
}

/** Changes the value where an allowance covers the issue. */
function repair(value: unknown, { path, expected, isUnknownKey }: Leaf, written: ReadonlySet<string>): boolean {
  const key = path.at(-1);
  const parent = path.slice(0, -1).reduce<unknown>((at, part) => (at as Record<PropertyKey, unknown>)?.[part], value);
  if (key === undefined || typeof parent !== 'object' || parent === null) return false;
  const holder = parent as Record<PropertyKey, unknown>;
  if (isUnknownKey) return String(key).startsWith('x-') && Reflect.deleteProperty(holder, key);
  const typed = written.has(pathKey(path)) ? typedText(String(holder[key]), expected) : undefined;
  if (typed === undefined) return false;
  holder[key] = typed;
  return true;
}

function typedText(text: string, expected: string | undefined): number | boolean | undefined {
  if (expected === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  const isNumeric = (expected === 'number' || expected === 'int') && text !== '' && Number.isFinite(Number(text));
  return isNumeric ? Number(text) : undefined;
}

const pathKey = (path: Path): string => path.map(String).join('\u0000');
