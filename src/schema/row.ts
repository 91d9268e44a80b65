import type { ColumnType, TableShape } from './column.ts';
import { outward, pathsOf, recordSteps } from './column.ts';
import { canonicalId } from './guid.ts';
import { wherePaths } from './json-shape.ts';

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A record with what is known of its surroundings. */
export interface RecordInput {
  readonly record: Json;
  /** The lists below `value` that lead to it: none for a record of the page. */
  readonly steps: readonly string[];
  /** The record around it first, then the one around that: one for each step. */
  readonly parents: readonly Json[];
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
  const places = new Set(recordSteps(table).map((steps) => steps.join('.')));
  return {
    belongs: (input) =>
      places.has(input.steps.join('.')) &&
      (!table.where || (firstOf(input, where, 'string') === null) === (table.where.is === 'null')),
    row: (input) => Object.fromEntries(columns.map(({ name, type, paths }) => [name, firstOf(input, paths, type)])),
    hasWrongShape: (input) =>
      columns.some(({ paths, type }) => {
        const values = paths.map((path) => valueAt(input, path));
        const taken = values.find((value) => asText(value, type) !== null);
        return (taken === undefined ? values : [taken]).some((value) => isAnotherShape(value, type));
      }),
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
  const { out, path: inside } = outward(path, '$parent');
  if (out > 0) return out > input.parents.length ? null : walk(input.parents[out - 1]!, inside.split('.'));
  const [first, ...rest] = path.split('.') as [string, ...string[]];
  if (first === '$raw') return input.record;
  if (first === '$context') return walk(input.context, rest);
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
