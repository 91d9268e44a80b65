import type { TableShape } from '../schema/column.ts';
import { conflict, corrupt, formatNewer } from './errors.ts';
import type { ObjectStore } from './object-store.ts';
import type { PartitionKey, Position, Version } from './types.ts';

/** Format of the log. A reader refuses a newer one. */
export const LAKE_FORMAT = 1;
const CHECKPOINT_EVERY = 20;

/** One Parquet file of a table. `base`: all latest rows as of version `asOf`. `changes`: change rows, older files first. */
export interface DataFile {
  readonly kind: 'base' | 'changes';
  readonly table: string;
  readonly path: string;
  readonly rows: number;
  readonly deletes: number;
  readonly bytes: number;
  /** Greatest row version in the file, ISO 8601; absent when no row has one. */
  readonly maxCursor?: string;
  /** True: the rows have the column `_raw`. */
  readonly raw?: boolean;
  /** Files that maintenance wrote: the version whose rows (or deletes) they hold. */
  readonly asOf?: Version;
}

/** What one commit says. `loadId` is absent for maintenance, which changes no answer. */
export interface CommitRecord {
  readonly format: number;
  readonly version: Version;
  /** Unique per commit: tells a repeated attempt of the same commit from another's. */
  readonly id: string;
  readonly loadId?: string;
  readonly time: string;
  readonly added: readonly DataFile[];
  readonly removed: readonly string[];
  readonly positions: Readonly<Record<string, Position | null>>;
}

/** A file with the version that brought it. */
export type LiveFile = DataFile & { readonly version: Version };

/** Everything the log says, as of a version. Never changed in place. */
export interface LakeState {
  readonly version: Version;
  readonly files: ReadonlyMap<string, LiveFile>;
  readonly positions: ReadonlyMap<PartitionKey, Position>;
}

const EMPTY: LakeState = { version: 0, files: new Map(), positions: new Map() };
const PREFIX = '_log/';
const commitKey = (version: Version) => `${PREFIX}${String(version).padStart(20, '0')}.json`;
const checkpointKey = (version: Version) => `${PREFIX}${String(version).padStart(20, '0')}.checkpoint.json`;

/** The greatest row version of a file as the log keeps it: rounded up, so that no row is excluded by it. */
export function cursorOf(epochMs: unknown): { maxCursor?: string } {
  return typeof epochMs === 'number' ? { maxCursor: new Date(Math.floor(epochMs) + 1).toISOString() } : {};
}

/** Whether files of a table, as it is declared now, hold `_raw`. */
export function rawOf(table: TableShape): { raw?: true } {
  return '_raw' in table.columns ? { raw: true } : {};
}

/** The version whose changes a file brings. */
export const coveredVersion = (file: LiveFile): Version => file.asOf ?? file.version;

/** The state after one more commit. */
function applied(state: LakeState, commit: CommitRecord): LakeState {
  const files = new Map(state.files);
  for (const path of commit.removed) files.delete(path);
  for (const file of commit.added) files.set(file.path, { ...file, version: commit.version });
  const positions = new Map(state.positions);
  for (const [key, position] of Object.entries(commit.positions)) {
    if (position === null) positions.delete(key as PartitionKey);
    else positions.set(key as PartitionKey, position);
  }
  return { version: commit.version, files, positions };
}

/**
 * Reads the newest state: the last checkpoint and the commits after it.
 *
 * @throws SluiceError `lake_format_newer`, `lake_commit_corrupt`
 */
export async function readState(store: ObjectStore, signal?: AbortSignal): Promise<LakeState> {
  let checkpoint = 0;
  let newest = 0;
  for await (const { key } of store.list(PREFIX, {}, signal)) {
    const version = Number(key.slice(PREFIX.length, PREFIX.length + 20));
    if (key === checkpointKey(version)) checkpoint = version;
    if (key === commitKey(version)) newest = version;
  }
  let state = checkpoint === 0 ? EMPTY : await readCheckpoint(store, checkpoint, signal);
  while (state.version < newest) state = applied(state, await readCommit(store, state.version + 1, signal));
  return state;
}

async function readJson(store: ObjectStore, key: string, signal?: AbortSignal): Promise<Record<string, unknown>> {
  const found = await store.get(key, signal);
  if (!found) throw corrupt(key, 'it is missing');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(found.bytes));
  } catch (error) {
    throw corrupt(key, 'it is not JSON', error);
  }
  if (typeof value !== 'object' || value === null || !('format' in value) || typeof value.format !== 'number') {
    throw corrupt(key, 'it names no format');
  }
  if (value.format > LAKE_FORMAT) throw formatNewer(key, value.format, LAKE_FORMAT);
  return value as Record<string, unknown>;
}

async function readCommit(store: ObjectStore, version: Version, signal?: AbortSignal): Promise<CommitRecord> {
  const key = commitKey(version);
  const value = await readJson(store, key, signal);
  const whole =
    value['version'] === version &&
    typeof value['id'] === 'string' &&
    Array.isArray(value['added']) &&
    Array.isArray(value['removed']) &&
    typeof value['positions'] === 'object' &&
    value['positions'] !== null;
  if (!whole) throw corrupt(key, 'fields are missing');
  return value as unknown as CommitRecord;
}

async function readCheckpoint(store: ObjectStore, version: Version, signal?: AbortSignal): Promise<LakeState> {
  const key = checkpointKey(version);
  const value = await readJson(store, key, signal);
  if (value['version'] !== version || !Array.isArray(value['files']) || !Array.isArray(value['positions'])) {
    throw corrupt(key, 'fields are missing');
  }
  const files = value['files'] as LiveFile[];
  return {
    version,
    files: new Map(files.map((file) => [file.path, file])),
    positions: new Map(value['positions'] as [PartitionKey, Position][]),
  };
}

async function writeCheckpoint(store: ObjectStore, state: LakeState): Promise<void> {
  const value = {
    format: LAKE_FORMAT,
    version: state.version,
    files: [...state.files.values()],
    positions: [...state.positions],
  };
  await store.putIfAbsent(checkpointKey(state.version), Buffer.from(JSON.stringify(value)));
}

/** Reads the commits after `state`. A load that finds another load's commit is fenced off: pass its id. */
export async function catchUp(store: ObjectStore, state: LakeState, loadId?: string): Promise<LakeState> {
  let after = state;
  while (await store.get(commitKey(after.version + 1))) {
    const commit = await readCommit(store, after.version + 1);
    if (loadId !== undefined && commit.loadId !== undefined) {
      throw conflict(store.description, commit.version, commit.loadId);
    }
    after = applied(after, commit);
  }
  return after;
}

/** What a commit changes; the log adds version and format. */
export type CommitChange = Pick<CommitRecord, 'id' | 'loadId' | 'time' | 'added' | 'removed' | 'positions'>;

/**
 * Appends a commit after `state`. Maintenance commits of others are stepped over: they change no answer. After a commit
 * of another load this one is fenced off.
 *
 * @returns the state after the commit
 * @throws SluiceError `lake_conflict`
 */
export async function commitAfter(store: ObjectStore, state: LakeState, change: CommitChange): Promise<LakeState> {
  let before = state;
  for (;;) {
    const record: CommitRecord = { format: LAKE_FORMAT, version: before.version + 1, ...change };
    const created = await store.putIfAbsent(commitKey(record.version), Buffer.from(JSON.stringify(record)));
    const present = created ? record : await readCommit(store, record.version);
    if (present.id !== change.id && fenced(present, change)) {
      throw conflict(store.description, present.version, present.loadId ?? 'maintenance');
    }
    const after = applied(before, present);
    if (present.id !== change.id) {
      before = after;
      continue;
    }
    if (after.version % CHECKPOINT_EVERY === 0) await writeCheckpoint(store, after);
    return after;
  }
}

/** A load steps over maintenance, maintenance over loads; two of a kind exclude each other. */
function fenced(present: CommitRecord, change: CommitChange): boolean {
  return (present.loadId === undefined) === (change.loadId === undefined);
}
