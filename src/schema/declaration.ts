import type { Column, ColumnType, TableShape } from './column.ts';
import { addressedNames, explodeSteps, outward, pathsOf, recordSteps, sourcesOf } from './column.ts';
import { schemaErrors } from './errors.ts';
import { type JsonShape, leavesOf, listsAt, wherePaths } from './json-shape.ts';
import { duckdbType } from './sql.ts';

/** The first column of every table of a lake that holds several tenants, and the key in the names of their folders. */
export const TENANT_COLUMN = 'tenant_id';

/** Where records can stand in a page: its elements, or lists inside of each, of any depth. */
const RECORDS = /^value(\.[^.$@]+)*$/;

/**
 * What only all tables together can say of a declaration, and what no compiler reads.
 *
 * @returns the tables
 * @throws SluiceError `table_invalid` - a table that could not be read, or would break every query of its lake
 */
export function checkedTables<T extends readonly TableShape[]>(tables: T): T {
  const names = new Set<string>();
  for (const table of tables) {
    if (names.has(table.name.toLowerCase())) throw invalid(table, 'name', 'Another table has it: give one of its own.');
    names.add(table.name.toLowerCase());
    checkColumns(table);
    if (table.explode === undefined) checkRecords(table, tables);
    else checkExplode(table, tables);
  }
  return tables;
}

/** The names under which a row keeps where it comes from. */
const OWN_COLUMNS = new Set(['_op', '_version', '_commit', '_row', '_raw']);

/** Every column has a name of its own, to DuckDB too, which compares without case, and a type that can be written. */
function checkColumns(table: TableShape): void {
  const seen = new Set<string>();
  for (const [name, { type }] of Object.entries(table.columns)) {
    const known = name.toLowerCase();
    // In a lake of several tenants this column says whose a row is.
    if (known === TENANT_COLUMN)
      throw invalid(
        table,
        `column "${name}"`,
        'Lakes of several tenants give this name to the tenant: take another one.',
      );
    if (name === '' || seen.has(known) || (OWN_COLUMNS.has(known) && name !== '_raw'))
      throw invalid(
        table,
        `column "${name}"`,
        'Give each column a name of its own, apart by more than case; _op, _version, _commit and _row are taken.',
      );
    seen.add(known);
    if (!canBeWritten(type))
      throw invalid(
        table,
        `column "${name}"`,
        'Give structures at least one part, and parts names that differ by more than case.',
      );
  }
  const named = [
    ...table.primaryKey,
    table.cursor,
    table.cursorElse,
    table.deletedWhen,
    table.files,
    ...(table.lasts ?? []),
  ];
  const missing = named.find((name) => name !== undefined && !Object.hasOwn(table.columns, name));
  if (missing !== undefined || table.primaryKey.length === 0)
    throw invalid(table, `"${missing ?? 'primaryKey'}"`, 'Name columns of the table; a key has at least one.');
}

function canBeWritten(type: ColumnType): boolean {
  if (typeof type === 'string') return true;
  if ('list' in type) return canBeWritten(type.list);
  const names = Object.keys(type.struct);
  const isApart = new Set(names.map((name) => name.toLowerCase())).size === names.length;
  return names.length > 0 && isApart && !names.includes('') && Object.values(type.struct).every(canBeWritten);
}

/** Every record has to be found, and each value in it to be read in one way. */
function checkRecords(table: TableShape, tables: readonly TableShape[]): void {
  const bad = table.records?.find((path) => !RECORDS.test(path));
  if (bad !== undefined || table.records?.length === 0)
    throw invalid(
      table,
      `records: "${bad ?? ''}"`,
      'Give "value", or "value.<list>", "value.<list>.<list>", … for records inside of records.',
    );
  const deepest = Math.max(...recordSteps(table).map(({ length }) => length));
  for (const [field, path] of namedPaths(table)) {
    const { out, path: inside } = outward(path, '$parent');
    if (out > deepest)
      throw invalid(table, `${field}: "${path}"`, `There are ${deepest} records around a record: take a $parent away.`);
    const isKnown = out > 0 ? isPath(inside) : inside === '$raw' || isPath(inside.replace(/^\$context\./, ''));
    if (!isKnown)
      throw invalid(table, `${field}: "${path}"`, 'Give a path in the record, $context.x, $parent.x or $raw.');
  }
  for (const place of placesAbove(table)) {
    const clash = clashOf(
      tables.filter((other) => other.resource === table.resource && other.explode === undefined),
      place,
    );
    if (clash !== undefined)
      throw invalid(
        table,
        `"${clash}" of ${['value', ...place].join('.')}`,
        'It is read in two ways, or under two names that differ in case alone: read it in one.',
      );
  }
}

/** The places of a table's records, and of those around them. */
function placesAbove(table: TableShape): readonly (readonly string[])[] {
  return recordSteps(table).flatMap((steps) => [...steps, ''].map((_, length) => steps.slice(0, length)));
}

/** A path that is read as two shapes, or as two names that DuckDB, which compares without case, cannot tell apart. */
function clashOf(tables: readonly TableShape[], place: readonly string[]): string | undefined {
  const lists = listsAt(tables, place);
  const leaves = [...leavesOf(tables, place), ...lists.map((list) => ({ steps: [list], shape: RECORD_LIST }))];
  const seen = new Map<string, { readonly name: string; readonly shape: string | undefined }>();
  for (const { steps, shape } of leaves) {
    for (const [path, kind] of spread(steps, shape)) {
      const known = seen.get(path.toLowerCase());
      if (known === undefined) seen.set(path.toLowerCase(), { name: path, shape: kind });
      else if (known.name !== path || known.shape !== kind) return path;
    }
  }
  return undefined;
}

const RECORD_LIST = 'RECORDS';

/** Every place on the way to a leaf and inside of it: what is a structure, and what is something else. */
function spread(steps: readonly string[], shape: JsonShape): readonly (readonly [path: string, kind: string])[] {
  const around = steps.slice(0, -1).map((_, at) => [steps.slice(0, at + 1).join('.'), 'structure'] as const);
  const inside = (path: string, one: JsonShape): (readonly [string, string])[] => {
    if (typeof one === 'string') return [[path, one]];
    if (Array.isArray(one)) return [[path, 'list'], ...inside(`${path}[]`, one[0])];
    return [[path, 'structure'], ...Object.entries(one).flatMap(([name, field]) => inside(`${path}.${name}`, field))];
  };
  return [...around, ...inside(steps.join('.'), shape)];
}

/** The paths that a table names, each with the field that names it. */
function namedPaths(table: TableShape): readonly (readonly [field: string, path: string])[] {
  return [
    ...Object.entries(table.columns).flatMap(([name, column]) =>
      pathsOf(name, column).map((path) => [`column "${name}"`, path] as const),
    ),
    ...wherePaths(table).map((path) => ['where', path] as const),
  ];
}

const isPath = (path: string): boolean => path.split('.').every((step) => step !== '' && !step.startsWith('$'));

/** An exploded table is made of rows: what it names is there, and has the type that it says. */
function checkExplode(table: TableShape, tables: readonly TableShape[]): void {
  const named = addressedNames(table);
  const [list, ...inner] = explodeSteps(table);
  if (list === undefined && named === undefined) return;
  const field = named ? `explode: in "${named.in.join('", "')}"` : `explode: "${[list, ...inner].join('.')}"`;
  const sources = sourcesOf(table, tables);
  const noList = named
    ? `Give texts that the tables of ${table.resource} have, and a column id: "body.content", "attachments.content".`
    : `Give a list column that a table of ${table.resource} has, one that is not exploded itself; then the lists inside of its elements: ["sessions", "segments"].`;
  if (sources.length === 0) throw invalid(table, field, noList);
  if (table.where !== undefined || table.records !== undefined)
    throw invalid(table, table.where ? 'where' : 'records', 'It has the rows of its record table: choose there.');
  const tellsApart = (name: string) => pathsOf(name, table.columns[name]!).every((path) => APART.has(path));
  if (!named && !table.primaryKey.some(tellsApart))
    throw invalid(
      table,
      'primaryKey',
      'Add a column from $occurrence, or from $ordinal: elements with the same key would be one row.',
    );
  for (const source of sources) {
    const elements = named ? textElements(named.in, source) : elementsOf(source.columns[list!]!.type, inner);
    if (elements === undefined) throw invalid(table, field, noList);
    for (const [name, column] of Object.entries(table.columns))
      checkElementColumn(table, name, column, source, elements);
  }
}

/** What differs between the elements of one list. */
const APART: ReadonlySet<string> = new Set(['$occurrence', '$ordinal']);

/** Names are texts. Undefined: something on these paths is no text, or nothing says whose the texts are. */
function textElements(paths: readonly string[], source: TableShape): readonly ColumnType[] | undefined {
  const types = paths.map((path) => {
    const [name, ...part] = path.split('.') as [string, ...string[]];
    const { type } = source.columns[name]!;
    const held = typeof type === 'object' && 'list' in type ? type.list : type;
    return part.length > 0 ? partOf(held, part.join('.')) : held;
  });
  const own = source.columns['id']?.type;
  return [...types, own].every((type) => type !== undefined && isTextType(type)) ? ['string'] : undefined;
}

/** The types of the elements on the way into a list, the innermost first. Undefined: one of the lists is none. */
function elementsOf(type: ColumnType, inner: readonly string[]): readonly ColumnType[] | undefined {
  if (typeof type === 'string' || !('list' in type)) return undefined;
  const [next, ...rest] = inner;
  if (next === undefined) return [type.list];
  const inside = partOf(type.list, next);
  const deeper = inside && elementsOf(inside, rest);
  return deeper && [...deeper, type.list];
}

/** The type of a part of a structure, by a path of names. */
function partOf(type: ColumnType, path: string): ColumnType | undefined {
  let at: ColumnType | undefined = type;
  for (const step of path.split('.'))
    at = typeof at === 'object' && 'struct' in at && Object.hasOwn(at.struct, step) ? at.struct[step] : undefined;
  return at;
}

function checkElementColumn(
  table: TableShape,
  name: string,
  column: Column,
  source: TableShape,
  elements: readonly ColumnType[],
): void {
  const { onlyWhen } = column;
  const fault = (path: string) =>
    invalid(
      table,
      `column "${name}": "${path}"`,
      `Give a column of ${source.name}, a part of the element ($element.x) or of what is around it ($outer.x), of the type that the column has.`,
    );
  if (onlyWhen && (partOf(elements[0]!, onlyWhen.path) === undefined || !isTextType(column.type)))
    throw fault(onlyWhen.path);
  const paths = pathsOf(name, column).filter((path) => path.startsWith('$') || path.split('.')[0]! in source.columns);
  if (paths.length === 0) throw fault(pathsOf(name, column)[0] ?? '');
  for (const path of paths) {
    const type = elementPathType(path, column.type, source, elements);
    if (type === undefined || duckdbType(type) !== duckdbType(column.type)) throw fault(path);
  }
}

/** Of what type the value on a path is; undefined: there is none. */
function elementPathType(
  whole: string,
  declared: ColumnType,
  source: TableShape,
  elements: readonly ColumnType[],
): ColumnType | undefined {
  if (whole === '$element') return elements[0];
  if (whole === '$occurrence') return 'string';
  const { out, path } = outward(whole, '$outer');
  const element = elements[out];
  if (element === undefined) return undefined;
  if (path === '$ordinal') return isTextType(declared) || ORDINALS.has(declared) ? declared : undefined;
  if (out > 0) return partOf(element, path);
  if (path.startsWith('$element.')) return partOf(element, path.slice('$element.'.length));
  const [column, ...rest] = path.split('.') as [string, ...string[]];
  const type = source.columns[column]?.type;
  return type && (rest.length === 0 ? type : partOf(type, rest.join('.')));
}

const isTextType = (type: ColumnType): boolean => type === 'string' || type === 'id';
const ORDINALS = new Set<ColumnType>(['int32', 'int64', 'double']);

const invalid = (table: TableShape, field: string, valid: string) =>
  schemaErrors.table_invalid({ table: table.name, field, valid });
