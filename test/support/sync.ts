import { join } from 'node:path';
import { connectionOf } from '../../src/config/connection.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createGraphClient } from '../../src/graph/client.ts';
import { openLake } from '../../src/lake/lake.ts';
import type { ObjectStore } from '../../src/lake/object-store.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import type { RunReport } from '../../src/sync/report.ts';
import { type SyncOptions, sync } from '../../src/sync/run.ts';
import { tables } from '../../src/tables/index.generated.ts';
import type { Environment } from './twin.ts';

export interface SyncCall
  extends Partial<Pick<SyncOptions, 'strategy' | 'teams' | 'segmentPages' | 'overlapMs' | 'allowShrink'>> {
  readonly env: Environment;
  readonly lake: string;
  readonly runtime: Runtime;
  /** Time limit of one request, ms. */
  readonly timeoutMs?: number;
  /** Default 6. */
  readonly maxRetries?: number;
  /** Puts something between the lake and its folder. */
  readonly wrap?: (store: ObjectStore) => ObjectStore;
  /** Only these tables. */
  readonly tables?: readonly string[];
}

/** One run as `sluice sync` does it, in this process and over real HTTP, without limits. */
export async function runSync(call: SyncCall): Promise<RunReport> {
  const { env, lake: folder, runtime, timeoutMs, maxRetries = 6, wrap, tables: names, ...options } = call;
  const connection = connectionOf(loadConfig({ environment: env }).config);
  const graph = createGraphClient({
    identity: connection,
    runtime,
    limits: [],
    maxRetries,
    // The clock is fast; the machine is not.
    timeoutMs: timeoutMs ?? 3_600_000,
    graphUrl: connection.graphUrl!,
    loginUrl: connection.loginUrl!,
  });
  const store = fileStore(folder);
  const lake = await openLake({
    store: wrap?.(store) ?? store,
    tables,
    runtime,
    scratchDir: join(folder, '.scratch', runtime.id()),
  });
  try {
    const chosen = names ? tables.filter(({ name }) => names.includes(name)) : tables;
    const signal = new AbortController().signal;
    return await sync({ graph, lake, tables: chosen, runtime, segmentMs: 3_600_000, ...options }, signal);
  } finally {
    await lake.close();
    await graph.close();
  }
}
