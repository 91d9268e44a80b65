import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime } from '../runtime/runtime.ts';
import type { TableShape } from '../schema/column.ts';
import { withRawColumn } from '../schema/column.ts';
import { checkedTables } from '../schema/declaration.ts';
import { openDuck } from './engine/duck.ts';
import { checkMemory, type Memory, systemMemory } from './engine/memory.ts';
import { checkOpenFiles } from './engine/open-files.ts';
import { writeError } from './engine/write-error.ts';
import { repair } from './health/repair.ts';
import { lakeContents } from './load/contents.ts';
import { keptPages } from './load/kept-pages.ts';
import { beginLoad } from './load/load.ts';
import { readRuns, writeRuns } from './load/runs.ts';
import type { Lease, LeaseOptions } from './log/lease.ts';
import { takeLease } from './log/lease.ts';
import { type LeaseHost, systemLeaseHost } from './log/lease-host.ts';
import { readState, takeOver } from './log/log.ts';
import { mendLog, surveyLog } from './log/log-survey.ts';
import { writtenTables } from './log/row-counts.ts';
import type { ObjectStore } from './stores/object-store.ts';
import { makeOwnFolder } from './stores/private-files.ts';
import type { Keeping } from './tables/core.ts';
import { LakeCore } from './tables/core.ts';
import { publish } from './tables/current.ts';
import { heldColumns } from './tables/held-columns.ts';
import { compact } from './tables/maintenance.ts';
import { storedTables } from './tables/relations.ts';
import type { Lake } from './types.ts';

export const DEFAULT_RETENTION_MS = 7 * 86_400_000;
export const DEFAULT_GRACE_MS = 86_400_000;

/** How the right to write is taken: one process has it at a time. */
export type WriterOptions = Pick<LeaseOptions, 'yieldsTo' | 'onWait'> & {
  /** What the others are told: `sync`, `compact`. */
  readonly purpose?: string | undefined;
  /** How long to wait for another writer, ms. Default 0: it is said at once. */
  readonly waitMs?: number | undefined;
  readonly host?: LeaseHost | undefined;
};

export interface OpenLakeOptions {
  readonly store: ObjectStore;
  readonly tables: readonly TableShape[];
  readonly runtime: Runtime;
  /** Local folder for open segments and unfinished files: a folder of its own is made inside for each opened lake. */
  readonly scratchDir: string;
  /**
   * Adds `_raw`, the whole record as JSON text, to every table that is read from pages. A lake that was written with it
   * once keeps it.
   */
  readonly rawColumn?: boolean;
  /** Keeps the pages as received, gzipped, below `raw/`. They hold message texts. */
  readonly keepRaw?: boolean;
  /**
   * Threads of DuckDB. Default 1: one writes 50,000 messages a second, several times what the published limits let
   * through, at two thirds of the CPU of two; the others stay free for fetching.
   */
  readonly threads?: number;
  /** Memory of the transform without JSON scratch, for example `1GB`. Default: 1 GB, or half of what the process may use. */
  readonly memoryLimit?: string;
  /** What this process may use. Default: what the system says. */
  readonly memory?: Memory | undefined;
  /** Default: changes 7 days, replaced files 1 day. */
  readonly keeping?: Partial<Keeping>;
  readonly writer?: WriterOptions;
  /** Opens a lake also when files of its log are lost: goes back to what can be read without a gap. */
  readonly mendsLog?: boolean | undefined;
}

/**
 * Opens a lake for writing; an empty store is an empty lake. One process writes a lake at a time: it holds its lease until
 * the lake is closed.
 *
 * @throws SluiceError `open_files_too_few`, `memory_too_small`, `lake_busy`, `lake_format_newer`, `lake_commit_corrupt`, `lake_unwritable`, `folder_not_own`,
 * `table_invalid`
 */
export async function openLake(options: OpenLakeOptions, signal?: AbortSignal): Promise<Lake> {
  const { store, runtime, scratchDir: parent } = options;
  await checkOpenFiles();
  checkMemory(options.memory ?? (await systemMemory()));
  // A lake that this version cannot read is refused before anything is written into it.
  if (options.mendsLog) await surveyLog(store, signal);
  else await readState(store, signal);
  const id = runtime.id();
  const { host = systemLeaseHost(), purpose = 'write', waitMs = 0, yieldsTo, onWait } = options.writer ?? {};
  const lease = await takeLease(
    { store, host, id, purpose, now: runtime.now, sleep: runtime.sleep, waitMs, yieldsTo, onWait },
    signal,
  );
  try {
    if (options.mendsLog) await mendLog(store, signal);
    return await openHeld(options, lease, await ownScratch(parent, id, lease));
  } catch (error) {
    await lease.release();
    throw error;
  }
}

/** Makes the scratch folder of this lease and removes those of leases that have ended. */
async function ownScratch(parent: string, id: string, lease: Lease): Promise<string> {
  try {
    const folder = await makeOwnFolder(parent, id);
    for (const ended of lease.ended) await rm(join(parent, ended), { recursive: true, force: true });
    return folder;
  } catch (error) {
    throw writeError(error, parent);
  }
}

async function openHeld(options: OpenLakeOptions, lease: Lease, scratchDir: string): Promise<Lake> {
  const { store, runtime, keeping } = options;
  const state = lease.isTakeover
    ? await takeOver(store, { id: runtime.id(), lease: lease.number, time: new Date(runtime.now()).toISOString() })
    : await readState(store);
  const declared = checkedTables(options.tables);
  const tables = options.rawColumn ? declared.map(withRawColumn) : storedTables(declared, state);
  const duck = await openDuck({
    scratchDir,
    threads: options.threads ?? 1,
    memoryLimit: options.memoryLimit,
  });
  const core = new LakeCore({
    store,
    tables,
    runtime,
    duck,
    scratchDir,
    keepRaw: options.keepRaw ?? false,
    keeping: {
      retentionMs: keeping?.retentionMs ?? DEFAULT_RETENTION_MS,
      graceMs: keeping?.graceMs ?? DEFAULT_GRACE_MS,
    },
    lease,
    state,
  });
  const maintain = <T>(work: () => Promise<T>) =>
    core.exclusive(work).catch((error: unknown) => {
      throw writeError(error, store.description);
    });
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await core.exclusive(async () => duck.close());
    await rm(scratchDir, { recursive: true, force: true });
    await lease.release({ trace: core.state.version > 0 });
  };
  return {
    get version() {
      return core.state.version;
    },
    get facts() {
      return core.state.meta;
    },
    tables,
    positions: () => core.state.positions,
    written: () => writtenTables(core.state),
    begin: (load) => beginLoad(core, load),
    contents: lakeContents(core),
    note: async (meta, positions = {}) => {
      await maintain(async () => {
        await core.lease.check();
        await core.catchUp();
        await core.commit({ added: [], removed: [], positions, meta });
      });
    },
    heldColumns: () => core.exclusive(() => heldColumns(core)),
    keptPages: (resource) => keptPages(core, resource),
    runs: () => readRuns(store),
    keepRuns: (runs) => maintain(() => writeRuns(core, runs)),
    publish: (which = {}, inner) => maintain(() => publish(core, which, inner)),
    compact: (which = {}, inner) => maintain(() => compact(core, which, inner)),
    repair: (inner) => repair(core, inner),
    close,
    [Symbol.asyncDispose]: close,
  };
}
