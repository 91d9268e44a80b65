/**
 * A first load and its queries in every kind of store that can be had here: what the store costs beside a folder. Without
 * a tenant: what is measured is the lake alone.
 *
 * `npm run bench -- stores`, or `node --import ./scripts/typescript.mjs bench/stores.ts [MESSAGES …]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLake } from '../src/lake/lake.ts';
import { openReader } from '../src/lake/query/query.ts';
import { openStore } from '../src/lake/stores/index.ts';
import type { OpenStoreOptions } from '../src/lake/stores/store-kind.ts';
import { systemRuntime } from '../src/runtime/runtime.ts';
import { tables } from '../src/tables/index.generated.ts';
import { remoteServices } from '../test/support/remote-stores.ts';
import { land, pagesOf } from './messages.ts';

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [150_000];
const SQL = 'SELECT team_id, count(*) AS n FROM messages GROUP BY team_id ORDER BY n DESC LIMIT 5';

interface Place {
  readonly url: string;
  readonly settings?: OpenStoreOptions['settings'];
}

async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly ms: number; readonly cpuMs: number; readonly value: T }> {
  const beganMs = performance.now();
  const cpu = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - beganMs, cpuMs: (user + system) / 1000, value };
}

async function measure(store: string, { url, settings }: Place, count: number) {
  const scratchDir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const fetched: string[] = [];
  const onFetch = (key: string) => void fetched.push(key);
  try {
    const written = await timed(async () => {
      const into = await openStore(url, { settings, scratchDir });
      await using lake = await openLake({ store: into, tables, runtime: systemRuntime, scratchDir });
      await land(lake, 'first', pagesOf(count));
      await lake.publish();
    });
    const from = await openStore(url, { settings, scratchDir, onFetch });
    await using reader = await openReader({ store: from, tables });
    const cold = await timed(() => reader.query(SQL));
    const coldFiles = fetched.length;
    const warm = await timed(() => reader.query(SQL));
    const fetchedSizes = await Promise.all(fetched.map((key) => from.size(key)));
    let whole = 0;
    for await (const { size } of from.list('tables/')) whole += size;
    return {
      store,
      messages: count,
      messagesPerSecond: Math.round(count / (written.ms / 1000)),
      cpuSeconds: Number((written.cpuMs / 1000).toFixed(1)),
      coldMs: Math.round(cold.ms),
      warmMs: Math.round(warm.ms),
      filesFetched: coldFiles,
      fetchedAgain: fetched.length - coldFiles,
      fetchedMB: Number((fetchedSizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) / 1e6).toFixed(1)),
      ofMB: Number((whole / 1e6).toFixed(1)),
      times: written.ms,
    };
  } finally {
    rmSync(scratchDir, { recursive: true, force: true });
  }
}

for (const count of sizes) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const { times: local, ...first } = await measure('a folder', { url: join(folder, 'lake') }, count);
  rmSync(folder, { recursive: true, force: true });
  console.log(JSON.stringify({ ...first, timesTheFolder: 1 }));
  for (const { name, isAvailable, start } of remoteServices) {
    if (!isAvailable) continue;
    const service = await start();
    try {
      const { times, ...row } = await measure(name, await service.place(), count);
      console.log(JSON.stringify({ ...row, timesTheFolder: Number((times / local).toFixed(2)) }));
    } finally {
      service.stop();
    }
  }
}
