/**
 * Messages per second through the outbox, with limits off and a notifier that answers at once: what the outbox itself
 * costs. And what one hanging endpoint among 100 costs the others.
 *
 * `npm run bench -- outbox`, or `node --import ./scripts/typescript.mjs bench/outbox.ts [MESSAGES [ROUNDS]]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Notifier } from '../src/messages/types.ts';
import { type OpenOutboxOptions, openOutbox } from '../src/outbox/outbox.ts';
import { systemRuntime } from '../src/runtime/runtime.ts';
import { postgresAvailable, startPostgres } from '../test/support/postgres.ts';

const messages = Number(process.argv[2] ?? 5_000);
/** Pairs of runs, with and without the hanging endpoint; their median counts, so that one busy moment does not. */
const rounds = Number(process.argv[3] ?? 5);
const lanes = 100;
const runtime = systemRuntime;
const payload = { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text: 'x'.repeat(900) }] };
const instant: Notifier = { name: 'n', notify: async () => ({ kind: 'accepted' }) };

function report(row: Record<string, string | number>): void {
  console.log(JSON.stringify(row));
}

async function measured(
  count: number,
  action: () => Promise<unknown>,
): Promise<{ perSecond: number; cpuUsPerMessage: number }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await action();
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: Math.round(count / seconds), cpuUsPerMessage: Math.round((user + system) / count) };
}

async function throughput(backend: string, options: OpenOutboxOptions): Promise<void> {
  await using outbox = await openOutbox(options);
  const all = Array.from({ length: messages }, (_, index) => ({
    notifier: 'n',
    destination: `d${index % lanes}`,
    payload,
  }));
  const single = all.slice(0, Math.min(500, messages / 2));
  const rest = all.slice(single.length);
  const oneByOne = async () => {
    for (const message of single) await outbox.enqueue(message);
  };
  const deliver = () => outbox.drain({ notifiers: [instant], concurrency: 64 });
  report({ backend, step: 'enqueue, one by one', ...(await measured(single.length, oneByOne)) });
  report({ backend, step: 'enqueue, all at once', ...(await measured(rest.length, () => outbox.enqueueMany(rest))) });
  report({ backend, step: 'deliver', ...(await measured(messages, deliver)) });
}

/** Times from acceptance to delivery in ms, of the endpoints that answer, under a steady load. */
async function latenciesMs(options: OpenOutboxOptions, hanging: boolean): Promise<number[]> {
  await using outbox = await openOutbox(options);
  const acceptedAtMs = new Map<string, number>();
  const latencies: number[] = [];
  const notifier: Notifier = {
    name: 'n',
    notify: async ({ id, destination }, signal) => {
      if (destination === 'd0' && hanging) await runtime.sleep(3_600_000, signal);
      await runtime.sleep(10);
      if (destination !== 'd0') latencies.push(performance.now() - acceptedAtMs.get(id)!);
      return { kind: 'accepted' };
    },
  };
  const stop = new AbortController();
  const work = outbox.work({ notifiers: [notifier], attemptTimeoutMs: 2_000, signal: stop.signal });
  const count = Math.min(messages, 1_000);
  for (let index = 0; index < count; index++) {
    const id = runtime.id();
    acceptedAtMs.set(id, performance.now());
    await outbox.enqueue({ id, notifier: 'n', destination: `d${index % lanes}`, payload });
    await runtime.sleep(5);
  }
  while (latencies.length < (count * (lanes - 1)) / lanes) await runtime.sleep(20);
  stop.abort();
  await work;
  return latencies;
}

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(share * values.length)]!;
const median = (values: readonly number[]) => quantile(values, 0.5);

async function fairness(backend: string, fresh: () => Promise<OpenOutboxOptions>): Promise<void> {
  const pairs: { without: number; withOne: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const without = quantile(await latenciesMs(await fresh(), false), 0.99);
    pairs.push({ without, withOne: quantile(await latenciesMs(await fresh(), true), 0.99) });
  }
  report({
    backend,
    step: 'one of 100 endpoints hangs',
    rounds,
    p99MsWithout: Math.round(median(pairs.map(({ without }) => without))),
    p99MsWith: Math.round(median(pairs.map(({ withOne }) => withOne))),
    ratio: median(pairs.map(({ without, withOne }) => withOne / without)).toFixed(2),
  });
}

async function bench(backend: string, fresh: () => Promise<OpenOutboxOptions>): Promise<void> {
  await throughput(backend, await fresh());
  await fairness(backend, fresh);
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const keepAlive = setInterval(() => {}, 60_000);
let files = 0;
for (const synchronous of ['full', 'normal'] as const) {
  const fresh = async () => ({ url: `sqlite:${join(folder, `${++files}.db`)}`, synchronous, runtime });
  await bench(`SQLite, synchronous=${synchronous}`, fresh);
}
rmSync(folder, { recursive: true });
if (postgresAvailable()) {
  const server = await startPostgres({ fsync: true });
  await bench('PostgreSQL, fsync=on', async () => ({ url: await server.freshDatabase(), runtime }));
  server.stop();
}
clearInterval(keepAlive);
