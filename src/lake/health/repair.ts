import { sourcesOf, type TableShape } from '../../schema/column.ts';
import { identifiers } from '../../schema/sql.ts';
import { linesOf } from '../load/kept-pages.ts';
import { beginLoad } from '../load/load.ts';
import type { DataFile } from '../log/commit-record.ts';
import { surveyLog } from '../log/log-survey.ts';
import { repairLoadId } from '../log/names.ts';
import { isPartitionOf, splitKey } from '../log/partition-key.ts';
import { writeRows } from '../tables/base-files.ts';
import type { LakeCore } from '../tables/core.ts';
import { publish } from '../tables/current.ts';
import { latestRows, scan, someFiles } from '../tables/relations.ts';
import { parseEnvelope } from '../transform/spool.ts';
import type { PartitionKey, RepairReport } from '../types.ts';
import { lookAtContents, rowsNaming } from './content-files.ts';
import type { Diagnosed, Remedy } from './diagnosis.ts';
import { currentFaults, diagnose } from './diagnosis.ts';
import { partitionsOf } from './fsck.ts';

/**
 * Mends a lake whose log can be read. Positions are forgotten in the commit that gives rows up, and come back with the
 * rows: whenever it is interrupted, the next sync reads what is missing.
 */
export async function repair(core: LakeCore, signal?: AbortSignal): Promise<RepairReport> {
  const loadId = repairLoadId(core.runtime.id());
  const found = await core.exclusive(async () => {
    await core.catchUp();
    const { commits } = await surveyLog(core.store, signal);
    const { store, tables, duck, state } = core;
    return diagnose({ store, tables, duck, state, commits }, signal);
  });
  // Begun before positions are forgotten: pages that are landed again are compared with the rows that stand.
  const before = core.state.positions;
  const load = await beginLoad(core, { loadId });
  await core.exclusive(() => copyBack(core, found));
  const dropped = await core.exclusive(() => giveUp(core, found, signal));
  const landed = await landAgain(core, load, rawOf(core, found), before, signal).finally(() => load.abandon());
  await core.exclusive(async () => {
    const { store, tables, state } = core;
    const faults = await currentFaults({ store, tables, state }, signal);
    await store.delete(faults.map(({ file }) => file));
    await publish(core, {}, signal);
  });
  const forgottenFiles = await forgetContents(core, signal);
  const gone = dropped.removed.filter((path) => !dropped.rebuilt.includes(path));
  return {
    restored: [...pathsOf(found, 'copy'), ...dropped.rebuilt],
    dropped: [...gone, ...forgottenFiles],
    landedAgain: landed,
    forgotten: [...before.keys()].filter((key) => !core.state.positions.has(key)),
    feedFrom: dropped.feedFrom,
  };
}

/** Rows of files that are lost or changed go with them: the next sync that fetches contents has both again. */
async function forgetContents(core: LakeCore, signal?: AbortSignal): Promise<readonly string[]> {
  const { store, tables, duck } = core;
  const lost = await core.exclusive(async () => {
    const lake = { store, tables, duck, state: core.state };
    const files = (await lookAtContents(lake, signal)).faults.map(({ file }) => file);
    return { files, named: files.length > 0 ? await rowsNaming(lake, files) : [] };
  });
  if (lost.files.length === 0) return [];
  const load = await beginLoad(core, { loadId: repairLoadId(core.runtime.id()) });
  try {
    for (const { table, rows, latestMs } of lost.named) {
      if (rows.length === 0) continue;
      const value = rows.map((row) => ({ ...row, '@removed': { reason: 'deleted' } }));
      await load.append({
        resource: table.resource,
        partition: '',
        // A clock that was ahead leaves later versions than now.
        context: { fetchedAt: new Date(Math.max(core.runtime.now(), latestMs + 1)).toISOString() },
        bytes: Buffer.from(JSON.stringify({ value })),
        readBefore: true,
      });
    }
    await load.close();
  } catch (error) {
    await load.abandon();
    throw error;
  }
  await core.exclusive(async () => {
    await store.delete(lost.files, signal);
    await publish(core, {}, signal);
  });
  return lost.files;
}

const of = <K extends Remedy['kind']>(found: readonly Diagnosed[], kind: K) =>
  found.flatMap(({ damage, remedy }) =>
    remedy.kind === kind ? [{ file: damage.file, remedy: remedy as Extract<Remedy, { kind: K }> }] : [],
  );

const pathsOf = (found: readonly Diagnosed[], kind: Remedy['kind']) => of(found, kind).map(({ file }) => file.path);

async function copyBack(core: LakeCore, found: readonly Diagnosed[]): Promise<void> {
  await core.lease.check();
  for (const { file, remedy } of of(found, 'copy')) await core.store.copy(remedy.from, file.path);
}

interface GivenUp {
  readonly removed: readonly string[];
  readonly rebuilt: readonly string[];
  readonly feedFrom?: number | undefined;
}

/** Takes what cannot be had back out of the log, with what was made of it, and puts in what the history still says. */
async function giveUp(core: LakeCore, found: readonly Diagnosed[], signal?: AbortSignal): Promise<GivenUp> {
  const lost = found.filter(({ remedy }) => remedy.kind !== 'copy');
  if (lost.length === 0) return { removed: [], rebuilt: [] };
  const { state, tables } = core;
  const lostPaths = new Set(lost.map(({ damage }) => damage.file.path));
  const removed = new Set(lostPaths);
  const unpublished = new Set<string>();
  const added: DataFile[] = [];
  for (const table of tables) {
    const bases = lost.filter(({ damage: { file } }) => file.table === table.name && file.kind === 'base');
    if (bases.length === 0) continue;
    const derived = table.explode === undefined ? tables.filter((one) => isMadeOf(one, table, tables)) : [table];
    for (const { name } of derived) {
      unpublished.add(name);
      for (const file of state.files.values()) if (file.table === name && file.kind === 'base') removed.add(file.path);
    }
    if (table.explode === undefined) added.push(...(await rowsOfHistory(core, table, lostPaths, signal)));
  }
  const resources = new Set(
    lost
      .filter(({ remedy }) => remedy.kind === 'raw' || remedy.kind === 'read_again')
      .map(({ damage }) => tables.find(({ name }) => name === damage.file.table)!.resource),
  );
  const forgotten = [...resources].flatMap((resource) => partitionsOf(state, resource));
  const feedFrom = lost.some(({ damage }) => damage.file.kind === 'changes') ? state.version : undefined;
  await core.lease.check();
  await core.commit({
    added,
    removed: [...removed],
    positions: Object.fromEntries(forgotten.map((key) => [key, null])),
    published: Object.fromEntries([...unpublished].map((name) => [name, null])),
    ...(feedFrom !== undefined && { feedFrom }),
  });
  const rebuilt = [...pathsOf(lost, 'rebuild'), ...[...removed].filter((path) => !lostPaths.has(path))];
  return { removed: [...removed], rebuilt, feedFrom };
}

const isMadeOf = (one: TableShape, source: TableShape, tables: readonly TableShape[]) =>
  one.explode !== undefined && sourcesOf(one, tables).includes(source);

/** Rows of the base that only lost files held, as far as the changes that are kept say them. */
async function rowsOfHistory(
  core: LakeCore,
  table: TableShape,
  lost: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<readonly DataFile[]> {
  const { older, base } = someFiles(core.stored(table).files, ({ path }) => !lost.has(path));
  if (older.length === 0) return [];
  const history = await core.locate(older, signal);
  const standing = await core.locate(base, signal);
  const latest = latestRows(table, { base: [], newer: history, older: [] });
  const rows = `SELECT * FROM (${latest}) ANTI JOIN (${scan(table, standing, { columns: table.primaryKey })}) AS standing
    USING (${identifiers(table.primaryKey)}) WHERE _op = 'upsert'`;
  return writeRows(core, table, rows, { kind: 'base' }, signal);
}

/** The kept pages to land again, by resource. */
function rawOf(core: LakeCore, found: readonly Diagnosed[]): ReadonlyMap<string, readonly string[]> {
  const byResource = new Map<string, Set<string>>();
  for (const { file, remedy } of of(found, 'raw')) {
    const { resource } = core.tables.find(({ name }) => name === file.table)!;
    const keys = byResource.get(resource) ?? new Set();
    for (const key of remedy.keys) keys.add(key);
    byResource.set(resource, keys);
  }
  const isReadAgain = new Set(
    of(found, 'read_again').map(({ file }) => core.tables.find(({ name }) => name === file.table)!.resource),
  );
  return new Map(
    [...byResource].filter(([resource]) => !isReadAgain.has(resource)).map(([r, keys]) => [r, [...keys].sort()]),
  );
}

/** Lands kept pages again; the positions of a resource come back with its last page. What cannot be read stays forgotten. */
async function landAgain(
  core: LakeCore,
  load: Awaited<ReturnType<typeof beginLoad>>,
  raw: ReadonlyMap<string, readonly string[]>,
  before: ReadonlyMap<PartitionKey, unknown>,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const landed: string[] = [];
  for (const [resource, keys] of raw) {
    const positions = [...before].filter(([key]) => isPartitionOf(key, resource));
    const partition = positions[0] ? splitKey(positions[0][0]).partition : '';
    if (!(await appendAll(core, load, { resource, partition, keys }, signal))) continue;
    for (const [key, position] of positions) {
      load.advance(resource, splitKey(key).partition, position as Parameters<typeof load.advance>[2]);
    }
    landed.push(resource);
  }
  await load.close();
  return landed;
}

async function appendAll(
  core: LakeCore,
  load: Awaited<ReturnType<typeof beginLoad>>,
  { resource, partition, keys }: { resource: string; partition: string; keys: readonly string[] },
  signal?: AbortSignal,
): Promise<boolean> {
  for (const key of keys) {
    for await (const line of linesOf(core.store, key)) {
      signal?.throwIfAborted();
      const page = line && parseEnvelope(line);
      if (!page) return false;
      await load.append({ resource, partition, ...page });
    }
  }
  return true;
}
