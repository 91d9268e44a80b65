import type { TableShape } from '../../schema/column.ts';
import { identifier, identifiers, literal } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';

/** From the least to the greatest key of a stretch, both included, in the order of their bytes, which is DuckDB's. */
export type Span = readonly [low: string, high: string];

/** Where the keys of a file lie: a key outside of all spans is not in it. */
export interface KeySpans {
  /** The key column that is meant. */
  readonly column: string;
  /** Ascending, none touches another. Of a file without rows: none. */
  readonly spans: readonly Span[];
}

/** What the log says: the ids of the service that are figures. In place of an id anything can stand, also what people wrote. */
const SAYABLE = /^[0-9a-f-]{1,64}$/;

/** Spans of a file that the log keeps. A file of a first load holds several stretches of time, one for each that was read at once. */
const MOST_SPANS = 8;

/**
 * The key column that keeps rows which change together near to each other. Ids of what is written grow with time: new rows
 * go to the end. Listings without versions change by what their key begins with. Undefined: nothing is said of the keys.
 */
export function clusterColumn(table: TableShape): string | undefined {
  if (table.explode !== undefined) return undefined;
  const column = table.cursor === undefined ? table.primaryKey[0] : table.primaryKey.at(-1);
  const type = column === undefined ? undefined : table.columns[column]?.type;
  return type === 'string' || type === 'id' ? column : undefined;
}

/** Rows in the order of base files. */
export function clustered(table: TableShape, rows: string): string {
  const first = table.primaryKey.filter((name) => name === clusterColumn(table));
  return `SELECT * FROM (${rows}) ORDER BY ${identifiers([...first, ...table.primaryKey.filter((name) => !first.includes(name))])}`;
}

/** How a query that is grouped by stretches of keys finds the ends of each. */
export interface StretchSql {
  readonly low: string;
  readonly high: string;
  /** What to group by. */
  readonly stretch: string;
}

/** Ids that are milliseconds since 1970 (13 digits: 2001 to 2286) are told apart by the day, about; other keys are one stretch. */
export function stretchSql(table: TableShape): StretchSql {
  const column = clusterColumn(table);
  if (column === undefined) return { low: 'NULL', high: 'NULL', stretch: 'NULL' };
  const key = identifier(column);
  return { low: `min(${key})`, high: `max(${key})`, stretch: `CASE WHEN length(${key}) = 13 THEN left(${key}, 5) END` };
}

/** Where the keys of a relation lie. Undefined: nothing is said of the keys of this table. */
export async function spansOf(
  duck: Duck,
  table: TableShape,
  relation: string,
  signal?: AbortSignal,
): Promise<readonly Span[] | undefined> {
  if (clusterColumn(table) === undefined) return undefined;
  const { low, high, stretch } = stretchSql(table);
  const found = await duck.rows(
    `SELECT ${low} AS low, ${high} AS high FROM ${relation} GROUP BY ${stretch}`,
    [],
    signal,
  );
  return joined(found.map(({ low: least, high: greatest }) => [String(least), String(greatest)]));
}

/** What the log is to say of the keys of files, by their local path. */
export async function keysOfFiles(
  duck: Duck,
  table: TableShape,
  files: readonly { readonly localPath: string }[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, { readonly keys?: KeySpans }>> {
  if (clusterColumn(table) === undefined) return new Map();
  const { low, high, stretch } = stretchSql(table);
  const found = await duck.rows(
    `SELECT file_index AS at, ${low} AS low, ${high} AS high FROM read_parquet([${files.map(({ localPath }) => literal(localPath)).join(', ')}],
       union_by_name = true, hive_partitioning = false) GROUP BY 1, ${stretch}`,
    [],
    signal,
  );
  const stretches = files.map((): Span[] => []);
  for (const { at, low: least, high: greatest } of found)
    stretches[Number(at)]!.push([String(least), String(greatest)]);
  return new Map(files.map(({ localPath }, at) => [localPath, keysOf(table, stretches[at]!)]));
}

/** What the log says of a file whose keys lie in these stretches: of the gaps between them the widest stay. */
export function keysOf(table: TableShape, stretches: readonly Span[], most = MOST_SPANS): { readonly keys?: KeySpans } {
  const column = clusterColumn(table);
  if (column === undefined || !stretches.flat().every((end) => SAYABLE.test(end))) return {};
  const spans = joined(stretches);
  const gaps = spans.slice(1).map(([low], at) => ({ at, width: Number(low) - Number(spans[at]![1]) || 0 }));
  const widest = gaps.sort((a, b) => b.width - a.width).slice(0, most - 1);
  const ends = [...widest.map(({ at }) => at), spans.length - 1].filter((at) => at >= 0).sort((a, b) => a - b);
  return {
    keys: { column, spans: ends.map((end, at) => [spans[at === 0 ? 0 : ends[at - 1]! + 1]![0], spans[end]![1]]) },
  };
}

/** Whether a key can lie in both. Both ascend, and none of their spans overlap. */
export function haveCommon(few: readonly Span[], many: readonly Span[]): boolean {
  return few.some(([low, high]) => {
    const at = firstEndingFrom(many, low);
    return at < many.length && compareBytes(many[at]![0], high) <= 0;
  });
}

/** The place of the first span that does not end before `key`. */
function firstEndingFrom(spans: readonly Span[], key: string): number {
  let from = 0;
  let to = spans.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (compareBytes(spans[middle]![1], key) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The same keys in spans that do not overlap, ascending. */
function joined(spans: readonly Span[]): readonly Span[] {
  const result: [string, string][] = [];
  for (const [low, high] of [...spans].sort((a, b) => compareBytes(a[0], b[0]))) {
    const last = result.at(-1);
    if (last === undefined || compareBytes(last[1], low) < 0) result.push([low, high]);
    else if (compareBytes(last[1], high) < 0) last[1] = high;
  }
  return result;
}

/** JavaScript compares halves of surrogate pairs, DuckDB compares bytes. */
const compareBytes = (a: string, b: string): number => (a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)));
