import { createHash } from 'node:crypto';
import type { TableShape } from '../../schema/column.ts';
import { pathsOf } from '../../schema/column.ts';
import { holdsIds } from '../../schema/projection.ts';
import { columnDefinitions } from '../../schema/sql.ts';
import { lakeErrors } from '../errors.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { Version } from '../types.ts';
import type { CommitRecord, LakeState, LiveFile } from './commit-record.ts';
import { applied, checkpointBytes, EMPTY_STATE, LAKE_FORMAT, parseCheckpoint, parseCommit } from './commit-record.ts';

export type { CommitRecord, DataFile, LakeState, LiveFile, ReplacedFile } from './commit-record.ts';

/** A checkpoint is written after this many commits. */
export const CHECKPOINT_EVERY = 20;
export const LOG_PREFIX = '_log/';
export const commitKey = (version: Version) => `${LOG_PREFIX}${String(version).padStart(20, '0')}.json`;
export const checkpointKey = (version: Version) => `${LOG_PREFIX}${String(version).padStart(20, '0')}.checkpoint.json`;

/** The greatest row version of a file as the log keeps it: rounded up, so that no row is excluded by it. */
export function cursorOf(epochMs: unknown): { maxCursor?: string } {
  return typeof epochMs === 'number' ? { maxCursor: new Date(Math.floor(epochMs) + 1).toISOString() } : {};
}

/** Whether files of a table, as it is declared now, hold `_raw`. */
export function rawOf(table: TableShape): { raw?: true } {
  return '_raw' in table.columns ? { raw: true } : {};
}

/**
 * Tells files of a table apart whose columns or types differ, and which of their texts are ids. Readers of a folder need
 * them all alike.
 */
export function shapeOf(table: TableShape): { shape: string } {
  const ids = Object.entries(table.columns).flatMap(([name, { type }]) => (holdsIds(type) ? [{ [name]: type }] : []));
  const form = [columnDefinitions(table), ...(ids.length > 0 ? [JSON.stringify(ids)] : []), ...numberedBy(table)].join(
    ' ',
  );
  return { shape: createHash('sha256').update(form).digest('hex').slice(0, 16) };
}

/** Numbers that stand for a place in a list had eight bytes, whatever was declared: files with such are written anew. */
const numberedBy = (table: TableShape): readonly string[] =>
  Object.entries(table.columns).flatMap(([name, column]) =>
    column.type === 'int32' && pathsOf(name, column).some((path) => path.endsWith('$ordinal'))
      ? [`${name} as declared`]
      : [],
  );

/** The version whose changes a file brings. */
export const coveredVersion = (file: LiveFile): Version => file.asOf ?? file.version;

/** The version in the name of a file of the log; other names give a number that fits neither kind. */
export const versionOfKey = (key: string): Version => Number(key.slice(LOG_PREFIX.length, LOG_PREFIX.length + 20));

/**
 * Reads the newest state: the last checkpoint and the commits after it.
 *
 * @throws SluiceError `lake_format_newer`, `lake_commit_corrupt`
 */
export async function readState(store: ObjectStore, signal?: AbortSignal): Promise<LakeState> {
  let checkpoint = 0;
  let newest = 0;
  for await (const { key } of store.list(LOG_PREFIX, {}, signal)) {
    const version = versionOfKey(key);
    if (key === checkpointKey(version)) checkpoint = version;
    if (key === commitKey(version)) newest = version;
  }
  let state = checkpoint === 0 ? EMPTY_STATE : await readCheckpoint(store, checkpoint, signal);
  while (state.version < newest) state = applied(state, await readCommit(store, state.version + 1, signal));
  return state;
}

async function bytesOf(store: ObjectStore, key: string, signal?: AbortSignal): Promise<Uint8Array> {
  const found = await store.get(key, signal);
  if (!found) throw lakeErrors.lake_commit_corrupt({ file: key, why: 'it is missing' });
  return found.bytes;
}

async function readCommit(store: ObjectStore, version: Version, signal?: AbortSignal): Promise<CommitRecord> {
  const key = commitKey(version);
  return parseCommit(await bytesOf(store, key, signal), key, version);
}

async function readCheckpoint(store: ObjectStore, version: Version, signal?: AbortSignal): Promise<LakeState> {
  const key = checkpointKey(version);
  return parseCheckpoint(await bytesOf(store, key, signal), key, version);
}

/** Reads the commits after `state`. A writer that finds a commit of another lease is fenced off: pass its own. */
export async function catchUp(store: ObjectStore, state: LakeState, lease?: number): Promise<LakeState> {
  let after = state;
  for (;;) {
    const key = commitKey(after.version + 1);
    const found = await store.get(key);
    if (!found) return after;
    const commit = parseCommit(found.bytes, key, after.version + 1);
    if (lease !== undefined && commit.lease !== lease) throw fencedBy(store, commit);
    after = applied(after, commit);
  }
}

/** What a commit changes; the log adds version and format. */
export type CommitChange = Omit<CommitRecord, 'version' | 'format' | 'lease'> & { readonly lease: number };

/**
 * Appends a commit after `state`. Other commits of the same lease are stepped over; after a commit of another lease this
 * writer is fenced off. Nothing is committed that is not there: once another lease has committed, files that no commit
 * names may go, and until then none goes.
 *
 * @returns the state after the commit
 * @throws SluiceError `lake_conflict`, `lake_file_missing`, `lake_file_corrupt`
 */
export async function commitAfter(store: ObjectStore, state: LakeState, change: CommitChange): Promise<LakeState> {
  let before = state;
  for (;;) {
    const record: CommitRecord = { format: LAKE_FORMAT, version: before.version + 1, ...change };
    await checkAdded(store, record);
    const created = await store.putIfAbsent(commitKey(record.version), Buffer.from(JSON.stringify(record)));
    const present = created ? record : await readCommit(store, record.version);
    if (present.lease !== change.lease) throw fencedBy(store, present);
    const after = applied(before, present);
    if (present.id !== change.id) {
      before = after;
      continue;
    }
    if (after.version % CHECKPOINT_EVERY === 0) {
      await store.putIfAbsent(checkpointKey(after.version), checkpointBytes(after));
    }
    return after;
  }
}

/** When the file is gone because another lease took over, that is what is said. */
async function checkAdded(store: ObjectStore, record: CommitRecord): Promise<void> {
  for (const file of record.added) {
    const size = await store.size(file.path);
    if (size === file.bytes) continue;
    const other = await store.get(commitKey(record.version));
    const present = other && parseCommit(other.bytes, commitKey(record.version), record.version);
    if (present && present.lease !== record.lease) throw fencedBy(store, present);
    throw size === undefined
      ? lakeErrors.lake_file_missing({ file })
      : lakeErrors.lake_file_corrupt({ file, why: `it has ${size} bytes, ${file.bytes} were written` });
  }
}

const fencedBy = (store: ObjectStore, { version, loadId }: CommitRecord) =>
  lakeErrors.lake_conflict({ lake: store.description, version, loadId: loadId ?? 'maintenance' });

/** Fences earlier leases off with a commit that changes nothing; theirs before it are taken in. Answers the state after it. */
export async function takeOver(
  store: ObjectStore,
  by: { readonly id: string; readonly lease: number; readonly time: string },
): Promise<LakeState> {
  let state = await readState(store);
  if (state.version === 0) return state;
  for (;;) {
    const record: CommitRecord = {
      format: LAKE_FORMAT,
      version: state.version + 1,
      ...by,
      added: [],
      removed: [],
      positions: {},
    };
    const created = await store.putIfAbsent(commitKey(record.version), Buffer.from(JSON.stringify(record)));
    const present = created ? record : await readCommit(store, record.version);
    if ((present.lease ?? 0) > by.lease) throw fencedBy(store, present);
    state = applied(state, present);
    if (present.id === by.id) return state;
  }
}
