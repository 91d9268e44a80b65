import type { Column, ColumnType, ScalarType, TableShape } from './column.ts';
import { pathsOf } from './column.ts';
import { canonicalIdSql } from './guid.ts';
import { wherePaths } from './json-shape.ts';
import { duckdbType, identifier, literal } from './sql.ts';

/**
 * The SQL of a column's value, cast. In scope: `m` (the record), `ctx` (the envelope's facts), `raw` (the record's JSON)
 * and, for nested records, `parent` (the record around it). The same as a function: {@link recordReader}.
 */
export function valueSql(name: string, column: Column, nested: boolean): string {
  return typed(textSql(name, column, nested), column.type);
}

/** A text, or lists and structures of texts, as a value of a type: NULL where it is none. */
export function castSql(text: string, type: ColumnType): string {
  return typed(text, type);
}

/** The same before its cast. */
export function textSql(name: string, column: Column, nested: boolean): string {
  const text = firstOf(pathsOf(name, column), nested);
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
  return anyOf(Object.entries(type.struct).map(([name, field]) => malformedSql(member(text, name), field, depth)));
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
  const isBare = fields.map(([name]) => `${member(text, name)} IS NULL`).join(' AND ');
  const inside = fields.flatMap(([name, field]) =>
    // A list that a structure lacks is missing with it.
    typeof field === 'object' && 'list' in field ? [] : [suspectSql(member(text, name), field, depth)],
  );
  return anyOf([`(${text} IS NOT NULL AND ${isBare})`, ...inside]);
}

const anyOf = (conditions: readonly (string | undefined)[]): string | undefined => {
  const found = conditions.filter((condition) => condition !== undefined);
  return found.length === 0 ? undefined : `(${found.join(' OR ')})`;
};

/** The SQL that is true for the records of a table. Same scope. */
export function whereSql(table: TableShape, nested: boolean): string {
  if (!table.where) return 'true';
  return `${firstOf(wherePaths(table), nested)} IS ${table.where.is === 'null' ? 'NULL' : 'NOT NULL'}`;
}

/**
 * Renders an exploded table as a SELECT over rows of one of its record tables.
 *
 * @param options.rows - a relation with the columns of `source` and `_op`, `_version`, `_commit`, `_row`
 * @param options.list - SQL of the list to explode: the list column, or another list of its type
 */
export function explosion(options: { table: TableShape; source: TableShape; rows: string; list: string }): string {
  const { table, source, rows, list } = options;
  const columns = Object.keys(table.columns).map(
    (name) => `${elementValueSql(table, source, name, 'r._element', 'r._ordinal')} AS ${identifier(name)}`,
  );
  const key = table.primaryKey
    .filter((name) => isOfElement(table, name))
    .map((name) => `${identifier(name)}: ${elementValueSql(table, source, name, 'e', 'i')}`);
  // No sort, no window over all rows; lists whose elements all differ are the rule.
  const occurrence = `CASE WHEN len(r._keys) = len(list_distinct(r._keys)) THEN ''
      WHEN list_position(r._keys, r._keys[r._ordinal]) = r._ordinal THEN ''
      ELSE '#' || len(list_filter(r._keys[1:r._ordinal], lambda k: k = r._keys[r._ordinal])) END`;
  return `SELECT ${columns.join(', ')}, r._op, r._version, r._commit, r._row FROM (
    SELECT r.*, ${occurrence} AS _occurrence FROM (
      SELECT *, unnest(${list}) AS _element, generate_subscripts(${list}, 1) AS _ordinal,
        list_transform(${list}, lambda e, i: {${key.join(', ')}}) AS _keys FROM (${rows}) AS r) AS r) AS r`;
}

/** Key columns whose value is read from the element. */
function isOfElement(table: TableShape, name: string): boolean {
  const paths = pathsOf(name, table.columns[name]!);
  return paths.some((path) => path.startsWith('$')) && !paths.includes('$occurrence');
}

/** A column's value for one element of a list of a row `r`. `element` and `ordinal` name the element and its place, from 1. */
function elementValueSql(
  table: TableShape,
  source: TableShape,
  name: string,
  element: string,
  ordinal: string,
): string {
  const column = table.columns[name]!;
  const places = pathsOf(name, column)
    .filter((path) => path.startsWith('$') || path.split('.')[0]! in source.columns)
    .map((path) => {
      if (path === '$occurrence') return 'r._occurrence';
      if (path === '$ordinal') return isText(column.type) ? `'#' || ${ordinal}` : ordinal;
      if (path === '$element') return element;
      if (path.startsWith('$element.')) return member(element, path.slice('$element.'.length));
      return member('r', path);
    });
  const value = places.length > 1 ? `coalesce(${places.join(', ')})` : places[0]!;
  if (!column.onlyWhen) return value;
  const { path, is } = column.onlyWhen;
  return `CASE WHEN ${member(element, path)} = ${literal(is)} THEN coalesce(${value}, '') ELSE '' END`;
}

const isText = (type: ColumnType): boolean => type === 'string' || type === 'id';

function firstOf(paths: readonly string[], nested: boolean): string {
  const places = paths
    .filter((path) => nested || !path.startsWith('$parent.'))
    .map((path) => {
      if (path === '$raw') return 'raw';
      if (path.startsWith('$context.')) return member('ctx', path.slice('$context.'.length));
      if (path.startsWith('$parent.')) return member('parent', path.slice('$parent.'.length));
      return member('m', path);
    });
  return places.length > 1 ? `coalesce(${places.join(', ')})` : (places[0] ?? 'NULL');
}

const member = (root: string, path: string): string => `${root}.${path.split('.').map(identifier).join('.')}`;

/**
 * Texts of instants that mean "none": the zero of .NET and of Windows. They are NULL without a word.
 * https://learn.microsoft.com/en-us/dotnet/api/system.datetime.minvalue
 */
const NO_INSTANT = '^(0001|1601)-01-01T00:00:00([.]0*)?(Z|[+-]00:00)?$';

/**
 * The instants that every promised reader can hold. Before 1900 Spark 3 refuses a file of another writer whole
 * (https://spark.apache.org/docs/3.5.0/sql-data-sources-parquet.html, `datetimeRebaseModeInRead`); Python ends with 9999.
 */
const FIRST_INSTANT = "TIMESTAMPTZ '1900-01-01 00:00:00+00'";
const LAST_INSTANT = "TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'";

function typed(text: string, type: ColumnType): string {
  if (type === 'string' || type === 'id') return text;
  if (type === 'json') return `CAST(${text} AS VARCHAR)`;
  // Ids are texts on both sides: before the cast their places are plain, after it each would cast again.
  return refined(`TRY_CAST(${canonicalSql(text, type)} AS ${duckdbType(type)})`, type, { timestamp: withinReach });
}

const withinReach = (value: string): string =>
  `CASE WHEN ${value} BETWEEN ${FIRST_INSTANT} AND ${LAST_INSTANT} THEN ${value} END`;

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
    .map(([name, field]) => `${identifier(name)} := ${refined(member(value, name), field, by, depth)}`);
  return `CASE WHEN ${value} IS NOT NULL THEN struct_update(${value}, ${fields.join(', ')}) END`;
}

function holds(type: ColumnType, which: readonly ScalarType[]): boolean {
  if (typeof type === 'string') return which.includes(type);
  return 'list' in type ? holds(type.list, which) : Object.values(type.struct).some((field) => holds(field, which));
}
