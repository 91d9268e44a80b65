import { literal } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import {
  type Action,
  type AddAction,
  actionLines,
  isObject,
  type MetadataAction,
  type ProtocolAction,
  parseAction,
  parseActions,
  parseJson,
  type ReadAction,
  type RemoveAction,
} from './actions.ts';
import { deltaErrors } from './errors.ts';

/** What the commits of Sluice call their writer. */
export const ENGINE = 'sluice';

const LOG = '_delta_log/';
const padded = (version: number) => String(version).padStart(20, '0');
const commitKey = (version: number) => `${LOG}${padded(version)}.json`;
export const checkpointKey = (version: number) => `${LOG}${padded(version)}.checkpoint.parquet`;
export const LAST_CHECKPOINT = `${LOG}_last_checkpoint`;

/** What the log of a Delta table says as of a version. */
export interface DeltaState {
  /** -1: there is no table. */
  readonly version: number;
  readonly protocol: ProtocolAction | undefined;
  readonly metadata: MetadataAction | undefined;
  readonly files: ReadonlyMap<string, AddAction>;
  /** Files that no longer count and are kept for those who read an earlier version. */
  readonly tombstones: ReadonlyMap<string, RemoveAction>;
  /** The last version that each application wrote down. */
  readonly transactions: ReadonlyMap<string, number>;
  /** Of the last checkpoint; -1: there is none. */
  readonly checkpoint: number;
  /** Commits of other writers since the last of Sluice, as far as commits were read. */
  readonly commitsOfOthers: number;
}

export const NO_TABLE: DeltaState = {
  version: -1,
  protocol: undefined,
  metadata: undefined,
  files: new Map(),
  tombstones: new Map(),
  transactions: new Map(),
  checkpoint: -1,
  commitsOfOthers: 0,
};

/** A folder with a Delta table. */
export interface DeltaFolder {
  /** The folder as a store. */
  readonly store: ObjectStore;
  /** For messages: `delta/messages`. */
  readonly name: string;
}

/**
 * Reads the log: its last checkpoint, and the commits after it.
 *
 * @throws SluiceError `delta_log_unreadable`
 */
export async function readDelta(duck: Duck, folder: DeltaFolder, signal?: AbortSignal): Promise<DeltaState> {
  const { store } = folder;
  const from = await lastCheckpoint(store, signal);
  const startAfter = from === undefined ? undefined : `${LOG}${padded(from)}`;
  const entries = await logEntries(store, startAfter === undefined ? {} : { startAfter }, signal);
  const newestOf = (wanted: LogEntry['kind']) =>
    Math.max(-1, ...entries.filter(({ kind }) => kind === wanted).map(({ version }) => version));
  const checkpoint = newestOf('checkpoint');
  let state = checkpoint < 0 ? NO_TABLE : await readCheckpoint(duck, folder, checkpoint, signal);
  const newest = newestOf('commit');
  while (state.version < newest) state = applied(state, await readCommit(folder, state.version + 1, signal));
  return state;
}

/** A commit or a checkpoint. */
export interface LogEntry {
  readonly key: string;
  readonly version: number;
  readonly kind: 'commit' | 'checkpoint';
  readonly modifiedAtMs: number;
}

/** What the log holds, without hints and without files of other kinds. */
export async function logEntries(
  store: ObjectStore,
  options: { startAfter?: string },
  signal?: AbortSignal,
): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const { key, modifiedAtMs } of store.list(LOG, options, signal)) {
    const [, digits, end] = /^_delta_log\/(\d{20})(\.json|\.checkpoint\.parquet)$/.exec(key) ?? [];
    if (end === undefined) continue;
    entries.push({ key, version: Number(digits), kind: end === '.json' ? 'commit' : 'checkpoint', modifiedAtMs });
  }
  return entries;
}

/** Whether the table is there, and this is its last commit. */
export async function isNewest({ store }: DeltaFolder, version: number, signal?: AbortSignal): Promise<boolean> {
  const isThere = async (key: string) => (await store.size(key, signal)) !== undefined;
  return (await isThere(commitKey(version))) && !(await isThere(commitKey(version + 1)));
}

/** A hint where to begin; what cannot be read is none. */
async function lastCheckpoint(store: ObjectStore, signal?: AbortSignal): Promise<number | undefined> {
  const found = await store.get(LAST_CHECKPOINT, signal);
  const value = found && parseJson(Buffer.from(found.bytes).toString('utf8'));
  const version = isObject(value) ? Number(value['version']) : Number.NaN;
  if (!Number.isSafeInteger(version) || version < 0) return undefined;
  return (await store.size(checkpointKey(version), signal)) === undefined ? undefined : version;
}

async function readCommit(
  { store, name }: DeltaFolder,
  version: number,
  signal?: AbortSignal,
): Promise<readonly ReadAction[]> {
  const file = commitKey(version);
  const found = await store.get(file, signal);
  if (!found) throw deltaErrors.delta_log_unreadable({ table: name, file, why: 'it is missing' });
  const actions = parseActions(found.bytes);
  if (!actions) throw deltaErrors.delta_log_unreadable({ table: name, file, why: 'it is no list of actions' });
  return actions;
}

async function readCheckpoint(
  duck: Duck,
  { store, name }: DeltaFolder,
  version: number,
  signal?: AbortSignal,
): Promise<DeltaState> {
  const file = checkpointKey(version);
  const refuse = (cause?: unknown) =>
    deltaErrors.delta_log_unreadable({ table: name, file, why: 'it is no checkpoint' }, { cause });
  try {
    const path = literal(await store.localPath(file, signal));
    const rows = await duck
      .rows(
        `SELECT to_json(t)::VARCHAR AS action FROM read_parquet(${path}, hive_partitioning = false) AS t`,
        [],
        signal,
      )
      .catch((error: unknown) => {
        signal?.throwIfAborted();
        throw refuse(error);
      });
    const actions = rows.map(({ action }) => parseAction(String(action)));
    if (!actions.every((action) => action !== undefined)) throw refuse();
    return { ...applied(NO_TABLE, actions), version, checkpoint: version, commitsOfOthers: 0 };
  } finally {
    await store.letGo([file]);
  }
}

/** The state after the actions of one more commit. */
export function applied(state: DeltaState, actions: readonly ReadAction[]): DeltaState {
  const files = new Map(state.files);
  const tombstones = new Map(state.tombstones);
  const transactions = new Map(state.transactions);
  let { protocol, metadata } = state;
  for (const action of actions) {
    if (action.protocol) protocol = action.protocol;
    if (action.metaData) metadata = action.metaData;
    if (action.txn) transactions.set(action.txn.appId, action.txn.version);
    if (action.remove) {
      files.delete(action.remove.path);
      tombstones.set(action.remove.path, action.remove);
    }
    if (action.add) {
      files.set(action.add.path, action.add);
      tombstones.delete(action.add.path);
    }
  }
  const isOwn = actions.some(({ commitInfo }) => commitInfo?.engineInfo?.startsWith(ENGINE) === true);
  return {
    version: state.version + 1,
    protocol,
    metadata,
    files,
    tombstones,
    transactions,
    checkpoint: state.checkpoint,
    commitsOfOthers: isOwn ? 0 : state.commitsOfOthers + 1,
  };
}

/**
 * Appends a commit after `state`.
 *
 * @returns the state after it; undefined: another writer has committed meanwhile
 */
export async function commitDelta(
  { store }: DeltaFolder,
  state: DeltaState,
  actions: readonly Action[],
  signal?: AbortSignal,
): Promise<DeltaState | undefined> {
  const created = await store.putIfAbsent(commitKey(state.version + 1), actionLines(actions), signal);
  return created ? applied(state, actions as readonly ReadAction[]) : undefined;
}
