import { copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableShape } from '../schema/column.ts';
import { sourcesOf } from '../schema/column.ts';
import { identifiers, literal } from '../schema/sql.ts';
import type { LakeCore } from './core.ts';
import { PARQUET } from './duck.ts';
import { countMismatch } from './errors.ts';
import type { DataFile } from './log.ts';
import { coveredVersion, cursorOf } from './log.ts';
import type { TableFiles } from './relations.ts';
import { currentRows, distinctKeysSql, explodedRows, latestRows } from './relations.ts';
import type { CompactionReport } from './types.ts';

/** `current/` is rewritten when this share of its rows changed … */
const WORTH_SHARE = 0.05;
/** … or when the table is this small anyway. */
const SMALL_ROWS = 20_000;
/** Files that no commit names may belong to a commit on its way; older ones do not. */
const ORPHAN_AGE_MS = 3_600_000;
/** Small row groups let a reader of recent rows skip the rest. */
const ROW_GROUP_ROWS = 30_720;

/** Rewrites `current/<table>` where it lags. New file, commit, then the old one goes. */
export async function publish(
  core: LakeCore,
  options: { force?: boolean; tables?: readonly string[] },
  signal?: AbortSignal,
): Promise<readonly string[]> {
  await core.catchUp();
  const added: DataFile[] = [];
  const removed: string[] = [];
  for (const table of wanted(core, options.tables)) {
    const files = await core.filesOf(table.name);
    if (!(await isDue(core, table, files, options.force ?? false))) continue;
    added.push(...((await adopt(core, table, files, signal)) ?? [await writeCurrent(core, table, signal)]));
    removed.push(...files.base.map(({ path }) => path));
  }
  if (added.length === 0) return [];
  await core.commit({ added, removed, positions: {} });
  await core.store.delete(removed);
  return added.map(({ table }) => table);
}

/** Puts the latest rows of each table into `current/`, keeps only the deletes of its change files, removes orphans. */
export async function compact(
  core: LakeCore,
  options: { tables?: readonly string[] },
  signal?: AbortSignal,
): Promise<CompactionReport> {
  await core.catchUp();
  const added: DataFile[] = [];
  const removed: string[] = [];
  const report: Record<string, CompactionReport['tables'][string]> = {};
  for (const table of wanted(core, options.tables)) {
    const files = await core.filesOf(table.name);
    const before = [...files.base, ...files.older, ...files.newer];
    const due = files.base.length > 1 || (await isDue(core, table, files, true));
    const fresh: DataFile[] = due ? [await writeCurrent(core, table, signal)] : [];
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

/** The SQL of a table's current rows with their stamps. */
export async function currentSql(core: LakeCore, table: TableShape): Promise<string> {
  if (table.explode === undefined) return currentRows(table, await core.filesOf(table.name));
  const relations = new Map<string, string>();
  for (const source of sourcesOf(table, core.tables)) relations.set(source.name, await currentSql(core, source));
  return explodedRows(table, core.tables, (source) => relations.get(source.name)!);
}

/** Current rows per table: from the log where `current/` is fresh, else counted. */
export async function rowCounts(core: LakeCore): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of core.tables) {
    const { base } = await core.filesOf(table.name);
    if (base[0] && (await changedRows(core, table, base[0].asOf!)) === 0) {
      counts[table.name] = rowsOf(base);
      continue;
    }
    const [found] = await core.duck.rows(`SELECT count(*)::DOUBLE AS n FROM (${await currentSql(core, table)})`);
    counts[table.name] = Number(found?.['n']);
  }
  return counts;
}

function wanted(core: LakeCore, names: readonly string[] | undefined): readonly TableShape[] {
  return names === undefined ? core.tables : core.tables.filter(({ name }) => names.includes(name));
}

const rowsOf = (files: readonly DataFile[]) => files.reduce((sum, { rows }) => sum + rows, 0);

/** Change rows of the table, or of the tables it is made of, after `asOf`. */
async function changedRows(core: LakeCore, table: TableShape, asOf: number): Promise<number> {
  const sources = table.explode === undefined ? [table] : sourcesOf(table, core.tables);
  let rows = 0;
  for (const source of sources) {
    const { older, newer } = await core.filesOf(source.name);
    rows += rowsOf([...older, ...newer].filter((file) => coveredVersion(file) > asOf));
  }
  return rows;
}

async function isDue(core: LakeCore, table: TableShape, files: TableFiles, force: boolean): Promise<boolean> {
  const base = files.base[0];
  const changed = await changedRows(core, table, base?.asOf ?? 0);
  if (!base) return changed > 0 || force;
  const rows = rowsOf(files.base);
  return changed > 0 && (force || rows <= SMALL_ROWS || changed >= rows * WORTH_SHARE);
}

/**
 * A first load mostly brings each row once. Then its change files are the current rows as they are, and copies of them
 * become `current/`. Undefined: they are not.
 */
async function adopt(
  core: LakeCore,
  table: TableShape,
  { base, older, newer }: TableFiles,
  signal?: AbortSignal,
): Promise<DataFile[] | undefined> {
  const first = newer.length > 0 && base.length + older.length === 0 && newer.every(({ deletes }) => deletes === 0);
  if (!first) return undefined;
  const [distinct] = await core.duck.rows(distinctKeysSql(table, newer), [], signal);
  if (distinct?.['yes'] !== true) return undefined;
  const asOf = core.state.version;
  const adopted: DataFile[] = [];
  for (const { localPath, version, ...file } of newer) {
    const { path, localPath: copy } = await unwritten(core, `current/${table.name}`);
    await copyFile(localPath, copy);
    await core.store.putFile(path, copy, signal);
    adopted.push({ ...file, kind: 'base', path, asOf });
  }
  return adopted;
}

async function writeCurrent(core: LakeCore, table: TableShape, signal?: AbortSignal): Promise<DataFile> {
  const query = `SELECT * FROM (${await currentSql(core, table)}) ${orderOf(table)}`;
  const written = await write(core, `current/${table.name}`, table.name, query, signal);
  return { ...written, kind: 'base', deletes: 0 };
}

/** Elements stand in the order of their records, which are sorted. */
function orderOf(table: TableShape): string {
  if (table.explode !== undefined) return '';
  return `ORDER BY ${table.cursor === undefined ? identifiers(table.primaryKey) : '_version'}`;
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
  const written = await write(core, `tables/${table.name}`, table.name, query, signal);
  return { ...written, kind: 'changes', deletes: written.rows };
}

async function write(core: LakeCore, folder: string, table: string, query: string, signal?: AbortSignal) {
  const asOf = core.state.version;
  const { path, localPath } = await unwritten(core, folder);
  const [copied] = await core.duck.rows(
    `COPY (${query}) TO ${literal(localPath)} (${PARQUET}, ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`,
    [],
    signal,
  );
  const [facts] = await core.duck.rows(
    `SELECT num_rows::DOUBLE AS n FROM parquet_file_metadata(${literal(localPath)})`,
  );
  const rows = Number(copied?.['Count']);
  if (facts?.['n'] !== rows) throw countMismatch(table, rows, Number(facts?.['n']));
  const [latest] = await core.duck.rows(
    `SELECT epoch_ms(max(_version) FILTER (isfinite(_version)))::DOUBLE AS at FROM read_parquet(${literal(localPath)})`,
  );
  const { size } = await stat(localPath);
  await core.store.putFile(path, localPath, signal);
  return { table, path, rows, bytes: size, asOf, ...cursorOf(latest?.['at']) };
}

/** A name for a new file, and the scratch file that becomes it. */
async function unwritten(core: LakeCore, folder: string): Promise<{ path: string; localPath: string }> {
  const name = `${String(core.state.version).padStart(10, '0')}-${core.runtime.id()}.parquet`;
  return { path: `${folder}/${name}`, localPath: join(await core.scratch('maintenance'), name) };
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
