import { type FieldReader, offset, oneOf, optional, readFields, record, text, texts, whole } from './frames.ts';
import type { Working } from './working.ts';

/** One operation: its fields, and what answers it. What it works with is loaded when it is asked for. */
export interface Operation {
  readonly says: string;
  readonly answer: (fields: Readonly<Record<string, unknown>>, working: Working) => Promise<object>;
}

type Fields = Readonly<Record<string, FieldReader<unknown>>>;

const operation = <F extends Fields>(
  says: string,
  fields: F,
  answer: (read: ReturnType<typeof readFields<F>>, working: Working) => Promise<object>,
): Operation => ({ says, answer: async (given, working) => answer(readFields(fields, given), working) });

const lake = () => import('./lake-operations.ts');
const part = { table: text, from: offset, to: offset };
const range = (value: unknown, name: string) => {
  const { from, to } = Object(value) as Readonly<Record<string, unknown>>;
  return { from: offset(from, `${name}.from`), to: offset(to, `${name}.to`) };
};

/** The fields of `open`, which the session answers itself. */
export const openFields = { settings: record, scratch: text };

/** Everything that is asked of a session, after `open`. */
export const operations: Readonly<Record<string, Operation>> = {
  freshen: operation(
    'read the tenant into the lake, unless a run that began at `since` or later has read these tables; one that is under way is waited for',
    { tables: texts, since: text, limits: optional(oneOf('published', 'none')) },
    async (asked, working) => (await import('./freshen.ts')).freshen(asked, working),
  ),
  position: operation(
    'where the changes of the lake begin and end',
    { offset: optional(offset) },
    async (asked, working) => (await lake()).position(asked, working),
  ),
  stops: operation(
    'where the changes of a table between two offsets can be cut, with so many of them in each part',
    { ...part, changes: whole },
    async (asked, working) => (await lake()).stops(asked, working),
  ),
  changes: operation(
    'write the changes of a table between two offsets as Parquet: the latest of each key within `within`',
    { ...part, within: optional(range), only: optional(oneOf('upsert', 'delete')) },
    async (asked, working) => (await lake()).changes(asked, working),
  ),
  parts: operation(
    'the files of the lake that hold exactly the rows that stand',
    { table: text },
    async (asked, working) => (await lake()).parts(asked, working),
  ),
  fetch: operation('bring files of the lake into the scratch folder', { keys: texts }, async (asked, working) =>
    (await lake()).fetch(asked, working),
  ),
  snapshot: operation('write the rows of a table that stand as Parquet', { table: text }, async (asked, working) =>
    (await lake()).snapshot(asked, working),
  ),
};
