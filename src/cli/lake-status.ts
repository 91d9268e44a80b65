import { readRuns } from '../lake/load/runs.ts';
import type { LakeState } from '../lake/log/commit-record.ts';
import { currentWriter, type WriterStanding } from '../lake/log/lease.ts';
import { systemLeaseHost } from '../lake/log/lease-host.ts';
import { readState } from '../lake/log/log.ts';
import { commitTime, tableStandings } from '../lake/log/row-counts.ts';
import { queryLake } from '../lake/query/query.ts';
import type { ObjectStore } from '../lake/stores/object-store.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { identifier } from '../schema/sql.ts';
import { type KnownFilter, knownFilters, positionsWith } from '../strategies/filtered-positions.ts';
import { goneTops, partitionStandings } from '../strategies/standing.ts';
import { incrementalResources, notFilled, planFilling, positionsAfter } from '../sync/filling.ts';
import { sourceOf } from '../sync/lake-source.ts';
import { endedRuns, loggedRuns } from '../sync/run-log.ts';
import { openLook } from '../sync/verify.ts';
import { tables } from '../tables/index.generated.ts';
import { inspectLake } from './lake-state.ts';

export type Status = Awaited<ReturnType<typeof statusOf>>;

/** What there is to say of a lake, for people and as JSON. */
export async function statusOf(store: ObjectStore, signal: AbortSignal) {
  const state = await readState(store, signal);
  const [writer, runs] = await Promise.all([
    currentWriter({ store, host: systemLeaseHost(), sleep: systemRuntime.sleep }, signal),
    readRuns(store, signal),
  ]);
  const filling = await planFilling(inspectLake(store, state));
  const positions = positionsAfter(state.positions, filling.positions);
  const resources = incrementalResources(tables);
  const gone = new Set(resources.flatMap((resource) => [...goneTops(positions, resource)]));
  const missing = notFilled(positions, tables, ({ ids }) => !gone.has(ids[0]!));
  const partitions = readPartitions(positions, resources);
  const lastRun = lastRunOf(runs, writer);
  return {
    lake: store.description,
    version: state.version,
    source: sourceOf(state.meta),
    tables: await tablesOf(store, state, signal),
    read: resources.map((resource) =>
      readOf(
        resource,
        partitions.filter((one) => one.resource === resource),
      ),
    ),
    partitions: partitions.map(({ gaps: _, ...partition }) => partition),
    gaps: partitions.flatMap(({ gaps }) => gaps),
    fillings: filling.fillings,
    notFilled: missing,
    lastRun,
    writer,
    isMissing:
      missing.length + filling.fillings.length > 0 || partitions.some((one) => one.isOpen || one.gaps.length > 0),
  };
}

/** How far the places of some collections were read. */
export const readPartitions = (positions: ReadonlyMap<PartitionKey, Position>, resources: readonly string[]) =>
  resources.flatMap((resource) => partitionStandings(positions, resource).map((one) => ({ resource, ...one })));

/** The same of what runs with a filter have read, by the filter. */
export const filteredPartitions = (positions: ReadonlyMap<PartitionKey, Position>, resources: readonly string[]) =>
  resources.flatMap((resource) => {
    const look = openLook(positions, resource);
    const read = knownFilters(positions, resource).flatMap((filter) =>
      partitionStandings(positionsWith(positions, filter), resource).map((one) => ({
        resource,
        ...one,
        filter: filterText(filter),
      })),
    );
    if (look === undefined) return read;
    const { filter, since } = look;
    return [...read, { resource, partition: 'tenant', since, through: undefined, isOpen: true, gaps: [], filter }];
  });

/** How a filter is called where its marks are shown and forgotten. */
export const filterText = ({ condition, name }: KnownFilter): string => condition ?? name;

async function tablesOf(store: ObjectStore, state: LakeState, signal: AbortSignal) {
  const times = new Map<number, string | undefined>();
  const standings = [];
  for (const { table, rows, changedIn } of tableStandings(state, tables)) {
    if (changedIn !== undefined && !times.has(changedIn))
      times.set(changedIn, await commitTime(store, changedIn, signal));
    standings.push({
      table,
      rows: rows ?? (await countRows(store, table, signal)),
      changedAt: changedIn === undefined ? undefined : times.get(changedIn),
    });
  }
  return standings;
}

async function countRows(store: ObjectStore, table: string, signal: AbortSignal): Promise<number> {
  const sql = `SELECT count(*)::DOUBLE FROM ${identifier(table)}`;
  const { rows } = await queryLake({ store, tables, sql, signal });
  return Number(rows[0]?.[0] ?? 0);
}

interface Read {
  readonly through?: string | undefined;
  readonly isOpen: boolean;
}

/** The mark of a partition in which nothing was ever seen lies at the beginning of time. */
const isMark = (through: string | undefined): through is string => through !== undefined && Date.parse(through) > 0;

function readOf(resource: string, partitions: readonly Read[]) {
  const marks = partitions.flatMap(({ through }) => (isMark(through) ? [through] : [])).sort();
  return {
    resource,
    tables: tables.filter((table) => table.resource === resource).map(({ name }) => name),
    partitions: partitions.length,
    open: partitions.filter(({ isOpen }) => isOpen).length,
    /** The earliest and the latest mark; a mark follows the last change that was seen in its partition. */
    throughLeast: marks[0],
    throughMost: marks.at(-1),
  };
}

/** A run that has not ended, and whose writer is gone, was killed. */
export function lastRunOf(stored: unknown, writer: WriterStanding) {
  const runs = loggedRuns(stored);
  return (writer.is === 'nobody' ? endedRuns(runs) : runs)[0];
}
