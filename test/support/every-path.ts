import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDuck } from '../../src/lake/engine/duck.ts';
import { openReader } from '../../src/lake/query/query.ts';
import { queryValue } from '../../src/lake/query/values.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { ColumnType, TableShape } from '../../src/schema/column.ts';
import { literal } from '../../src/schema/sql.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { message, messagesPage, openTestLake, rawPage, reaction } from './lake-pages.ts';
import type { Row } from './python.ts';

const scalars = {
  string: 'string',
  boolean: 'boolean',
  int32: 'int32',
  int64: 'int64',
  double: 'double',
  timestamp: 'timestamp',
  json: 'json',
} as const satisfies Record<string, ColumnType>;

/** A column of every type, alone, in lists, in structures, and in each other. */
const everything: TableShape = {
  name: 'everything',
  description: 'Every type of column.',
  resource: 'everything',
  ingestionType: 'snapshot',
  primaryKey: ['id'],
  columns: Object.fromEntries(
    Object.entries({
      id: 'string',
      ...scalars,
      struct: { struct: scalars },
      deep: { list: { struct: { inner: { list: { struct: scalars } }, words: { list: 'string' } } } },
      ...Object.fromEntries(Object.entries(scalars).map(([name, type]) => [`list_of_${name}`, { list: type }])),
    } as const satisfies Record<string, ColumnType>).map(([name, type]) => [name, { type, description: name }]),
  ),
};

export const shapes: readonly TableShape[] = [...tables, everything];

const END_OF_TIME = '9999-12-31T23:59:59.999999Z';

/** Values at the edges of their types. */
const EDGES: readonly Readonly<Record<string, unknown>>[] = [
  {
    string: 'Zażółć 🧑‍🚀 \u0000 مرحبا "q" \u2028 \\',
    boolean: true,
    int32: 2_147_483_647,
    int64: 9_007_199_254_740_991,
    double: 0.1,
    timestamp: END_OF_TIME,
    json: { a: [1, 2.5, 'ü', null, { b: false }] },
  },
  {
    string: '',
    boolean: false,
    int32: -2_147_483_648,
    int64: '-9223372036854775808',
    double: 12_345.678_901,
    timestamp: '1970-01-01T00:00:00Z',
    json: [],
  },
  { timestamp: '1900-01-01T00:00:00Z', json: 'text', double: -1.5, int64: '9223372036854775807' },
  { timestamp: '0001-01-01T00:00:00Z', json: 0 },
  { timestamp: '2026-06-02T12:34:56.789012Z', json: true },
  {},
];

function edgesPage(from: number, latest: string): readonly Readonly<Record<string, unknown>>[] {
  const edges = EDGES.map((value) => (value['timestamp'] === END_OF_TIME ? { ...value, timestamp: latest } : value));
  return edges.map((value: Readonly<Record<string, unknown>>, at) => ({
    id: `${from + at}`,
    ...value,
    ...Object.fromEntries(
      Object.keys(scalars).map((name) => [`list_of_${name}`, name in value ? [value[name], null] : []]),
    ),
    struct: at === 5 ? null : value,
    deep: [
      { inner: [value], words: ['ä', null] },
      { inner: [], words: [] },
      { inner: null, words: null },
    ],
  }));
}

const member = (id: string, visibleHistoryStartDateTime: string | null) => ({
  id,
  userId: id,
  displayName: 'Zoë',
  roles: ['owner'],
  visibleHistoryStartDateTime,
});

const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));

/**
 * A lake whose files come from every way of writing one. After each step `look` gets its name.
 *
 * @param folder - the lake is `lake` in it
 * @param options.latest - the greatest instant in it
 * @param options.tables - default: all, and one with every type of column
 */
export async function onEveryPath(
  folder: string,
  look: (step: string) => Promise<void>,
  {
    latest = END_OF_TIME,
    tables: declared = shapes,
  }: { readonly latest?: string; readonly tables?: readonly TableShape[] } = {},
): Promise<void> {
  await using lake = await openTestLake(folder, { tables: declared, keeping: { retentionMs: 0, graceMs: 0 } });
  let loads = 0;
  const load = async (pages: readonly unknown[], listed: readonly Readonly<Record<string, unknown>>[]) => {
    loads += 1;
    const one = await lake.begin({ loadId: `load-${loads}` });
    for (const page of pages) await one.append(messagesPage(page as readonly unknown[]));
    await one.replace('everything', '', [rawPage('everything', '', bytesOf({ value: listed }))]);
    const members = [member('u1', '0001-01-01T00:00:00Z'), member('u2', '2004-02-29T00:00:00Z'), member('u3', null)];
    await one.replace('team_members', 't', [
      rawPage('team_members', 't', bytesOf({ value: members }), { team_id: 't' }),
    ]);
    await one.close();
  };
  const event = { '@odata.type': '#microsoft.graph.teamRenamedEventMessageDetail', teamDisplayName: 'Ünïcode' };
  const far = { createdDateTime: latest, lastModifiedDateTime: latest };
  const old = { createdDateTime: '1970-01-01T00:00:00Z', lastModifiedDateTime: '1970-01-01T00:00:00Z' };
  await load(
    [[message('1', { eventDetail: event, reactions: [reaction('like', 'u1')] }), message('2', far), message('3', old)]],
    edgesPage(0, latest),
  );
  await look('first load');
  await lake.publish();
  await look('adopt');
  const later = { lastModifiedDateTime: '2026-02-01T00:00:00.000Z', reactions: [reaction('heart', null)] };
  await load([[message('1', { ...later, messageHistory: [{ n: 1 }] }), message('4', later)]], edgesPage(2, latest));
  await look('increment');
  await lake.publish();
  await look('publish');
  // A lone surrogate: DuckDB cannot read the page.
  await load(
    [[message('5', { ...later, eventDetail: event, subject: 'half \ud800' })]],
    [...edgesPage(2, latest), { id: 'slow', string: 'half \ud800', json: { a: 'x' } }],
  );
  await look('slow path');
  await lake.compact();
  await look('compact');
  await load([], []);
  await lake.publish();
  await look('a table that is empty again');
}

/** The Parquet files that there are, below the folder of the lake. */
export function parquetFiles(folder: string): readonly string[] {
  return readdirSync(join(folder, 'lake'), { recursive: true })
    .map((name) => `lake/${String(name)}`)
    .filter((name) => name.endsWith('.parquet'))
    .sort();
}

/** What Sluice's own DuckDB finds in files. */
export async function rowsInFiles(paths: readonly string[], scratchDir: string): Promise<readonly Row[]> {
  const duck = await openDuck({ scratchDir });
  try {
    const list = paths.map(literal).join(', ');
    const found = await duck.connection.runAndReadAll(`FROM read_parquet([${list}], hive_partitioning = false)`);
    const names = found.deduplicatedColumnNames();
    return found.convertRows(queryValue).map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]])));
  } finally {
    duck.close();
  }
}

/** What `sluice query` finds in one table after the other. */
export async function openRows(
  folder: string,
  declared: readonly TableShape[] = shapes,
): Promise<AsyncDisposable & { rowsOf(table: string): Promise<readonly Row[]> }> {
  const reader = await openReader({ store: fileStore(join(folder, 'lake')), tables: declared });
  return {
    rowsOf: async (table) => {
      const { columns, rows } = await reader.query(`FROM ${table}`);
      return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
    },
    [Symbol.asyncDispose]: () => reader.close(),
  };
}

/** What `sluice query` finds in a table. */
export async function rowsByQuery(folder: string, table: string): Promise<readonly Row[]> {
  await using asked = await openRows(folder);
  return await asked.rowsOf(table);
}

export interface Comparing {
  /** With `_op`, `_version`, `_commit` and `_row`, which are no part of an answer. */
  readonly stamps?: boolean | undefined;
  /** Whole numbers as floats: pandas makes them of a column that has NULL too. */
  readonly floats?: boolean | undefined;
}

/** Rows in one order, as they can be compared. */
export function inOrder(rows: readonly Row[], { stamps = false, floats = false }: Comparing = {}): readonly string[] {
  const isAsked = (name: string) => stamps || !/^_(?!raw$)/.test(name);
  const asFloat = (_: string, value: unknown) =>
    floats && typeof value === 'string' && /^-?\d{16,}$/.test(value) ? Number(value) : value;
  return rows
    .map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => isAsked(name))))
    .map((row) => JSON.stringify(sorted(row), asFloat))
    .sort();
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
