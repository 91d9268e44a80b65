import type { Column, ColumnType, TableShape } from './column.ts';
import { pathsOf } from './column.ts';
import { wherePaths } from './json-shape.ts';
import { duckdbType, identifier } from './sql.ts';

/**
 * The SQL of a column's value, cast. In scope: `m` (the record), `ctx` (the envelope's facts), `raw` (the record's JSON)
 * and, for nested records, `parent` (the record around it). The same as a function: {@link recordReader}.
 */
export function valueSql(name: string, column: Column, nested: boolean): string {
  return typed(textSql(name, column, nested), column.type);
}

/** The same before its cast. */
export function textSql(name: string, column: Column, nested: boolean): string {
  return firstOf(pathsOf(name, column), nested);
}

/**
 * The SQL that is true when a text is there but is not of its type: a time that is none. Nothing for texts and JSON,
 * which hold whatever came, and for lists and structures.
 */
export function malformedSql(text: string, type: ColumnType): readonly string[] {
  if (typeof type !== 'string' || type === 'string' || type === 'json') return [];
  return [`(nullif(${text}, '') IS NOT NULL AND ${typed(text, type)} IS NULL)`];
}

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
  // Elements that repeat the key of one before them in their list are left out: no sort, no window over all rows.
  const key = table.primaryKey
    .filter((name) => pathsOf(name, table.columns[name]!).some((path) => path.startsWith('$')))
    .map((name) => `${identifier(name)}: ${elementValueSql(table, source, name, 'e', 'i')}`);
  return `SELECT ${columns.join(', ')}, r._op, r._version, r._commit, r._row FROM (
    SELECT *, unnest(${list}) AS _element, generate_subscripts(${list}, 1) AS _ordinal,
      list_transform(${list}, lambda e, i: {${key.join(', ')}}) AS _keys FROM (${rows}) AS r) AS r
    WHERE list_position(r._keys, r._keys[r._ordinal]) = r._ordinal`;
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
      if (path === '$ordinal') return column.type === 'string' ? `'#' || ${ordinal}` : ordinal;
      if (path === '$element') return element;
      if (path.startsWith('$element.')) return member(element, path.slice('$element.'.length));
      return member('r', path);
    });
  return places.length > 1 ? `coalesce(${places.join(', ')})` : places[0]!;
}

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

function typed(expression: string, type: ColumnType): string {
  return type === 'string' || type === 'json' ? expression : `TRY_CAST(${expression} AS ${duckdbType(type)})`;
}
