import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { z } from 'zod';
import type { SluiceError } from '../../errors/sluice-error.ts';
import { twinErrors } from '../errors.ts';

/** Where a record stands, for complaints. */
export interface LinePosition {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** The error for a line that cannot be used: names the file, the line and the field, and what is valid. */
export function invalidLine(position: LinePosition, field: string, problem: string, cause?: unknown): SluiceError {
  const { file, line } = position;
  return twinErrors.tenant_line_invalid({ file, line, field, problem }, { cause });
}

/** The error for an id that a line before has. */
export const duplicate = (position: LinePosition, id: string): SluiceError =>
  invalidLine(position, 'id', `"${id}" must be unique in this file`);

/**
 * Calls `use` with every record of `NAME.jsonl` or `NAME.jsonl.gz`, in order. Empty lines are skipped.
 *
 * @param options.isOptional - the file may be missing
 * @throws SluiceError `tenant_file_missing`, `tenant_file_unreadable`, `tenant_line_invalid`
 */
export async function readRecords<Schema extends z.ZodType>(
  dir: string,
  name: string,
  schema: Schema,
  use: (record: z.infer<Schema>, position: LinePosition) => void,
  { isOptional = false }: { readonly isOptional?: boolean | undefined } = {},
): Promise<void> {
  const file = [`${name}.jsonl`, `${name}.jsonl.gz`].find((candidate) => existsSync(join(dir, candidate)));
  if (!file && isOptional) return;
  if (!file) throw twinErrors.tenant_file_missing({ folder: dir, name: name });
  let line = 0;
  await eachLine(dir, file, (text) => {
    line += 1;
    if (text.trim() === '') return;
    const position = { file, line };
    use(checked(schema, text, position), position);
  });
}

async function eachLine(dir: string, file: string, use: (text: string) => void): Promise<void> {
  let rest = '';
  for await (const chunk of textChunks(dir, file)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const text of lines) use(text);
  }
  if (rest !== '') use(rest);
}

async function* textChunks(dir: string, file: string): AsyncIterable<string> {
  const source = createReadStream(join(dir, file), { highWaterMark: 1024 * 1024 });
  // The reader of the pipeline sees its errors, so the callback has nothing to add.
  const bytes: Readable = file.endsWith('.gz') ? pipeline(source, createGunzip(), () => {}) : source;
  bytes.setEncoding('utf8');
  try {
    yield* bytes;
  } catch (cause) {
    const problem = (cause as Error).message;
    throw twinErrors.tenant_file_unreadable({ path: join(dir, file), file, problem }, { cause });
  }
}

function checked<Schema extends z.ZodType>(schema: Schema, text: string, position: LinePosition): z.infer<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidLine(position, '(line)', 'must be one JSON object');
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw invalidLine(position, issue.path.join('.') || '(line)', issue.message);
}
