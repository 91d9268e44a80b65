import type { ColumnType, TableShape } from './column.ts';

/** Quotes an SQL identifier. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Quotes an SQL text. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A comma-separated list of quoted identifiers. */
export const identifiers = (names: readonly string[]): string => names.map(identifier).join(', ');

const SCALARS = {
  string: 'VARCHAR',
  id: 'VARCHAR',
  boolean: 'BOOLEAN',
  int32: 'INTEGER',
  int64: 'BIGINT',
  double: 'DOUBLE',
  timestamp: 'TIMESTAMPTZ',
  json: 'VARCHAR',
} as const;

/** The DuckDB type of a column. A `json` column is JSON text. */
export function duckdbType(type: ColumnType): string {
  if (typeof type === 'string') return SCALARS[type];
  if ('list' in type) return `${duckdbType(type.list)}[]`;
  const fields = Object.entries(type.struct).map(([name, field]) => `${identifier(name)} ${duckdbType(field)}`);
  return `STRUCT(${fields.join(', ')})`;
}

/** `"a" VARCHAR, "b" TIMESTAMPTZ`: the columns of a table as DuckDB declares them. */
export function columnDefinitions(table: TableShape): string {
  return Object.entries(table.columns)
    .map(([name, column]) => `${identifier(name)} ${duckdbType(column.type)}`)
    .join(', ');
}

/** A part of a structure, by a path of names. */
export const memberSql = (root: string, path: string): string => `${root}.${path.split('.').map(identifier).join('.')}`;

/** The columns of a table with the types that are declared: readers of a table hold its files to them. */
export const declaredSql = ({ columns }: Pick<TableShape, 'columns'>): string =>
  Object.entries(columns)
    .map(([name, { type }]) => `${identifier(name)}::${duckdbType(type)} AS ${identifier(name)}`)
    .join(', ');
