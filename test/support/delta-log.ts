import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowsElsewhere } from './lake-pages.ts';

/** What a commit of a Delta table adds and removes. */
export interface DeltaActions {
  readonly add: readonly Record<string, unknown>[];
  readonly remove: readonly Record<string, unknown>[];
}

/** The log of an exported table. */
export const logOf = (folder: string, table: string) => join(folder, 'out/delta', table, '_delta_log');

/** The commits of a log, each with what it adds and removes. */
export function commits(folder: string, table: string): readonly DeltaActions[] {
  const names = readdirSync(logOf(folder, table)).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => {
    const lines = readFileSync(join(logOf(folder, table), name), 'utf8')
      .trim()
      .split('\n');
    const actions = lines.map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>);
    return {
      add: actions.flatMap(({ add }) => (add ? [add] : [])),
      remove: actions.flatMap(({ remove }) => (remove ? [remove] : [])),
    };
  });
}

/** The rows of the files that the commits leave, all of them read from JSON. */
export async function deltaRows(folder: string, table: string, columns: string): Promise<readonly string[]> {
  const files = new Set<string>();
  for (const { add, remove } of commits(folder, table)) {
    for (const { path } of remove) files.delete(String(path));
    for (const { path } of add) files.add(String(path));
  }
  const paths = [...files].map((path) => `'${join(folder, 'out/delta', table, path)}'`);
  if (paths.length === 0) return [];
  const rows = await rowsElsewhere(`SELECT ${columns} FROM read_parquet([${paths.join(', ')}], union_by_name = true)`);
  return rows.map((row) => JSON.stringify(row)).sort();
}
