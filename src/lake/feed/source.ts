import type { TableShape } from '../../schema/column.ts';
import { sourcesOf } from '../../schema/column.ts';
import { lakeErrors } from '../errors.ts';
import { type LakeState, type LiveFile, parseCommit } from '../log/commit-record.ts';
import { commitKey, readState, shapeOf } from '../log/log.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { storedTables, tableFiles } from '../tables/relations.ts';
import type { Version } from '../types.ts';

/** A lake at the version that is exported. */
export interface ExportSource {
  readonly store: ObjectStore;
  readonly state: LakeState;
  /** Tells the lake from every other: the id of its first commit. */
  readonly lakeId: string;
  /** As the lake holds them: with `_raw` where it has it. */
  readonly tables: readonly TableShape[];
}

/** A version, and the id of its commit: a lake that went back and on has the number, not the id. */
export interface LakePoint {
  readonly version: Version;
  readonly commitId: string;
}

/** @throws SluiceError `lake_commit_corrupt`, `lake_format_newer` */
export async function readSource(
  store: ObjectStore,
  tables: readonly TableShape[],
  signal?: AbortSignal,
): Promise<ExportSource> {
  const state = await readState(store, signal);
  const lakeId = await commitIdAt(store, 1, signal);
  if (lakeId === undefined) throw lakeErrors.lake_commit_corrupt({ file: commitKey(1), why: 'it is missing' });
  return { store, state, lakeId, tables: storedTables(tables, state) };
}

export async function pointOf({ store, state }: ExportSource, signal?: AbortSignal): Promise<LakePoint> {
  return { version: state.version, commitId: (await commitIdAt(store, state.version, signal)) ?? '' };
}

/** Whether the lake still has the history that led to a point. */
export async function hasPassed(
  { store, state }: ExportSource,
  point: LakePoint,
  signal?: AbortSignal,
): Promise<boolean> {
  return point.version <= state.version && (await commitIdAt(store, point.version, signal)) === point.commitId;
}

async function commitIdAt(store: ObjectStore, version: Version, signal?: AbortSignal): Promise<string | undefined> {
  const key = commitKey(version);
  const found = await store.get(key, signal);
  return found && parseCommit(found.bytes, key, version).id;
}

/** The base files of a table: its rows that stand, each once. */
export const standing = ({ state }: ExportSource, table: TableShape): readonly LiveFile[] =>
  tableFiles(state, table.name).base;

/** Whether the base files of a table do not hold exactly the rows that stand: a run was killed, or writes at present. */
export function isBehind(source: ExportSource, table: TableShape): boolean {
  const { base, newer } = tableFiles(source.state, table.name);
  const now = shapeOf(table).shape;
  const isOwn = base.length === 0 || newer.length > 0 || base.some(({ shape }) => shape !== now);
  const sources = table.explode === undefined ? [] : sourcesOf(table, source.tables);
  return isOwn || sources.some((one) => isBehind(source, one));
}
