import type { ColumnType, TableShape } from './column.ts';
import { pathsOf } from './column.ts';

/** The structure text that DuckDB's `from_json` takes: every scalar is read as text and cast later, so that a bad value is seen. */
export type JsonShape = string | [JsonShape] | { [key: string]: JsonShape };

/** The shape of a column's value before its cast. */
export function textShape(type: ColumnType): JsonShape {
  if (typeof type === 'string') return type === 'json' ? 'JSON' : 'VARCHAR';
  if ('list' in type) return [textShape(type.list)];
  return Object.fromEntries(Object.entries(type.struct).map(([name, field]) => [name, textShape(field)]));
}

/** The shape of the record: every path that one of the tables names, and `@removed`. */
export function recordShape(tables: readonly TableShape[]): JsonShape {
  const shape: { [key: string]: JsonShape } = { '@removed': { reason: 'VARCHAR' } };
  for (const table of tables) {
    for (const [name, column] of Object.entries(table.columns)) {
      for (const path of pathsOf(name, column)) place(shape, path, textShape(column.type));
    }
    for (const path of wherePaths(table)) place(shape, path, 'VARCHAR');
  }
  return shape;
}

/** The paths of a table's `where`. */
export function wherePaths(table: TableShape): readonly string[] {
  const path = table.where?.path ?? [];
  return typeof path === 'string' ? [path] : path;
}

function place(root: { [key: string]: JsonShape }, path: string, leaf: JsonShape): void {
  if (path.startsWith('$context.') || path === '$raw') return;
  const steps = path.replace(/^\$parent\./, '').split('.');
  let node = root;
  for (const step of steps.slice(0, -1)) {
    const next = node[step];
    node = node[step] = typeof next === 'object' && !Array.isArray(next) ? next : {};
  }
  const last = steps.at(-1)!;
  node[last] = merged(node[last], leaf);
}

function merged(known: JsonShape | undefined, leaf: JsonShape): JsonShape {
  const bothStructs =
    typeof known === 'object' && typeof leaf === 'object' && !Array.isArray(known) && !Array.isArray(leaf);
  return bothStructs ? { ...known, ...leaf } : known !== undefined && typeof known === 'object' ? known : leaf;
}
