import { identifier } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';
import { CONTENTS_PREFIX } from '../log/names.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { LakeCore } from './core.ts';
import { currentRows, foundFiles, type StoredTable, scan } from './relations.ts';

const LIST = 'named_files';

/**
 * Makes a list in DuckDB of the files that rows name: a table with the column `file`. Undefined: no table names any.
 *
 * @param which - the rows that stand, or those of kept changes too
 */
export async function listNamedFiles(
  duck: Duck,
  stored: readonly StoredTable[],
  which: 'standing' | 'all',
  signal?: AbortSignal,
): Promise<string | undefined> {
  const parts: string[] = [];
  for (const one of stored) {
    const { table } = one;
    if (table.files === undefined) continue;
    const found = await foundFiles(one, signal);
    const rows =
      which === 'standing'
        ? currentRows(table, found)
        : scan(table, [...found.base, ...found.newer, ...found.older], { columns: [table.files] });
    parts.push(`SELECT ${identifier(table.files)} AS file FROM (${rows})`);
  }
  if (parts.length === 0) return undefined;
  const all = parts.join(' UNION ALL ');
  await duck.run(`CREATE OR REPLACE TEMP TABLE ${LIST} AS SELECT DISTINCT file FROM (${all}) WHERE file IS NOT NULL`);
  return LIST;
}

const FILES_AT_A_TIME = 1_000;

/** Files beside the tables that no row names, in parts. */
export async function* unnamedFiles(
  duck: Duck,
  store: ObjectStore,
  list: string,
  signal?: AbortSignal,
): AsyncGenerator<readonly { readonly key: string; readonly size: number }[]> {
  let part: { readonly key: string; readonly size: number }[] = [];
  const unnamed = async () => {
    const named = await duck.rows(
      `SELECT file FROM ${list} WHERE file IN (${part.map((_, at) => `$${at + 1}`).join(', ')})`,
      part.map(({ key }) => key),
      signal,
    );
    const known = new Set(named.map(({ file }) => file));
    return part.filter(({ key }) => !known.has(key));
  };
  for await (const { key, size } of store.list(CONTENTS_PREFIX, {}, signal)) {
    part.push({ key, size });
    if (part.length < FILES_AT_A_TIME) continue;
    yield await unnamed();
    part = [];
  }
  if (part.length > 0) yield await unnamed();
}

/**
 * Removes files beside the tables that no row names any more, those of kept changes too. The lease is held: nobody else writes.
 *
 * @returns how many
 */
export async function removeUnnamed(core: LakeCore, signal?: AbortSignal): Promise<number> {
  const stored = core.tables.filter(({ files }) => files !== undefined).map((table) => core.stored(table));
  const list = await listNamedFiles(core.duck, stored, 'all', signal);
  if (list === undefined) return 0;
  let removed = 0;
  for await (const part of unnamedFiles(core.duck, core.store, list, signal)) {
    await core.lease.check();
    await core.store.delete(
      part.map(({ key }) => key),
      signal,
    );
    removed += part.length;
  }
  await core.duck.run(`DROP TABLE ${list}`);
  return removed;
}
