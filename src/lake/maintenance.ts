import type { TableShape } from '../schema/column.ts';
import type { LakeCore } from './core.ts';
import { CurrentRows, isDue, recordsFirst, rowsOf, writeRows } from './current.ts';
import type { DataFile } from './log.ts';
import type { TableFiles } from './relations.ts';
import { latestRows } from './relations.ts';
import type { CompactionReport } from './types.ts';

/** Files that no commit names may belong to a commit on its way; older ones do not. */
const ORPHAN_AGE_MS = 3_600_000;

/** Puts the latest rows of each table into `current/`, keeps only the deletes of its change files, removes orphans. */
export async function compact(
  core: LakeCore,
  options: { tables?: readonly string[] },
  signal?: AbortSignal,
): Promise<CompactionReport> {
  await core.catchUp();
  const current = new CurrentRows(core);
  const added: DataFile[] = [];
  const removed: string[] = [];
  const report: Record<string, CompactionReport['tables'][string]> = {};
  for (const table of recordsFirst(core, options.tables)) {
    const files = await core.filesOf(table.name);
    const before = [...files.base, ...files.older, ...files.newer];
    const due = files.base.length > 1 || (await isDue(core, table, files, true));
    const fresh: DataFile[] = due ? [await current.write(table, signal)] : [];
    if (due) await current.wrote(table, fresh);
    const history = [...files.older, ...files.newer];
    const tidy = !due && history.every((file) => file.asOf !== undefined);
    if (!tidy && history.length > 0) {
      const deletes = await writeDeletes(core, table, files, signal);
      if (deletes) fresh.push(deletes);
      removed.push(...history.map(({ path }) => path));
    }
    if (due) removed.push(...files.base.map(({ path }) => path));
    added.push(...fresh);
    const after = [...fresh, ...before.filter(({ path }) => !removed.includes(path))];
    report[table.name] = {
      filesBefore: before.length,
      filesAfter: after.length,
      rowsBefore: rowsOf(before),
      rowsAfter: rowsOf(after),
    };
  }
  if (added.length > 0 || removed.length > 0) {
    await core.commit({ added, removed, positions: {} });
    await core.store.delete(removed);
  }
  return { tables: report, orphansRemoved: await removeOrphans(core, signal) };
}

/** Deletes that still outrank versions of their rows that may arrive late. */
async function writeDeletes(
  core: LakeCore,
  table: TableShape,
  files: TableFiles,
  signal?: AbortSignal,
): Promise<DataFile | undefined> {
  const query = `SELECT * FROM (${latestRows(table, files)}) WHERE _op = 'delete'`;
  const [found] = await core.duck.rows(`SELECT count(*)::DOUBLE AS n FROM (${query})`, [], signal);
  if (found?.['n'] === 0) return undefined;
  const written = await writeRows(core, { folder: 'tables', table, query }, signal);
  return { ...written, kind: 'changes', deletes: written.rows };
}

async function removeOrphans(core: LakeCore, signal?: AbortSignal): Promise<number> {
  const orphans: string[] = [];
  for (const prefix of ['tables/', 'current/']) {
    for await (const { key, modifiedAtMs } of core.store.list(prefix, {}, signal)) {
      const settled = core.runtime.now() - modifiedAtMs > ORPHAN_AGE_MS;
      if (settled && !core.state.files.has(key)) orphans.push(key);
    }
  }
  await core.store.delete(orphans, signal);
  return orphans.length;
}
