import { mkdir } from 'node:fs/promises';
import type { Runtime } from '../runtime/runtime.ts';
import type { TableShape } from '../schema/column.ts';
import { withRawColumn } from '../schema/column.ts';
import { LakeCore } from './core.ts';
import { publish } from './current.ts';
import { openDuck } from './duck.ts';
import { writeError } from './errors.ts';
import { beginLoad } from './load.ts';
import { readState } from './log.ts';
import { compact } from './maintenance.ts';
import type { ObjectStore } from './object-store.ts';
import { storedTables } from './relations.ts';
import type { Lake } from './types.ts';

export interface OpenLakeOptions {
  readonly store: ObjectStore;
  readonly tables: readonly TableShape[];
  readonly runtime: Runtime;
  /** Local folder for open segments and unfinished files. May be emptied between runs. */
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
  /** Memory of the transform without JSON scratch, for example `1GB` (default). */
  readonly memoryLimit?: string;
}

/**
 * Opens a lake for writing; an empty store is an empty lake.
 *
 * @throws SluiceError `lake_format_newer`, `lake_commit_corrupt`, `lake_unwritable`
 */
export async function openLake(options: OpenLakeOptions): Promise<Lake> {
  const { store, runtime, scratchDir } = options;
  const state = await readState(store);
  const tables = options.rawColumn ? options.tables.map(withRawColumn) : storedTables(options.tables, state);
  await mkdir(scratchDir, { recursive: true }).catch((error: unknown) => {
    throw writeError(error, scratchDir);
  });
  const duck = await openDuck({
    scratchDir,
    threads: options.threads ?? 1,
    ...(options.memoryLimit !== undefined && { memoryLimit: options.memoryLimit }),
  });
  const core = new LakeCore({ store, tables, runtime, duck, scratchDir, keepRaw: options.keepRaw ?? false, state });
  const maintain = <T>(work: () => Promise<T>) =>
    core.exclusive(work).catch((error: unknown) => {
      throw writeError(error, store.description);
    });
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await core.exclusive(async () => duck.close());
  };
  return {
    get version() {
      return core.state.version;
    },
    tables,
    positions: () => core.state.positions,
    begin: (load) => beginLoad(core, load),
    publish: (which = {}, signal) => maintain(() => publish(core, which, signal)),
    compact: (which = {}, signal) => maintain(() => compact(core, which, signal)),
    close,
    [Symbol.asyncDispose]: close,
  };
}
