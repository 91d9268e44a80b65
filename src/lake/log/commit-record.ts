import { lakeErrors } from '../errors.ts';
import type { PartitionKey, Position, Version } from '../types.ts';
import type { KeySpans } from './key-spans.ts';
import { checkTableFile } from './names.ts';
import { tenantErrors } from './tenant-errors.ts';

/**
 * Format of the log. A reader refuses a newer one. 2: several base files of their own ages per table, replaced files that
 * live on, the lease of the writer, facts (`meta`).
 */
export const LAKE_FORMAT = 2;

/** Format of the one record in the log of a lake that holds several tenants: readers of one tenant's lakes refuse it. */
const SEVERAL_TENANTS_FORMAT = 3;

/** The bytes of that record; {@link saysSeveralTenants} knows them. */
export const severalTenantsBytes = (): Uint8Array =>
  Buffer.from(JSON.stringify({ format: SEVERAL_TENANTS_FORMAT, version: 1, severalTenants: true }));

/** Whether a file of a log is that record. What cannot be read is not. */
export function saysSeveralTenants(bytes: Uint8Array, key: string): boolean {
  try {
    return says(readLogFile(bytes, key));
  } catch {
    return false;
  }
}

const says = ({ format, severalTenants }: Record<string, unknown>): boolean =>
  format === SEVERAL_TENANTS_FORMAT && severalTenants === true;

/** One Parquet file of a table. `base`: latest rows; all base files of a table together hold each row once. `changes`: change rows, older files first. */
export interface DataFile {
  readonly kind: 'base' | 'changes';
  readonly table: string;
  readonly path: string;
  readonly rows: number;
  readonly deletes: number;
  readonly bytes: number;
  /** SHA-256 of the bytes, hex. Files of format 1 have none. */
  readonly sha256?: string;
  /** Greatest row version in the file, ISO 8601; absent when no row has one, and mostly of elements. */
  readonly maxCursor?: string;
  /** True: the rows have the column `_raw`. */
  readonly raw?: boolean;
  /** Which columns of which types the file has: see `shapeOf`. Files of format 1 do not say. */
  readonly shape?: string;
  /** Files that maintenance wrote: the version whose rows (or deletes) they hold. */
  readonly asOf?: Version;
  /** Where the keys of its rows lie. Files of exploded tables, and those of before, do not say. */
  readonly keys?: KeySpans;
  /** Base files of exploded tables: the base file of the record table that their rows come from. */
  readonly of?: string;
}

/** What one commit says. `loadId` is absent for maintenance, which changes no answer. */
export interface CommitRecord {
  readonly format: number;
  readonly version: Version;
  /** Unique per commit: tells a repeated attempt of the same commit from another's. */
  readonly id: string;
  readonly loadId?: string;
  /** Number of the lease it was written under. Absent in format 1. */
  readonly lease?: number;
  readonly time: string;
  readonly added: readonly DataFile[];
  /** Files that no longer count. They live on for those who read an earlier version, until `deleted` names them. */
  readonly removed: readonly string[];
  /** Replaced files whose time is over. */
  readonly deleted?: readonly string[];
  readonly positions: Readonly<Record<string, Position | null>>;
  /** Per table: its base files hold the latest rows as of this version; `null`: they do not, they are made anew. */
  readonly published?: Readonly<Record<string, Version | null>>;
  /** From here on every change is kept that came after this version. */
  readonly feedFrom?: Version;
  /** Facts about the lake: merged into those before, key by key; `null` forgets one. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** A file with the version that brought it. */
export type LiveFile = DataFile & { readonly version: Version };

/** A file that no longer counts. */
export interface ReplacedFile {
  readonly path: string;
  /** The commit that replaced it. */
  readonly version: Version;
  /** Ms since 1970, never before those of earlier commits. */
  readonly atMs: number;
}

/** A commit and when it was made: one an hour is kept. */
export type Milestone = readonly [version: Version, atMs: number];

/** Everything the log says, as of a version. Never changed in place. */
export interface LakeState {
  readonly version: Version;
  readonly files: ReadonlyMap<string, LiveFile>;
  readonly positions: ReadonlyMap<PartitionKey, Position>;
  readonly published: ReadonlyMap<string, Version>;
  readonly replaced: ReadonlyMap<string, ReplacedFile>;
  /** Every change after this version is kept. */
  readonly feedFrom: Version;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly milestones: readonly Milestone[];
}

export const EMPTY_STATE: LakeState = {
  version: 0,
  files: new Map(),
  positions: new Map(),
  published: new Map(),
  replaced: new Map(),
  feedFrom: 0,
  meta: {},
  milestones: [],
};

const MILESTONE_MS = 3_600_000;

/** The state after one more commit. */
export function applied(state: LakeState, commit: CommitRecord): LakeState {
  const atMs = Math.max(Date.parse(commit.time) || 0, state.milestones.at(-1)?.[1] ?? 0);
  const feedFrom = feedFromAfter(state, commit);
  const files = new Map(state.files);
  const replaced = new Map(state.replaced);
  for (const path of commit.removed) {
    // Format 1 deleted what it replaced at once.
    if (commit.format > 1 && files.has(path)) replaced.set(path, { path, version: commit.version, atMs });
    files.delete(path);
  }
  for (const path of commit.deleted ?? []) replaced.delete(path);
  for (const file of commit.added) files.set(file.path, { ...file, version: commit.version });
  return {
    version: commit.version,
    files,
    positions: merged(state.positions, commit.positions),
    published: merged(state.published, publishedBy(commit)),
    replaced,
    feedFrom,
    meta: Object.fromEntries(
      Object.entries({ ...state.meta, ...commit.meta }).filter(([, value]) => value !== null && value !== undefined),
    ),
    milestones: withMilestone(state.milestones, [commit.version, atMs], feedFrom),
  };
}

function merged<K extends string, V>(
  before: ReadonlyMap<K, V>,
  changes: Readonly<Record<string, V | null>>,
): Map<K, V> {
  const after = new Map(before);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) after.delete(key as K);
    else after.set(key as K, value);
  }
  return after;
}

/** Format 1 wrote the version into the base files, all of a table in one commit. */
function publishedBy(commit: CommitRecord): Readonly<Record<string, Version | null>> {
  const bases = commit.format === 1 ? commit.added.filter(({ kind }) => kind === 'base') : [];
  return { ...Object.fromEntries(bases.map(({ table, asOf }) => [table, asOf ?? 0])), ...commit.published };
}

/** Compaction of format 1 dropped history without saying how far back it went. */
function feedFromAfter(state: LakeState, commit: CommitRecord): Version {
  const dropped = commit.format === 1 && commit.removed.some((path) => state.files.get(path)?.kind === 'changes');
  return Math.max(state.feedFrom, commit.feedFrom ?? 0, dropped ? commit.version : 0);
}

/** Those before the feed's least version are not asked for any more; the last one stays as the clock of the log. */
function withMilestone(before: readonly Milestone[], next: Milestone, feedFrom: Version): readonly Milestone[] {
  const last = before.at(-1);
  const isDue = last === undefined || next[1] >= last[1] + MILESTONE_MS;
  const kept = before.filter(([version]) => version > feedFrom || version === last?.[0]);
  return isDue ? [...kept, next] : kept;
}

/** Parses a file of the log as far as both kinds of file agree. */
function parseLogFile(bytes: Uint8Array, key: string): Record<string, unknown> {
  const value = readLogFile(bytes, key);
  if (says(value)) throw tenantErrors.lake_of_several_tenants({ file: key });
  if (Number(value['format']) > LAKE_FORMAT)
    throw lakeErrors.lake_format_newer({ file: key, format: Number(value['format']), known: LAKE_FORMAT });
  return value;
}

function readLogFile(bytes: Uint8Array, key: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw lakeErrors.lake_commit_corrupt({ file: key, why: 'it is not JSON' }, { cause: error });
  }
  if (!isObject(value) || typeof value['format'] !== 'number')
    throw lakeErrors.lake_commit_corrupt({ file: key, why: 'it names no format' });
  return value;
}

/** @throws SluiceError `lake_format_newer`, `lake_commit_corrupt` */
export function parseCommit(bytes: Uint8Array, key: string, version: Version): CommitRecord {
  const value = parseLogFile(bytes, key);
  const { added, removed, deleted } = value;
  const isWhole =
    value['version'] === version &&
    typeof value['id'] === 'string' &&
    typeof value['time'] === 'string' &&
    Array.isArray(added) &&
    Array.isArray(removed) &&
    (deleted === undefined || Array.isArray(deleted)) &&
    isObject(value['positions']);
  if (!isWhole) throw lakeErrors.lake_commit_corrupt({ file: key, why: 'fields are missing' });
  for (const file of added) checkFile(file, key);
  for (const path of [...removed, ...((deleted as unknown[] | undefined) ?? [])]) checkTableFile(path, key);
  return value as unknown as CommitRecord;
}

/** @throws SluiceError `lake_format_newer`, `lake_commit_corrupt` */
export function parseCheckpoint(bytes: Uint8Array, key: string, version: Version): LakeState {
  const value = parseLogFile(bytes, key);
  const { files, positions, replaced } = value;
  const isWhole = value['version'] === version && Array.isArray(files) && Array.isArray(positions);
  if (!isWhole) throw lakeErrors.lake_commit_corrupt({ file: key, why: 'fields are missing' });
  for (const file of files) checkFile(file, key);
  const live = new Map((files as LiveFile[]).map((file) => [file.path, file]));
  const base = { version, files: live, positions: new Map(positions as [PartitionKey, Position][]) };
  if (value['format'] === 1) {
    const published = [...live.values()].flatMap(({ kind, table, asOf }) =>
      kind === 'base' ? [[table, asOf ?? 0] as const] : [],
    );
    return { ...EMPTY_STATE, ...base, published: new Map(published), feedFrom: version };
  }
  const { published, milestones, meta, feedFrom } = value;
  if (!Array.isArray(replaced) || !Array.isArray(milestones) || !isObject(published) || !isObject(meta)) {
    throw lakeErrors.lake_commit_corrupt({ file: key, why: 'fields are missing' });
  }
  for (const file of replaced) checkTableFile((file as ReplacedFile).path, key);
  return {
    ...base,
    published: new Map(Object.entries(published as Record<string, Version>)),
    replaced: new Map((replaced as ReplacedFile[]).map((file) => [file.path, file])),
    feedFrom: Number(feedFrom),
    meta,
    milestones: milestones as Milestone[],
  };
}

/** The bytes of a checkpoint: {@link parseCheckpoint} reads them. */
export function checkpointBytes(state: LakeState): Uint8Array {
  const { version, feedFrom, meta, milestones } = state;
  return Buffer.from(
    JSON.stringify({
      format: LAKE_FORMAT,
      version,
      files: [...state.files.values()],
      positions: [...state.positions],
      published: Object.fromEntries(state.published),
      replaced: [...state.replaced.values()],
      feedFrom,
      meta,
      milestones,
    }),
  );
}

function checkFile(file: unknown, key: string): void {
  const isWhole =
    isObject(file) &&
    (file['kind'] === 'base' || file['kind'] === 'changes') &&
    [file['rows'], file['deletes'], file['bytes']].every((count) => Number.isSafeInteger(count) && Number(count) >= 0);
  if (!isWhole) throw lakeErrors.lake_commit_corrupt({ file: key, why: 'a file is not described' });
  checkTableFile(file['path'], key, file['table']);
  if (file['of'] !== undefined) checkTableFile(file['of'], key);
  if (file['keys'] !== undefined && !isKeySpans(file['keys']))
    throw lakeErrors.lake_commit_corrupt({ file: key, why: 'the keys of a file are not described' });
}

function isKeySpans(value: unknown): value is KeySpans {
  const isText = (one: unknown) => typeof one === 'string';
  const isSpan = (one: unknown) => Array.isArray(one) && one.length === 2 && one.every(isText);
  return isObject(value) && isText(value['column']) && Array.isArray(value['spans']) && value['spans'].every(isSpan);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
