import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { TableShape } from '../../schema/column.ts';
import type { Duck } from '../engine/duck.ts';
import type { CommitRecord, DataFile, LakeState, LiveFile } from '../log/commit-record.ts';
import { coveredVersion } from '../log/log.ts';
import { rawKey, segmentName } from '../log/names.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { currentView, MANIFEST } from '../tables/current.ts';
import type { Damage } from '../tables/damage.ts';
import { deepDamageOf } from '../tables/damage.ts';
import { hasChecksum, readLocally } from '../tables/files.ts';
import type { Version } from '../types.ts';

/** A lake as it is looked at. */
export interface Examined {
  readonly store: ObjectStore;
  readonly tables: readonly TableShape[];
  readonly duck: Duck;
  readonly state: LakeState;
  /** Commits that can be read, by version. */
  readonly commits: ReadonlyMap<Version, CommitRecord>;
}

/**
 * How the content of a damaged file is had back. `copy`: another file has the same bytes. `rebuild`: other files of the
 * lake say the same. `raw`: its pages were kept. `list_again`: the next sync lists it anyway. `read_again`: positions are
 * forgotten. `history_ends`: no row that stands is lost, but changes that came before are no longer complete.
 */
export type Remedy =
  | { readonly kind: 'copy'; readonly from: string }
  | { readonly kind: 'raw'; readonly keys: readonly string[] }
  | { readonly kind: 'rebuild' | 'list_again' | 'read_again' | 'history_ends' };

export interface Diagnosed {
  readonly damage: Damage;
  readonly remedy: Remedy;
}

/** Compares every file that counts with what the log says of it. Reads all of them whole. */
export async function diagnose(lake: Examined, signal?: AbortSignal): Promise<readonly Diagnosed[]> {
  const { store, tables, duck, state } = lake;
  const known = new Set(tables.map(({ name }) => name));
  const damages: Damage[] = [];
  for (const file of state.files.values()) {
    if (!known.has(file.table)) continue;
    const found = (localPath: string) => deepDamageOf(duck, [{ ...file, localPath }], signal);
    damages.push(...(await readLocally(store, file.path, found)));
  }
  const diagnosed: Diagnosed[] = [];
  for (const damage of damages) diagnosed.push({ damage, remedy: await remedyFor(lake, damage, damages) });
  return diagnosed;
}

async function remedyFor(lake: Examined, { file }: Damage, damages: readonly Damage[]): Promise<Remedy> {
  const from = await equalCopy(lake, file);
  if (from !== undefined) return { kind: 'copy', from };
  const table = lake.tables.find(({ name }) => name === file.table)!;
  if (table.explode !== undefined) return { kind: 'rebuild' };
  const published = lake.state.published.get(file.table) ?? 0;
  if (file.kind === 'changes' && coveredVersion(file) <= published) return { kind: 'history_ends' };
  const isHistoryWhole =
    lake.state.feedFrom === 0 && !damages.some((one) => one.file.table === file.table && one.file.kind === 'changes');
  if (file.kind === 'base' && isHistoryWhole) return { kind: 'rebuild' };
  if (table.ingestionType === 'snapshot') return { kind: 'list_again' };
  const keys = await keptPages(lake, table, file);
  return keys ? { kind: 'raw', keys } : { kind: 'read_again' };
}

/** A file with the same bytes: a first load's files are shown as they are, and what `current/` shows may be a copy. */
async function equalCopy({ store, state }: Examined, file: LiveFile): Promise<string | undefined> {
  if (file.sha256 === undefined) return undefined;
  const twins = [...state.files.values()].filter(({ sha256, path }) => sha256 === file.sha256 && path !== file.path);
  for (const path of [shownKey(file), ...twins.map((twin) => twin.path), ...twins.map(shownKey)]) {
    const isThere = (await store.size(path)) === file.bytes;
    if (isThere && (await readLocally(store, path, (local) => hasChecksum(local, file)).catch(() => false)))
      return path;
  }
  return undefined;
}

const shownKey = ({ table, path }: Pick<LiveFile, 'table' | 'path'>) => `current/${table}/${basename(path)}`;

/** The kept pages of every load that brought rows into the file. Undefined: some were not kept. */
async function keptPages(
  { store, state, commits }: Examined,
  table: TableShape,
  file: LiveFile,
): Promise<readonly string[] | undefined> {
  const isOneLoad = file.kind === 'changes' && file.asOf === undefined;
  const versions = isOneLoad ? [file.version] : Array.from({ length: coveredVersion(file) }, (_, at) => at + 1);
  const keys: string[] = [];
  for (const version of versions.filter((one) => one <= state.version)) {
    const commit = commits.get(version);
    if (!commit) return undefined;
    const isBringer = commit.added.some((one) => one.table === table.name && one.kind === 'changes');
    if (commit.loadId === undefined || !isBringer) continue;
    const key = rawKey(table.resource, segmentName(commit.loadId, version));
    if ((await store.size(key)) === undefined) return undefined;
    keys.push(key);
  }
  return keys.length > 0 ? keys : undefined;
}

/** What is wrong with what `current/` shows. */
export interface CurrentFault {
  readonly file: string;
  readonly kind: 'missing' | 'corrupt' | 'stale';
}

/** Compares what readers without Sluice find with what the log says. */
export async function currentFaults(
  { store, tables, state }: Pick<Examined, 'store' | 'tables' | 'state'>,
  signal?: AbortSignal,
): Promise<readonly CurrentFault[]> {
  const { folders, manifest } = currentView(state, tables);
  if (folders.length === 0) return [];
  const faults: CurrentFault[] = [];
  const present = await store.get(MANIFEST, signal);
  if (!present) faults.push({ file: MANIFEST, kind: 'missing' });
  else if (!manifest.equals(present.bytes)) faults.push({ file: MANIFEST, kind: 'stale' });
  for (const [table, files] of folders) {
    const shown = new Set<string>();
    for await (const { key } of store.list(`current/${table}/`, {}, signal)) {
      if (key.endsWith('.parquet')) shown.add(key);
    }
    for (const file of files) {
      const key = shownKey(file);
      if (!shown.delete(key)) faults.push({ file: key, kind: 'missing' });
      else if (!(await isShownWhole(store, key, file))) faults.push({ file: key, kind: 'corrupt' });
    }
    faults.push(...[...shown].map((file) => ({ file, kind: 'stale' as const })));
  }
  return faults;
}

/** A second name of the same file is as whole as the first: what is wrong with that has been said. */
async function isShownWhole(store: ObjectStore, key: string, file: DataFile): Promise<boolean> {
  if (await isSame(store, key, file.path)) return true;
  return (await store.size(key)) === file.bytes && (await readLocally(store, key, (local) => hasChecksum(local, file)));
}

async function isSame(store: ObjectStore, one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all(
    [one, other].map((key) => readLocally(store, key, (local) => stat(local).catch(() => undefined))),
  );
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}
