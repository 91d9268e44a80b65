import type { TableShape } from '../../schema/column.ts';
import { identifiers } from '../../schema/sql.ts';
import type { DataFile, LakeState, Milestone } from '../log/commit-record.ts';
import { leaseOfFile } from '../log/names.ts';
import type { CompactionReport, Version } from '../types.ts';
import { FILE_ROWS, type WriteOptions, writeRows } from './base-files.ts';
import type { LakeCore } from './core.ts';
import { preparePublication, removeReplaced, showCurrent } from './current.ts';
import { verifyFile } from './files.ts';
import { removeUnnamed } from './named-files.ts';
import type { ReadableFile, TableFiles } from './relations.ts';
import { foundFiles, latestRows, scan, winners } from './relations.ts';

/** Makes many small files few, drops changes that are beyond their retention, and removes files that nobody needs. */
export async function compact(
  core: LakeCore,
  options: { tables?: readonly string[] },
  signal?: AbortSignal,
): Promise<CompactionReport> {
  await core.catchUp();
  const before = core.state;
  const feedFrom = expiredVersion(
    before,
    core.runtime.now() - core.keeping.retentionMs,
    core.keeping.retentionMs === 0,
  );
  const publication = await preparePublication(core, { ...options, merge: true }, signal);
  const added = [...publication.added];
  const removed = [...publication.removed];
  for (const table of core.tables.filter(({ explode }) => explode === undefined)) {
    // The least version holds for all tables: trimming leaves none out.
    const isChosen = options.tables?.includes(table.name) ?? true;
    if (!isChosen && feedFrom === before.feedFrom) continue;
    const history = await rewriteHistory(core, table, feedFrom, signal);
    added.push(...history.added);
    removed.push(...history.removed);
  }
  await core.lease.check();
  if (added.length > 0 || removed.length > 0) {
    await core.commit({ added, removed, positions: {}, published: publication.published, feedFrom });
  }
  await showCurrent(core, signal);
  await removeReplaced(core, signal);
  return {
    tables: reportOf(core.tables, before, core.state),
    feedFrom: core.state.feedFrom,
    orphansRemoved: await removeOrphans(core, signal),
    contentsRemoved: await removeUnnamed(core, signal),
  };
}

/** The last version whose changes nobody was promised any more. */
function expiredVersion({ milestones, feedFrom, version }: LakeState, beforeMs: number, all: boolean): Version {
  if (all) return version;
  const expired = milestones.filter(([, atMs]: Milestone) => atMs < beforeMs);
  return Math.max(feedFrom, expired.at(-1)?.[0] ?? 0);
}

/**
 * The changes of a table after `feedFrom`, in few files; before it only what is still needed: the row that each change is
 * compared with (its elements may be deletes), and deletes that outrank versions which may arrive late.
 */
async function rewriteHistory(
  core: LakeCore,
  table: TableShape,
  feedFrom: Version,
  signal?: AbortSignal,
): Promise<{ added: readonly DataFile[]; removed: readonly string[] }> {
  const stored = core.stored(table);
  const changes = [...stored.files.older, ...stored.files.newer];
  const isTidy = changes.length <= 2 && changes.every(({ asOf }) => asOf !== undefined);
  if (changes.length === 0 || (isTidy && feedFrom === core.state.feedFrom)) return { added: [], removed: [] };
  const files = await foundFiles(stored, signal);
  const history = [...files.older, ...files.newer];
  for (const file of history) await verifyFile(file);
  const kept = keptChanges(table, files, history, feedFrom);
  const added: DataFile[] = [];
  for (const op of ['upsert', 'delete']) {
    const rows = `SELECT * FROM (${kept}) WHERE _op = '${op}' ORDER BY _commit, _row`;
    const written = await writeRows(core, table, rows, HISTORY, signal);
    added.push(...written.map((file) => ({ ...file, asOf: core.state.version })));
  }
  return { added, removed: history.map(({ path }) => path) };
}

/** History is read in ranges of versions and never rewritten for a single row: its files may be large. */
const HISTORY: WriteOptions = { kind: 'changes', rowsOfFile: 32 * FILE_ROWS };

function keptChanges(
  table: TableShape,
  files: TableFiles<ReadableFile>,
  history: readonly ReadableFile[],
  feedFrom: Version,
): string {
  const key = identifiers(table.primaryKey);
  const all = scan(table, history);
  const promised = `SELECT * FROM (${all}) WHERE _commit > ${feedFrom}`;
  const before = `(SELECT * FROM (${all}) SEMI JOIN (${promised}) AS promised USING (${key}) WHERE _commit <= ${feedFrom})`;
  const latest = latestRows(table, files, { columns: table.primaryKey });
  const deletes = `SELECT _commit, _row FROM (${latest}) WHERE _op = 'delete'`;
  return `${promised} UNION ALL SELECT * FROM (${all}) SEMI JOIN
    (${winners(table, before)} UNION ${deletes}) AS needed USING (_commit, _row) WHERE _commit <= ${feedFrom}`;
}

function reportOf(tables: readonly TableShape[], before: LakeState, after: LakeState): CompactionReport['tables'] {
  const filesOf = (state: LakeState, name: string) => [...state.files.values()].filter(({ table }) => table === name);
  const rowsOf = (files: readonly DataFile[]) => files.reduce((sum, { rows }) => sum + rows, 0);
  return Object.fromEntries(
    tables.map(({ name }) => {
      const [old, now] = [filesOf(before, name), filesOf(after, name)];
      return [
        name,
        { filesBefore: old.length, filesAfter: now.length, rowsBefore: rowsOf(old), rowsAfter: rowsOf(now) },
      ];
    }),
  );
}

/**
 * Files that no commit names and that no commit can name any more: those of earlier leases, which the log has fenced off,
 * and those of format 1, whose writers cannot go on after a commit of this one. No clock is asked.
 */
async function removeOrphans(core: LakeCore, signal?: AbortSignal): Promise<number> {
  const orphans: string[] = [];
  for await (const { key } of core.store.list('tables/', {}, signal)) {
    const isNamed = core.state.files.has(key) || core.state.replaced.has(key);
    if (!isNamed && (leaseOfFile(key) ?? 0) < core.lease.number) orphans.push(key);
  }
  await core.store.delete(orphans, signal);
  return orphans.length;
}
