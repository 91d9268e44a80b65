import type { ColumnType, TableShape } from './column.ts';
import { innerPaths, outward, pathsOf, recordSteps } from './column.ts';

/** The structure text that DuckDB's `from_json` takes: every scalar is read as text and cast later, so that a bad value is seen. */
export type JsonShape = string | [JsonShape] | { [key: string]: JsonShape };

/** The shape of a column's value before its cast. */
export function textShape(type: ColumnType): JsonShape {
  if (typeof type === 'string') return type === 'json' ? 'JSON' : 'VARCHAR';
  if ('list' in type) return [textShape(type.list)];
  return Object.fromEntries(Object.entries(type.struct).map(([name, field]) => [name, textShape(field)]));
}

/** What is read of the records at one place of a page: where in the record, and as what. */
export interface Leaf {
  readonly table: TableShape;
  readonly steps: readonly string[];
  readonly shape: JsonShape;
}

/** Every path that one of the tables names at a place of a page, `$parent` of the records inside among them. */
export function leavesOf(tables: readonly TableShape[], place: readonly string[]): readonly Leaf[] {
  return tables.flatMap((table) => {
    const outs = new Set(
      recordSteps(table)
        .filter((steps) => place.every((step, at) => steps[at] === step))
        .map((steps) => steps.length - place.length),
    );
    const named = [
      ...Object.entries(table.columns).flatMap(([name, column]) =>
        pathsOf(name, column).map((path) => ({ path, shape: textShape(column.type) })),
      ),
      ...wherePaths(table).map((path) => ({ path, shape: 'VARCHAR' })),
    ];
    return named.flatMap(({ path: whole, shape }) => {
      const { out, path } = outward(whole, '$parent');
      return outs.has(out) && !path.startsWith('$') ? [{ table, steps: path.split('.'), shape }] : [];
    });
  });
}

/** The shape of the records at one place of a page, `@removed` and the lists of records inside of them among it. */
export function recordShape(tables: readonly TableShape[], place: readonly string[], nested: boolean): JsonShape {
  const shape: { [key: string]: JsonShape } = { '@removed': { reason: 'VARCHAR' } };
  for (const leaf of leavesOf(tables, place)) put(shape, leaf);
  const inside = nested ? listsAt(tables, place) : [];
  for (const list of inside) shape[list] = [recordShape(tables, [...place, list], nested)];
  return shape;
}

/** The lists of records, or of what holds some, inside the records at a place. */
export function listsAt(tables: readonly TableShape[], place: readonly string[]): readonly string[] {
  const below = innerPaths(tables).filter(
    (steps) => steps.length > place.length && place.every((step, at) => steps[at] === step),
  );
  return [...new Set(below.map((steps) => steps[place.length]!))];
}

/** The paths of a table's `where`. */
export function wherePaths(table: TableShape): readonly string[] {
  const path = table.where?.path ?? [];
  return typeof path === 'string' ? [path] : path;
}

function put(root: { [key: string]: JsonShape }, { steps, shape }: Leaf): void {
  let node = root;
  for (const step of steps.slice(0, -1)) {
    const next = node[step];
    node = node[step] = typeof next === 'object' && !Array.isArray(next) ? next : {};
  }
  const last = steps.at(-1)!;
  node[last] = merged(node[last], shape);
}

function merged(known: JsonShape | undefined, leaf: JsonShape): JsonShape {
  const bothStructs =
    typeof known === 'object' && typeof leaf === 'object' && !Array.isArray(known) && !Array.isArray(leaf);
  return bothStructs ? { ...known, ...leaf } : known !== undefined && typeof known === 'object' ? known : leaf;
}

/** What tables read of the envelope of a page. */
export function contextNames(tables: readonly TableShape[]): readonly string[] {
  const paths = tables.flatMap((table) => [
    ...Object.entries(table.columns).flatMap(([name, column]) => pathsOf(name, column)),
    ...wherePaths(table),
  ]);
  const names = paths.filter((path) => path.startsWith('$context.')).map((path) => path.slice('$context.'.length));
  return [...new Set(names)];
}
