import { rm, writeFile } from 'node:fs/promises';
import { literal } from '../../schema/sql.ts';
import { type Duck, PARQUET } from '../engine/duck.ts';
import { PRIVATE_FILE } from '../stores/private-files.ts';
import { type Action, actionLines } from './actions.ts';
import { checkpointKey, type DeltaFolder, type DeltaState, LAST_CHECKPOINT } from './log.ts';

/** A checkpoint is written after this many commits: readers begin with it. */
export const CHECKPOINT_EVERY = 10;

/** The columns of a checkpoint. https://github.com/delta-io/delta/blob/master/PROTOCOL.md#checkpoint-schema */
const MAP = 'MAP(VARCHAR, VARCHAR)';
const COLUMNS = {
  txn: 'STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)',
  add: `STRUCT(path VARCHAR, partitionValues ${MAP}, size BIGINT, modificationTime BIGINT, dataChange BOOLEAN, stats VARCHAR)`,
  remove: `STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN, partitionValues ${MAP}, size BIGINT)`,
  metaData: `STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options ${MAP}), schemaString VARCHAR, partitionColumns VARCHAR[], configuration ${MAP}, createdTime BIGINT)`,
  protocol: 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER)',
};

/**
 * Writes what the log says as one Parquet file. Tombstones whose time is over are left out.
 *
 * @param scratch - a local path without extension that nobody else uses
 */
export async function writeCheckpoint(
  duck: Duck,
  { store }: DeltaFolder,
  { state, scratch, expiredMs }: { readonly state: DeltaState; readonly scratch: string; readonly expiredMs: number },
  signal?: AbortSignal,
): Promise<DeltaState> {
  const kept = [...state.tombstones.values()].filter(({ deletionTimestamp }) => deletionTimestamp > expiredMs);
  const actions: Action[] = [
    { protocol: state.protocol! },
    { metaData: state.metadata! },
    ...[...state.transactions].map(([appId, version]) => ({ txn: { appId, version } })),
    ...kept.map((remove) => ({ remove: { ...remove, dataChange: false } })),
    ...[...state.files.values()].map((add) => ({ add: { ...add, dataChange: false } })),
  ];
  const [lines, parquet] = [`${scratch}.ndjson`, `${scratch}.parquet`];
  try {
    await writeFile(lines, actionLines(actions), { mode: PRIVATE_FILE });
    const columns = Object.entries(COLUMNS).map(([name, type]) => `${name}: ${literal(type)}`);
    const rows = `FROM read_json(${literal(lines)}, format = 'newline_delimited', columns = {${columns.join(', ')}})`;
    await duck.run(`COPY (${rows}) TO ${literal(parquet)} (${PARQUET})`, [], signal);
    await store.putFile(checkpointKey(state.version), parquet, signal);
  } finally {
    await rm(lines, { force: true });
    await rm(parquet, { force: true });
  }
  const hint = { version: state.version, size: actions.length };
  await store.put(LAST_CHECKPOINT, Buffer.from(JSON.stringify(hint)), signal);
  return {
    ...state,
    checkpoint: state.version,
    tombstones: new Map(kept.map((remove) => [remove.path, remove])),
  };
}
