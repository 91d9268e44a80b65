import { lakeErrors } from '../errors.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { Version } from '../types.ts';
import type { CommitRecord, LakeState } from './commit-record.ts';
import { applied, checkpointBytes, EMPTY_STATE, parseCheckpoint, parseCommit } from './commit-record.ts';
import { CHECKPOINT_EVERY, checkpointKey, commitKey, LOG_PREFIX, versionOfKey } from './log.ts';

/** A file of the log that is not as it was written. */
export interface LogFault {
  readonly file: string;
  readonly version: Version;
  readonly kind: 'missing' | 'corrupt';
  /** True: no answer needs it, a checkpoint or the commits say the same. */
  readonly isCovered: boolean;
}

/** What can be read of a log, whatever is missing in it. */
export interface LogSurvey {
  /** The newest state that can be made without a gap. */
  readonly state: LakeState;
  /** The last version that there was. */
  readonly newest: Version;
  readonly faults: readonly LogFault[];
  /** Readable commits by version. */
  readonly commits: ReadonlyMap<Version, CommitRecord>;
}

/**
 * Reads every file of the log by itself.
 *
 * @throws SluiceError `lake_format_newer`; `lake_commit_corrupt` when no state can be made at all
 */
export async function surveyLog(store: ObjectStore, signal?: AbortSignal): Promise<LogSurvey> {
  const keys: string[] = [];
  for await (const { key } of store.list(LOG_PREFIX, {}, signal)) keys.push(key);
  const commits = await readable(store, keys, commitKey, parseCommit);
  const checkpoints = await readable(store, keys, checkpointKey, parseCheckpoint);
  const newest = Math.max(0, ...commits.present, ...checkpoints.present);
  let state = checkpoints.parsed.get(Math.max(0, ...checkpoints.parsed.keys())) ?? EMPTY_STATE;
  const from = state.version;
  for (let next = commits.parsed.get(from + 1); next; next = commits.parsed.get(state.version + 1)) {
    state = applied(state, next);
  }
  if (newest > 0 && state.version === 0)
    throw lakeErrors.lake_commit_corrupt({ file: commitKey(1), why: 'no state can be made without it' });
  const faults: LogFault[] = [];
  for (let version = 1; version <= newest; version += 1) {
    if (!commits.parsed.has(version)) {
      const kind = commits.present.has(version) ? 'corrupt' : 'missing';
      faults.push({ file: commitKey(version), version, kind, isCovered: version <= from });
    }
    // One that an older reader can do without is not missed.
    const isDue = checkpoints.present.has(version) || (version % CHECKPOINT_EVERY === 0 && version > from);
    if (isDue && !checkpoints.parsed.has(version)) {
      const isCorrupt = checkpoints.present.has(version);
      // A reader takes the last checkpoint: an unreadable one is in its way, a missing one is not.
      const isCovered = !isCorrupt || version < from;
      faults.push({ file: checkpointKey(version), version, kind: isCorrupt ? 'corrupt' : 'missing', isCovered });
    }
  }
  return { state, newest, faults, commits: commits.parsed };
}

async function readable<T>(
  store: ObjectStore,
  keys: readonly string[],
  keyOf: (version: Version) => string,
  parse: (bytes: Uint8Array, key: string, version: Version) => T,
): Promise<{ present: ReadonlySet<Version>; parsed: ReadonlyMap<Version, T> }> {
  const present = new Set<Version>();
  const parsed = new Map<Version, T>();
  for (const key of keys) {
    const version = versionOfKey(key);
    if (key !== keyOf(version)) continue;
    present.add(version);
    const found = await store.get(key);
    try {
      if (found) parsed.set(version, parse(found.bytes, key, version));
    } catch (error) {
      if (!lakeErrors.lake_commit_corrupt.is(error)) throw error;
    }
  }
  return { present, parsed };
}

/** The files that loads brought in commits after a gap: change rows are ordered by their stamps, so they count as they are. */
function afterTheGap({ state, newest, commits }: LogSurvey): LakeState['files'] {
  const files = new Map(state.files);
  for (let version = state.version + 1; version <= newest; version += 1) {
    const commit = commits.get(version);
    for (const file of commit?.loadId === undefined ? [] : commit.added) files.set(file.path, { ...file, version });
  }
  return files;
}

/**
 * The state that a repair goes on from. After a gap the positions, and what maintenance did, are those before it: what the
 * lost commits brought is read again. Nobody can go on with changes from before.
 */
export function mendedState(survey: LogSurvey): LakeState {
  const { state, newest } = survey;
  if (state.version === newest) return state;
  return { ...state, version: newest, files: afterTheGap(survey), feedFrom: newest };
}

/** Makes a log readable with a checkpoint, where it is not. Its writer holds the lease. */
export async function mendLog(store: ObjectStore, signal?: AbortSignal): Promise<void> {
  const survey = await surveyLog(store, signal);
  const unreadable = survey.faults.filter((one) => one.kind === 'corrupt' && one.file === checkpointKey(one.version));
  if (unreadable.length === 0 && survey.state.version === survey.newest) return;
  const state = mendedState(survey);
  const written = checkpointKey(state.version);
  await store.put(written, checkpointBytes(state));
  await store.delete(unreadable.map(({ file }) => file).filter((file) => file !== written));
}
