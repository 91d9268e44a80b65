import { rm } from 'node:fs/promises';
import type { Runtime } from '../../runtime/runtime.ts';
import type { TableShape } from '../../schema/column.ts';
import { openDuck } from '../engine/duck.ts';
import { checkMemory, type Memory, systemMemory } from '../engine/memory.ts';
import { checkOpenFiles } from '../engine/open-files.ts';
import { writeError } from '../engine/write-error.ts';
import { type ExportSource, hasPassed, isBehind, readSource } from '../feed/source.ts';
import { type Lease, type LeaseOptions, takeLease } from '../log/lease.ts';
import { type LeaseHost, systemLeaseHost } from '../log/lease-host.ts';
import { storeBelow } from '../stores/below.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { makeOwnFolder } from '../stores/private-files.ts';
import { exportDelta } from './delta.ts';
import { exportErrors } from './errors.ts';
import { exportFolders } from './folders.ts';
import type { ExportReport, NotExported, TableReport } from './report.ts';
import { readExportState } from './state.ts';
import type { ExportWork } from './work.ts';

/** How long files live on that no version names any more. */
export const EXPORT_RETENTION_MS = 7 * 86_400_000;

/** Names of the formats: each is a folder of its own in the place that is written to. */
export const exportFormats = ['json', 'parquet', 'delta'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions {
  /** The lake of one tenant. */
  readonly store: ObjectStore;
  /** All that a lake may hold. */
  readonly tables: readonly TableShape[];
  /** Those that are exported. */
  readonly names: readonly string[];
  readonly format: ExportFormat;
  /** Where the folder of the format is, or will be. */
  readonly to: ObjectStore;
  readonly runtime: Runtime;
  /** A folder of its own is made inside. */
  readonly scratchDir: string;
  /** Everything is written anew. */
  readonly isFull?: boolean | undefined;
  /** Replaced files are kept so long for those who still read them, ms. Default: 7 days. */
  readonly retentionMs?: number | undefined;
  /** How long to wait for another export into the same folder, ms. Default: not at all. */
  readonly waitMs?: number | undefined;
  readonly onWait?: LeaseOptions['onWait'];
  readonly host?: LeaseHost | undefined;
  /** What this process may use. Default: what the system says. */
  readonly memory?: Memory | undefined;
}

/** The tables among the named whose files do not hold what stands: a lake is published first. */
export async function tablesBehind(
  { store, tables, names }: Pick<ExportOptions, 'store' | 'tables' | 'names'>,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const source = await readSource(store, tables, signal);
  return chosen(source, names).flatMap((table) => (isBehind(source, table) ? [table.name] : []));
}

const chosen = ({ tables }: ExportSource, names: readonly string[]) =>
  tables.filter(({ name }) => names.includes(name));

/**
 * Writes tables of a lake in a format that others read, or brings what was written up to date: what is written is what
 * changed. A table that cannot be written stops no other one.
 *
 * @throws SluiceError `export_of_another_lake`, `export_ahead_of_lake`, `export_state_unreadable`, `lake_busy`,
 * `lake_conflict`, `lake_unwritable`, `lake_disk_full`
 */
export async function exportLake(options: ExportOptions, signal?: AbortSignal): Promise<ExportReport> {
  const { store, runtime, format, waitMs = 0, onWait, host = systemLeaseHost() } = options;
  await checkOpenFiles();
  checkMemory(options.memory ?? (await systemMemory()));
  const source = await readSource(store, options.tables, signal);
  const output = storeBelow(options.to, format);
  // Another lake's export is refused before anything is written into it.
  await checkIsOf(source, { output, isFull: options.isFull ?? false }, signal);
  const id = runtime.id();
  const { now, sleep } = runtime;
  const lease = await takeLease({ store: output, host, id, purpose: 'export', now, sleep, waitMs, onWait }, signal);
  try {
    return await withScratch(options.scratchDir, (scratchDir) =>
      written({ options, source, output, lease, scratchDir }, signal),
    );
  } catch (error) {
    throw writeError(error, output.description);
  } finally {
    await lease.release();
  }
}

async function checkIsOf(
  source: ExportSource,
  { output, isFull }: Pick<ExportWork, 'output' | 'isFull'>,
  signal?: AbortSignal,
): Promise<void> {
  const { lakeId, at } = await readExportState(output, (value): value is unknown => value !== undefined, signal);
  const place = output.description;
  if (lakeId !== undefined && lakeId !== source.lakeId)
    throw exportErrors.export_of_another_lake({ place, lake: source.store.description });
  if (isFull || at === undefined || (await hasPassed(source, at, signal))) return;
  throw exportErrors.export_ahead_of_lake({ place, exported: at.version, version: source.state.version });
}

async function withScratch<T>(parent: string, use: (scratchDir: string) => Promise<T>): Promise<T> {
  const scratchDir = await makeOwnFolder(parent);
  try {
    return await use(scratchDir);
  } finally {
    await rm(scratchDir, { recursive: true, force: true });
  }
}

async function written(
  held: {
    readonly options: ExportOptions;
    readonly source: ExportSource;
    readonly output: ObjectStore;
    readonly lease: Lease;
    readonly scratchDir: string;
  },
  signal?: AbortSignal,
): Promise<ExportReport> {
  const { options, source, output, lease, scratchDir } = held;
  const { format, names, runtime, isFull = false, retentionMs = EXPORT_RETENTION_MS } = options;
  // Whoever held the lease until now may have written another lake, or a later version.
  await checkIsOf(source, { output, isFull }, signal);
  const duck = await openDuck({ scratchDir, threads: 1 });
  try {
    const work: ExportWork = { source, output, lease, duck, runtime, scratchDir, retentionMs, isFull };
    const all = chosen(source, names);
    const behind = all.filter((table) => isBehind(source, table));
    const ready = all.filter((table) => !behind.includes(table));
    const reports =
      format === 'delta'
        ? await exportDelta(work, { tables: ready }, signal)
        : await exportFolders(work, { tables: ready, format }, signal);
    const state = await readExportState(output, (value): value is unknown => value !== undefined, signal);
    return {
      format,
      place: output.description,
      version: source.state.version,
      tables: reports.flatMap((one) => ('error' in one ? [] : [one])),
      notExported: [
        ...reports.filter(isNotExported),
        ...behind.map(({ name }) => ({ table: name, error: exportErrors.export_lake_behind({ table: name }) })),
      ],
      leftAsTheyWere: Object.keys(state.tables).filter((name) => !names.includes(name)),
    };
  } finally {
    duck.close();
  }
}

const isNotExported = (report: TableReport): report is NotExported => 'error' in report;
