import type { ColumnType } from '../../schema/column.ts';
import type { Action, AddAction, ProtocolAction } from '../delta/actions.ts';
import { CHECKPOINT_EVERY, writeCheckpoint } from '../delta/checkpoint.ts';
import { LOG_RETENTION_MS, removeOldLog } from '../delta/cleanup.ts';
import { deltaErrors } from '../delta/errors.ts';
import { commitDelta, type DeltaFolder, type DeltaState, ENGINE, readDelta } from '../delta/log.ts';
import { type DeltaStruct, deltaStruct } from '../delta/schema.ts';
import { storeBelow } from '../stores/below.ts';
import { exportErrors } from './errors.ts';
import { baseOfName, type ExportWork, isOfEarlierLease, scratchPath } from './work.ts';

/** What every reader and writer knows: no deletion vectors, no column mapping. */
const PROTOCOL: ProtocolAction = { minReaderVersion: 1, minWriterVersion: 2 };

/** In the configuration of the table: the lake whose rows it holds. */
const LAKE_KEY = 'sluice.lake';

/** Commits of others that came between reading the log and committing are read again so often. */
const ATTEMPTS = 10;

/** The folder of a Delta table in the output. */
export const deltaFolder = ({ output }: Pick<ExportWork, 'output'>, table: string): DeltaFolder => ({
  store: storeBelow(output, table),
  name: `delta/${table}`,
});

/** What is to be committed to a table, and what is told of it. */
export interface DeltaChange<Told> {
  readonly schema: DeltaStruct;
  /** Without those that describe the table. Empty, with the same schema: nothing is committed. */
  readonly actions: readonly Action[];
  readonly told: Told;
}

/**
 * Brings a Delta table up to date in one commit. What another writer committed meanwhile is read, and the change is made
 * anew on top of it. After a crash the next run does what is left: the checkpoint, the removal of files.
 *
 * @throws SluiceError `delta_table_foreign`, `delta_log_unreadable`, `lake_conflict`
 */
export async function updateDelta<Told>(
  work: ExportWork,
  folder: DeltaFolder,
  change: (state: DeltaState) => Promise<DeltaChange<Told>>,
  signal?: AbortSignal,
): Promise<{ readonly told: Told; readonly state: DeltaState; readonly commitsOfOthers: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await readDelta(work.duck, folder, signal);
    checkOwn(work, folder, before);
    const { schema, actions, told } = await change(before);
    const described = descriptionOf(work, before, schema);
    const { commitsOfOthers } = before;
    if (described.length + actions.length === 0) {
      return { told, state: await tidied(work, folder, { state: before, isOwn: false }, signal), commitsOfOthers };
    }
    await work.lease.check();
    const after = await commitDelta(folder, before, [commitInfo(work, actions), ...described, ...actions], signal);
    if (after !== undefined) {
      return { told, state: await tidied(work, folder, { state: after, isOwn: true }, signal), commitsOfOthers };
    }
    await work.lease.check();
    if (attempt === ATTEMPTS) throw exportErrors.export_overtaken({ place: work.output.description });
  }
}

/** @throws SluiceError `delta_table_foreign`, `export_of_another_lake` */
function checkOwn(
  { source, output }: ExportWork,
  { name: table }: DeltaFolder,
  { version, protocol, metadata }: DeltaState,
) {
  if (version < 0) return;
  const refuse = (why: string) => deltaErrors.delta_table_foreign({ table, why });
  const lake = metadata?.configuration?.[LAKE_KEY];
  if (lake === undefined) throw refuse('Sluice did not make it');
  if (lake !== source.lakeId)
    throw exportErrors.export_of_another_lake({
      place: `${output.description}/${table}`,
      lake: source.store.description,
    });
  const { minReaderVersion = 0, minWriterVersion = 0 } = protocol ?? {};
  if (minReaderVersion > PROTOCOL.minReaderVersion || minWriterVersion > PROTOCOL.minWriterVersion)
    throw refuse(`its protocol asks for reader version ${minReaderVersion} and writer version ${minWriterVersion}`);
  if ((metadata?.partitionColumns ?? []).length > 0) throw refuse('it has partitions');
}

/** The protocol and the columns, where they are new. */
function descriptionOf({ source, runtime }: ExportWork, state: DeltaState, schema: DeltaStruct): readonly Action[] {
  const schemaString = JSON.stringify(schema);
  if (state.metadata?.schemaString === schemaString) return [];
  const now = runtime.now();
  const metadata = state.metadata ?? {
    id: runtime.id(),
    format: { provider: 'parquet', options: {} },
    partitionColumns: [],
    configuration: { [LAKE_KEY]: source.lakeId },
    createdTime: now,
  };
  return [...(state.version < 0 ? [{ protocol: PROTOCOL }] : []), { metaData: { ...metadata, schemaString } }];
}

function commitInfo({ runtime }: ExportWork, actions: readonly Action[]): Action {
  const isBlindAppend = !actions.some((action) => 'remove' in action);
  return {
    commitInfo: {
      timestamp: runtime.now(),
      operation: 'WRITE',
      operationParameters: { mode: isBlindAppend ? 'Append' : 'Overwrite' },
      isBlindAppend,
      engineInfo: ENGINE,
    },
  };
}

/** What a commit says of its own version of the lake: written twice, it counts once. */
export const transactionOf = ({ source, runtime }: ExportWork): Action => ({
  txn: { appId: applicationOf(source.lakeId), version: source.state.version, lastUpdated: runtime.now() },
});

export const applicationOf = (lakeId: string): string => `${ENGINE}:${lakeId}`;

/** Takes files out of the table. */
export const removals = (
  { runtime }: ExportWork,
  files: readonly AddAction[],
  dataChange: boolean,
): readonly Action[] =>
  files.map(({ path, size, partitionValues }) => ({
    remove: { path, deletionTimestamp: runtime.now(), dataChange, extendedFileMetadata: true, partitionValues, size },
  }));

/** A checkpoint where it is time, then the removal of files whose time is over. */
async function tidied(
  work: ExportWork,
  folder: DeltaFolder,
  { state, isOwn }: { readonly state: DeltaState; readonly isOwn: boolean },
  signal?: AbortSignal,
): Promise<DeltaState> {
  if (state.version < 0 || state.version - state.checkpoint < CHECKPOINT_EVERY) return state;
  const expiredMs = work.runtime.now() - work.retentionMs;
  const scratch = scratchPath(work, 'checkpoint');
  const after = await writeCheckpoint(work.duck, folder, { state, scratch, expiredMs }, signal);
  // Only behind an own commit: what an export that stood still would commit names no file any more.
  if (isOwn) await removeUnnamed(work, folder, after, signal);
  await removeOldLog(folder, work.runtime.now() - Math.max(LOG_RETENTION_MS, work.retentionMs), signal);
  return after;
}

/** Files that no version names which is still kept, and those that an export began and did not end. */
async function removeUnnamed(
  { lease }: ExportWork,
  { store }: DeltaFolder,
  { files, tombstones }: DeltaState,
  signal?: AbortSignal,
): Promise<void> {
  const unnamed: string[] = [];
  for await (const { key } of store.list('', {}, signal)) {
    const isOwn = baseOfName(key) !== undefined && (isOfEarlierLease(key, lease.number) || !files.has(key));
    if (isOwn && !files.has(key) && !tombstones.has(key)) unnamed.push(key);
  }
  if (unnamed.length > 0) await store.delete(unnamed, signal);
}

/** The columns of a table, by their types. */
export const structOf = (columns: Readonly<Record<string, { readonly type: ColumnType }>>): DeltaStruct =>
  deltaStruct(Object.fromEntries(Object.entries(columns).map(([name, { type }]) => [name, type])));
