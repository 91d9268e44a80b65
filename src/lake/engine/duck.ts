import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import { duckMemory, systemMemory } from './memory.ts';

/** COPY options of every file of the lake. Level 1 of zstd makes files as small as its default level, for less CPU. */
export const PARQUET = 'FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1';

/** How much DuckDB may use. */
export interface DuckOptions {
  /** Default: one per core. */
  readonly threads?: number | undefined;
  /** For example `1GB`. JSON scratch memory comes on top of it. Default: 1 GB, or half of what the process may use. */
  readonly memoryLimit?: string | undefined;
  /** Where DuckDB spills what does not fit. */
  readonly scratchDir: string;
}

/** An embedded DuckDB. Statements run off the event loop. */
export interface Duck {
  /** Runs a statement; with a signal, an abort interrupts it. */
  run(sql: string, values?: readonly DuckDBValue[], signal?: AbortSignal): Promise<void>;
  /** Runs a statement and reads its rows; numbers of 64 bits come as texts. */
  rows(sql: string, values?: readonly DuckDBValue[], signal?: AbortSignal): Promise<Record<string, unknown>[]>;
  /** Runs work on {@link connection}; an abort interrupts it. */
  interruptible<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  readonly connection: DuckDBConnection;
  /** One more connection to the same database. */
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

/**
 * Opens an in-memory DuckDB that never reaches for the network: all three extension switches are off
 * (https://duckdb.org/docs/stable/extensions/overview#autoloading-extensions).
 */
export async function openDuck(options: DuckOptions): Promise<Duck> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: options.memoryLimit ?? duckMemory(await systemMemory()),
    temp_directory: options.scratchDir,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    ...(options.threads !== undefined && { threads: String(options.threads) }),
  });
  const connection = await instance.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'");

  async function interruptible<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const interrupt = () => connection.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', interrupt);
    }
  }

  return {
    connection,
    connect: () => instance.connect(),
    interruptible,
    async run(sql, values = [], signal) {
      await interruptible(() => connection.run(sql, [...values]), signal);
    },
    async rows(sql, values = [], signal) {
      const reader = await interruptible(() => connection.runAndReadAll(sql, [...values]), signal);
      return reader.getRowObjectsJson() as Record<string, unknown>[];
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
