import type { Column, ScalarType } from '../../schema/column.ts';
import { identifier, literal } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';

/** Readers skip files by the first columns only. */
const COLUMNS = 32;
/** Longer texts are cut; the greatest is left out then, as what is cut is smaller. */
const TEXT = 32;

/** Least and greatest value of a column, as SQL; undefined: only its NULLs are counted. */
type Bounds = (column: string) => readonly [least: string, greatest: string];

const BOUNDS: Readonly<Record<ScalarType, Bounds | undefined>> = {
  string: textBounds,
  id: textBounds,
  json: undefined,
  boolean: undefined,
  int32: (column) => [`min(${column})`, `max(${column})`],
  // As texts: those beyond 2^53 would be others as numbers.
  int64: (column) => [`min(${column})::VARCHAR`, `max(${column})::VARCHAR`],
  double: (column) => [`min(${column})`, `max(${column})`],
  // Statistics have milliseconds: the least is rounded down, the greatest up.
  timestamp: (column) => [`epoch_us(min(${column}))::VARCHAR`, `epoch_us(max(${column}))::VARCHAR`],
};

function textBounds(column: string): readonly [string, string] {
  return [`left(min(${column}), ${TEXT})`, `CASE WHEN length(max(${column})) <= ${TEXT} THEN max(${column}) END`];
}

/**
 * The statistics of Parquet files, as JSON: rows, NULLs, least and greatest values.
 * https://github.com/delta-io/delta/blob/master/PROTOCOL.md#per-file-statistics
 *
 * @returns in the order of the paths
 */
export async function statisticsOf(
  duck: Duck,
  {
    columns,
    localPaths,
  }: { readonly columns: Readonly<Record<string, Column>>; readonly localPaths: readonly string[] },
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (localPaths.length === 0) return [];
  const measured = Object.entries(columns)
    .slice(0, COLUMNS)
    .flatMap(([name, { type }]) => (typeof type === 'string' ? [{ name, type }] : []));
  const values = measured.flatMap(({ name, type }, at) => {
    const column = identifier(name);
    const [least, greatest] = BOUNDS[type]?.(column) ?? ['NULL', 'NULL'];
    return [`(count(*) - count(${column}))::INTEGER AS n${at}`, `${least} AS a${at}`, `${greatest} AS z${at}`];
  });
  const paths = localPaths.map(literal).join(', ');
  const rows = await duck.rows(
    `SELECT filename AS path, count(*)::INTEGER AS rows${values.map((value) => `, ${value}`).join('')}
     FROM read_parquet([${paths}], filename = true, hive_partitioning = false) GROUP BY filename`,
    [],
    signal,
  );
  const found = new Map(rows.map((row) => [String(row['path']), row]));
  return localPaths.map((path) => {
    const row = found.get(path);
    if (row === undefined) return JSON.stringify({ numRecords: 0 });
    const bounds = measured.map(({ name, type }, at) => [name, valuesOf(type, row[`a${at}`], row[`z${at}`])] as const);
    return JSON.stringify({
      numRecords: row['rows'],
      minValues: Object.fromEntries(bounds.flatMap(([name, [least]]) => (least === undefined ? [] : [[name, least]]))),
      maxValues: Object.fromEntries(bounds.flatMap(([name, [, most]]) => (most === undefined ? [] : [[name, most]]))),
      nullCount: Object.fromEntries(measured.map(({ name }, at) => [name, row[`n${at}`]])),
    });
  });
}

type Value = string | number | undefined;

/** As the statistics have them; undefined: it is not said. */
function valuesOf(type: ScalarType, least: unknown, greatest: unknown): readonly [Value, Value] {
  if (type === 'timestamp') return [instant(least, floor), instant(greatest, ceil)];
  if (type === 'string' || type === 'id') return [text(least), text(greatest)];
  return [number(least), number(greatest)];
}

const text = (value: unknown): Value => (typeof value === 'string' ? value : undefined);

function number(value: unknown): Value {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
}

/** The last instant that four digits of a year can tell. */
const END_MS = BigInt(Date.UTC(9999, 11, 31, 23, 59, 59, 999));

const floor = (micros: bigint): bigint => (micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n;
const ceil = (micros: bigint): bigint => -floor(-micros);

function instant(micros: unknown, rounded: (micros: bigint) => bigint): Value {
  if (typeof micros !== 'string') return undefined;
  const ms = rounded(BigInt(micros));
  return ms > END_MS ? undefined : new Date(Number(ms)).toISOString();
}
