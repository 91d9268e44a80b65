import type { ColumnType, TableShape } from './column.ts';
import { pathsOf } from './column.ts';
import { canonicalId } from './guid.ts';
import { wherePaths } from './json-shape.ts';

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A record with what is known of its surroundings. */
export interface RecordInput {
  readonly record: Json;
  readonly parent: Json;
  readonly context: Readonly<Record<string, Json>>;
}

/** A row before its casts: scalars are texts, as in the SQL projection; `json` columns are still values. */
export type TextRow = Readonly<Record<string, Json>>;

/** A record table's declaration as functions. */
export interface RecordReader {
  /** True for the records that belong to the table. */
  belongs(input: RecordInput): boolean;
  row(input: RecordInput): TextRow;
  /** True when a list or a structure of the table stands there as something else. */
  hasWrongShape(input: RecordInput): boolean;
}

/** The same rows as {@link projection} makes, for pages that DuckDB cannot read. */
export function recordReader(table: TableShape): RecordReader {
  const columns = Object.entries(table.columns).map(([name, column]) => ({
    name,
    type: column.type,
    paths: pathsOf(name, column),
  }));
  const where = wherePaths(table);
  return {
    belongs: (input) => !table.where || (firstOf(input, where, 'string') === null) === (table.where.is === 'null'),
    row: (input) => Object.fromEntries(columns.map(({ name, type, paths }) => [name, firstOf(input, paths, type)])),
    hasWrongShape: (input) =>
      columns.some(({ paths, type }) => paths.some((path) => isAnotherShape(valueAt(input, path), type))),
  };
}

/** A value that is neither null nor of the declared shape, or holds one. Scalars are looked at when they are cast. */
function isAnotherShape(value: Json, type: ColumnType): boolean {
  if (value === null || typeof type === 'string') return false;
  if ('list' in type) return !Array.isArray(value) || value.some((element: Json) => isAnotherShape(element, type.list));
  if (typeof value !== 'object' || Array.isArray(value)) return true;
  const found = fields(value);
  return Object.entries(type.struct).some(([name, field]) => isAnotherShape(found[name] ?? null, field));
}

function firstOf(input: RecordInput, paths: readonly string[], type: ColumnType): Json {
  for (const path of paths) {
    const value = asText(valueAt(input, path), type);
    if (value !== null) return value;
  }
  return null;
}

function valueAt(input: RecordInput, path: string): Json {
  const [first, ...rest] = path.split('.') as [string, ...string[]];
  if (first === '$raw') return input.record;
  if (first === '$context') return walk(input.context, rest);
  if (first === '$parent') return walk(input.parent, rest);
  return walk(input.record, [first, ...rest]);
}

function walk(root: Json, steps: readonly string[]): Json {
  let node = root;
  for (const step of steps) node = fields(node)[step] ?? null;
  return node;
}

function fields(value: Json): { readonly [key: string]: Json } {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as { readonly [key: string]: Json }) : {};
}

/** What `from_json` makes of a value for a declared shape: text of scalars, null for a list that is none, empty fields for a struct that is none. */
function asText(value: Json, type: ColumnType): Json {
  if (value === null) return null;
  if (type === 'json') return value;
  if (typeof type === 'string') {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return type === 'id' ? canonicalId(text) : text;
  }
  if ('list' in type) return Array.isArray(value) ? value.map((element: Json) => asText(element, type.list)) : null;
  const found = fields(value);
  return Object.fromEntries(
    Object.entries(type.struct).map(([name, field]) => [name, asText(found[name] ?? null, field)]),
  );
}
