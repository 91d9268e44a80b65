import type { AddressedNames, ColumnType, TableShape } from './column.ts';
import { addressedNames, explodeSteps, outward, pathsOf } from './column.ts';
import { duckdbType, identifier, literal, memberSql } from './sql.ts';

/** How an element, what holds it and their places are called where a value is read. */
interface Scope {
  readonly element: string;
  readonly ordinal: string;
  /** The element that holds it first, then the one around that. */
  readonly outers: readonly { readonly element: string; readonly ordinal: string }[];
}

/**
 * Renders an exploded table as a SELECT over rows of one of its record tables.
 *
 * @param options.rows - a relation with the columns of `source` and `_op`, `_version`, `_commit`, `_row`
 * @param options.list - SQL of the list to explode: {@link elementsSql}, or another list of its type
 */
export function explosion(options: { table: TableShape; source: TableShape; rows: string; list: string }): string {
  const { table, source, rows, list } = options;
  const here = scopeOf(table, 'r._item', 'r._at');
  const columns = Object.keys(table.columns).map(
    (name) => `${elementValueSql(table, source, name, here)} AS ${identifier(name)}`,
  );
  const each = scopeOf(table, 'v', 'p');
  const key = table.primaryKey
    .filter((name) => isOfElement(table, name))
    .map((name) => `${identifier(name)}: ${elementValueSql(table, source, name, each)}`);
  // No sort, no window over all rows; lists whose elements all differ are the rule.
  const occurrence = `CASE WHEN len(r._keys) = len(list_distinct(r._keys)) THEN ''
      WHEN list_position(r._keys, r._keys[r._at]) = r._at THEN ''
      ELSE '#' || len(list_filter(r._keys[1:r._at], lambda k: k = r._keys[r._at])) END`;
  const isMade = explodeSteps(table).length !== 1;
  const items = isMade ? '_items' : list;
  const records = isMade ? `SELECT *, ${itemsSql(table, list)} AS _items FROM (${rows}) AS r` : rows;
  return `SELECT ${columns.join(', ')}, r._op, r._version, r._commit, r._row FROM (
    SELECT r.*, ${occurrence} AS _occurrence FROM (
      SELECT *, unnest(${items}) AS _item, generate_subscripts(${items}, 1) AS _at,
        list_transform(${items}, lambda v, p: {${key.join(', ')}}) AS _keys FROM (${records}) AS r) AS r) AS r`;
}

/**
 * The SQL of the list that an exploded table is made of.
 *
 * @param column - the SQL of a column of the record table, by name
 */
export function elementsSql(table: TableShape, source: TableShape, column: (name: string) => string): string {
  const named = addressedNames(table);
  return named ? namesSql(named, source, column) : column(explodeSteps(table)[0]!);
}

/** What ends a step of an address in a text, an attribute or a text of JSON. */
const STEP = `[^/\\s"''<>\\\\?#]+`;

/** Most texts hold no address: they are left out before a pattern looks at them. */
function namesSql({ names, in: paths }: AddressedNames, source: TableShape, column: (name: string) => string): string {
  const step = `/${names}/`;
  const texts = `list_filter(flatten([${paths.map((path) => textsSql(path, source, column)).join(', ')}]), lambda t: contains(t, ${literal(step)}))`;
  const addresses = `regexp_extract_all(coalesce(array_to_string(${texts}, ' '), ''), '${STEP}${step}${STEP}')`;
  const own = `list_filter(${addresses}, lambda a: starts_with(a, ${literal(`..${step}`)}) OR starts_with(a, ${column('id')} || ${literal(step)}))`;
  return `list_sort(list_distinct(list_transform(${own}, lambda a: split_part(a, '/', 3))))`;
}

/** The texts on a path, as a list. */
function textsSql(path: string, source: TableShape, column: (name: string) => string): string {
  const [name, ...part] = path.split('.') as [string, ...string[]];
  const { type } = source.columns[name]!;
  const textOf = (value: string) => (part.length > 0 ? memberSql(value, part.join('.')) : value);
  if (typeof type === 'object' && 'list' in type) return `list_transform(${column(name)}, lambda e: ${textOf('e')})`;
  return `[${textOf(column(name))}]`;
}

/** The SQL of how many elements a list of a record comes to. */
export function elementCountSql(table: TableShape, list: string): string {
  const [, ...inner] = explodeSteps(table);
  const count = (of: string, at: number): string => {
    if (at === inner.length) return `coalesce(len(${of}), 0)`;
    const inside = count(memberSql(`e${at}`, inner[at]!), at + 1);
    return `coalesce(list_sum(list_transform(${of}, lambda e${at}: ${inside})), 0)`;
  };
  return count(list, 0);
}

/**
 * All elements of one record in one list, in order. Of lists inside of lists an item is the element (`e`), its place
 * (`i`), and of each element around it the place (`i1`, `i2`, …) and the parts that columns name (`o1`, `o2`, …).
 */
function itemsSql(table: TableShape, list: string): string {
  const [, ...inner] = explodeSteps(table);
  if (inner.length === 0) return list;
  const named = outerParts(table);
  const level = (of: string, at: number): string => {
    const lambda = `lambda e${at}, i${at}`;
    if (at < inner.length)
      return `flatten(list_transform(${of}, ${lambda}: ${level(memberSql(`e${at}`, inner[at]!), at + 1)}))`;
    const outers = inner.flatMap((_, k) => {
      const around = at - k - 1;
      const parts = [...(named.get(k + 1) ?? [])].map((name) => `${identifier(name)}: e${around}.${identifier(name)}`);
      return [...(parts.length > 0 ? [`o${k + 1}: {${parts.join(', ')}}`] : []), `i${k + 1}: i${around}`];
    });
    return `list_transform(${of}, ${lambda}: {e: e${at}, i: i${at}, ${outers.join(', ')}})`;
  };
  return level(list, 0);
}

/** By level, from the element outwards: the parts of the elements around it that columns name. */
function outerParts(table: TableShape): ReadonlyMap<number, ReadonlySet<string>> {
  const parts = new Map<number, Set<string>>();
  for (const [name, column] of Object.entries(table.columns)) {
    for (const { out, path } of pathsOf(name, column).map((one) => outward(one, '$outer'))) {
      if (out === 0 || path === '$ordinal') continue;
      parts.set(out, (parts.get(out) ?? new Set()).add(path.split('.')[0]!));
    }
  }
  return parts;
}

function scopeOf(table: TableShape, item: string, at: string): Scope {
  const [, ...inner] = explodeSteps(table);
  if (inner.length === 0) return { element: item, ordinal: at, outers: [] };
  const outers = inner.map((_, k) => ({ element: `${item}.o${k + 1}`, ordinal: `${item}.i${k + 1}` }));
  return { element: `${item}.e`, ordinal: `${item}.i`, outers };
}

/** Key columns whose value is read from the element or what is around it. */
function isOfElement(table: TableShape, name: string): boolean {
  const paths = pathsOf(name, table.columns[name]!);
  return paths.some((path) => path.startsWith('$')) && !paths.includes('$occurrence');
}

/** A column's value for one element of a list of a row `r`. */
function elementValueSql(table: TableShape, source: TableShape, name: string, scope: Scope): string {
  const column = table.columns[name]!;
  const places = pathsOf(name, column)
    .filter((path) => path.startsWith('$') || path.split('.')[0]! in source.columns)
    .map((one) => {
      if (one === '$occurrence') return 'r._occurrence';
      if (one === '$element') return scope.element;
      const { out, path } = outward(one, '$outer');
      const around = out === 0 ? scope : scope.outers[out - 1]!;
      // A place has eight bytes: beside it every number would have as many.
      if (path === '$ordinal')
        return isText(column.type) ? `'#' || ${around.ordinal}` : `${around.ordinal}::${duckdbType(column.type)}`;
      if (out > 0) return memberSql(around.element, path);
      if (path.startsWith('$element.')) return memberSql(scope.element, path.slice('$element.'.length));
      return memberSql('r', path);
    });
  const value = places.length > 1 ? `coalesce(${places.join(', ')})` : places[0]!;
  if (!column.onlyWhen) return value;
  const { path, is } = column.onlyWhen;
  return `CASE WHEN ${memberSql(scope.element, path)} = ${literal(is)} THEN coalesce(${value}, '') ELSE '' END`;
}

const isText = (type: ColumnType): boolean => type === 'string' || type === 'id';
