import { join } from 'node:path';
import { connectionOf } from '../../src/config/connection.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createGraphClient } from '../../src/graph/client.ts';
import type { GraphClient, PageRequest } from '../../src/graph/types.ts';
import { openLake } from '../../src/lake/lake.ts';
import type { LeaseHost } from '../../src/lake/log/lease-host.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import type { TableShape } from '../../src/schema/column.ts';
import type { PutBack } from '../../src/strategies/put-back.ts';
import type { SyncOptions } from '../../src/sync/options.ts';
import type { RunReport } from '../../src/sync/report.ts';
import { sync } from '../../src/sync/run.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { TEAM_TABLES } from './team-tables.ts';
import type { Environment } from './twin.ts';

export interface SyncCall
  extends Partial<
    Pick<
      SyncOptions,
      | 'strategy'
      | 'filter'
      | 'verify'
      | 'teams'
      | 'channels'
      | 'users'
      | 'chats'
      | 'contentLimitMb'
      | 'sinceMs'
      | 'untilMs'
      | 'maxPages'
      | 'maxRecords'
      | 'segmentPages'
      | 'overlapMs'
      | 'allowShrink'
      | 'onlyGranted'
    >
  > {
  readonly env: Environment;
  readonly lake: string;
  readonly runtime: Runtime;
  /** Time limit of one request, ms. */
  readonly timeoutMs?: number;
  /** Default 6. */
  readonly maxRetries?: number;
  /** Is told of every page that is asked for. */
  readonly watch?: (request: PageRequest) => void;
  /** Puts something between the lake and its folder. */
  readonly wrap?: (store: ObjectStore) => ObjectStore;
  /** Only these tables. Default: those of teams and channels. */
  readonly tables?: readonly string[];
  /** The tables as an older release declared them. */
  readonly release?: readonly TableShape[];
  /** Keeps the pages as received. */
  readonly keepRaw?: boolean;
  /** Adds `_raw`. */
  readonly rawColumn?: boolean;
  /** Facts that the lake does not say after the run, as before there were any. */
  readonly forgetFacts?: readonly string[];
  /** What the process that writes seems to be. Default: this one. */
  readonly host?: LeaseHost;
  /** Lets partitions be read again before, as `sluice refresh` does. */
  readonly refresh?: PutBack;
}

/** One run as `sluice sync` does it, in this process and over real HTTP, without limits. */
export async function runSync(call: SyncCall): Promise<RunReport> {
  const { env, lake: folder, runtime, timeoutMs, maxRetries = 6, wrap, watch, tables: names, ...others } = call;
  const { release = tables, keepRaw = false, rawColumn = false, refresh, forgetFacts = [], host, ...options } = others;
  const connection = connectionOf((await loadConfig({ environment: env })).config);
  const client = createGraphClient({
    identity: connection,
    runtime,
    limits: [],
    maxRetries,
    // The clock is fast; the machine is not.
    timeoutMs: timeoutMs ?? 3_600_000,
    graphUrl: connection.graphUrl!,
    loginUrl: connection.loginUrl!,
  });
  const graph = watch ? watched(client, watch) : client;
  const store = fileStore(folder);
  const lake = await openLake({
    store: wrap?.(store) ?? store,
    tables: release,
    runtime,
    keepRaw,
    rawColumn,
    writer: host === undefined ? {} : { host },
    scratchDir: join(folder, '.scratch', runtime.id()),
  });
  try {
    const chosen = release.filter(({ name }) => (names ?? TEAM_TABLES).includes(name));
    const signal = new AbortController().signal;
    const report = await sync(
      { graph, lake, tables: chosen, runtime, segmentMs: 3_600_000, again: refresh && [refresh], ...options },
      signal,
    );
    if (forgetFacts.length > 0) await lake.note(Object.fromEntries(forgetFacts.map((name) => [name, null])));
    return report;
  } finally {
    await lake.close();
    await graph.close();
  }
}

function watched(graph: GraphClient, watch: (request: PageRequest) => void): GraphClient {
  return {
    get stats() {
      return graph.stats;
    },
    page: (request, signal) => {
      watch(request);
      return graph.page(request, signal);
    },
    file: (...args) => graph.file(...args),
    permissions: (signal) => graph.permissions(signal),
    source: async (signal) => graph.source?.(signal),
    close: () => graph.close(),
  };
}
