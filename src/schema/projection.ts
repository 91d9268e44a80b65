import type { Column, ColumnType, ScalarType, TableShape } from './column.ts';
import { outward, pathsOf } from './column.ts';
import { FIRST_INSTANT } from './first-instant.ts';
import { canonicalIdSql } from './guid.ts';
import { wherePaths } from './json-shape.ts';
import { duckdbType, identifier, memberSql } from './sql.ts';

/**
 * The SQL of a column's value, cast. In scope: `m` (the record), `ctx` (the envelope's facts), `raw` (the record's JSON)
 * and, for nested records, those around it: see {@link parentName}. The same as a function: {@link recordReader}.
 *
 * @param depth - how many records are around the record
 */
export function valueSql(name: string, column: Column, depth: number): string {
  return typed(textSql(name, column, depth), column.type);
}

/** A text, or lists and structures of texts, as a value of a type: NULL where it is none. */
export function castSql(text: string, type: ColumnType): string {
  return typed(text, type);
}

/** The same before its cast. */
export function textSql(name: string, column: Column, depth: number): string {
  const text = firstOf(pathsOf(name, column), depth);
  return column.type === 'id' ? canonicalIdSql(text) : text;
}

/**
 * The SQL that is true when a text is there but is no value of its type, on its own or inside a list or a structure: a
 * time that is none, a number too big. Nothing for texts and JSON, which hold whatever came. Undefined: it never is.
 */
export function malformedSql(text: string, type: ColumnType, depth = 0): string | undefined {
  if (typeof type === 'string') {
    if (type === 'string' || type === 'id' || type === 'json') return undefined;
    const none = type === 'timestamp' ? ` AND NOT regexp_matches(${text}, '${NO_INSTANT}')` : '';
    return `(CASE WHEN ${text} IS NOT NULL AND ${typed(text, type)} IS NULL THEN ${text} <> ''${none} ELSE false END)`;
  }
  if ('list' in type) {
    const element = `e${depth}`;
    const inside = malformedSql(element, type.list, depth + 1);
    return inside && `coalesce(len(list_filter(${text}, lambda ${element}: ${inside})) > 0, false)`;
  }
  return anyOf(Object.entries(type.struct).map(([name, field]) => malformedSql(memberSql(text, name), field, depth)));
}

/**
 * The SQL that is true where the shape of a value may be another than declared: `from_json` makes NULL of a list that is
 * none, and a structure without values of one that is none. Only the JSON itself tells: {@link hasWrongShape}. Undefined: it
 * always has its shape.
 */
export function suspectSql(text: string, type: ColumnType, depth = 0): string | undefined {
  if (typeof type === 'string') return undefined;
  if ('list' in type) {
    const element = `e${depth}`;
    const inside = suspectSql(element, type.list, depth + 1);
    const elements = inside && `coalesce(len(list_filter(${text}, lambda ${element}: ${inside})) > 0, false)`;
    return anyOf([`${text} IS NULL`, elements]);
  }
  const fields = Object.entries(type.struct);
  const isBare = fields.map(([name]) => `${memberSql(text, name)} IS NULL`).join(' AND ');
  const inside = anyOf(fields.map(([name, field]) => suspectSql(memberSql(text, name), field, depth)));
  // What a structure that is not there lacks is missing with it.
  return `(${text} IS NOT NULL AND (${[`(${isBare})`, ...(inside ? [inside] : [])].join(' OR ')}))`;
}

const anyOf = (conditions: readonly (string | undefined)[]): string | undefined => {
  const found = conditions.filter((condition) => condition !== undefined);
  return found.length === 0 ? undefined : `(${found.join(' OR ')})`;
};

/** The SQL that is true for the records of a table. Same scope. */
export function whereSql(table: TableShape, depth: number): string {
  if (!table.where) return 'true';
  return `${firstOf(wherePaths(table), depth)} IS ${table.where.is === 'null' ? 'NULL' : 'NOT NULL'}`;
}

function firstOf(paths: readonly string[], depth: number): string {
  const places = paths
    .map((path) => outward(path, '$parent'))
    .filter(({ out }) => out <= depth)
    .map(({ out, path }) => {
      if (out > 0) return memberSql(parentName(out), path);
      if (path === '$raw') return 'raw';
      if (path.startsWith('$context.')) return memberSql('ctx', path.slice('$context.'.length));
      return memberSql('m', path);
    });
  return places.length > 1 ? `coalesce(${places.join(', ')})` : (places[0] ?? 'NULL');
}

/** What the record around a record is called, counted outwards from 1. */
export const parentName = (out: number): string => `parent${out}`;

/**
 * Texts of instants that mean "none": the zero of .NET and of Windows. They are NULL without a word.
 * https://learn.microsoft.com/en-us/dotnet/api/system.datetime.minvalue
 */
const NO_INSTANT = '^(0001|1601)-01-01T00:00:00([.]0*)?(Z|[+-]00:00)?$';

/** Python ends with 9999. */
const LAST_INSTANT = '9999-12-31T23:59:59.999999Z';

function typed(text: string, type: ColumnType): string {
  if (type === 'string' || type === 'id') return text;
  if (type === 'json') return `CAST(${text} AS VARCHAR)`;
  // Ids are texts on both sides: before the cast their places are plain, after it each would cast again.
  return refined(`TRY_CAST(${canonicalSql(text, type)} AS ${duckdbType(type)})`, type, { timestamp: withinReach });
}

const withinReach = (value: string): string =>
  `CASE WHEN ${value} BETWEEN TIMESTAMPTZ '${FIRST_INSTANT}' AND TIMESTAMPTZ '${LAST_INSTANT}' THEN ${value} END`;

/** A value of a column with every id in it as it is kept. The column as it is when there is none. */
export function canonicalSql(value: string, type: ColumnType): string {
  return refined(value, type, { id: canonicalIdSql });
}

/** Whether a type has ids, on their own or inside. */
export const holdsIds = (type: ColumnType): boolean => holds(type, ['id']);

/** What is done with the values of a scalar type, wherever they stand. */
type Refinements = Readonly<Partial<Record<ScalarType, (value: string) => string>>>;

/** A value with other values in the place of some: at the top, in lists, in structures. */
function refined(value: string, type: ColumnType, by: Refinements, depth = 0): string {
  const which = Object.keys(by) as ScalarType[];
  if (!holds(type, which)) return value;
  if (typeof type === 'string') return by[type]!(value);
  if ('list' in type) {
    const element = `e${depth}`;
    return `list_transform(${value}, lambda ${element}: ${refined(element, type.list, by, depth + 1)})`;
  }
  const fields = Object.entries(type.struct)
    .filter(([, field]) => holds(field, which))
    .map(([name, field]) => `${identifier(name)} := ${refined(memberSql(value, name), field, by, depth)}`);
  return `CASE WHEN ${value} IS NOT NULL THEN struct_update(${value}, ${fields.join(', ')}) END`;
}

function holds(type: ColumnType, which: readonly ScalarType[]): boolean {
  if (typeof type === 'string') return which.includes(type);
  return 'list' in type ? holds(type.list, which) : Object.values(type.struct).some((field) => holds(field, which));
}
