import type { DuckDBValueConverter } from '@duckdb/node-api';
import { DuckDBTimestampTZValue, DuckDBTypeId, type Json, JsonDuckDBValueConverter } from '@duckdb/node-api';

const WHOLE_NUMBERS: readonly DuckDBTypeId[] = [
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
];

/**
 * Values of a query as JSON: instants in ISO 8601 and UTC whatever the time zone of the machine, spans as DuckDB writes
 * them, whole numbers as numbers where these are exact.
 */
export const queryValue: DuckDBValueConverter<Json> = (value, type, converter) => {
  if (value === null) return null;
  if (value instanceof DuckDBTimestampTZValue) return value.isFinite ? isoInstant(value.micros) : String(value);
  if (type.typeId === DuckDBTypeId.INTERVAL) return String(value);
  if (WHOLE_NUMBERS.includes(type.typeId)) return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return JsonDuckDBValueConverter(value, type, converter);
};

/** Microseconds are written where they are not zero. */
function isoInstant(micros: bigint): string {
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  const iso = new Date(Number((micros - rest) / 1000n)).toISOString();
  return rest === 0n ? iso : iso.replace('Z', `${String(rest).padStart(3, '0')}Z`);
}

/** A row as a line of JSON: its columns by name. */
export const jsonLine = (row: readonly Json[], columns: readonly string[]): string =>
  `${JSON.stringify(Object.fromEntries(columns.map((name, index) => [name, row[index]])), jsonValue)}\n`;

/** Integers beyond 2^53 as text, the way Graph writes them. */
function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value.toString();
}
