import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outbox, openOutbox } from '../../src/outbox/outbox.ts';
import { seededRandom, systemRuntime } from '../../src/runtime/runtime.ts';
import { type PrivatePostgres, postgresAvailable, startPostgres } from '../support/postgres.ts';

/** Soak: `SLUICE_CRASH_RUNS=200`. */
const runs = Number(process.env.SLUICE_CRASH_RUNS ?? 2);
const messages = 50;
const workers = 3;
const here = fileURLToPath(new URL('.', import.meta.url));

/** Counts what it took, per message. It refuses before, fails after, or breaks the connection after taking. */
class Sink {
  readonly taken = new Map<string, number>();
  readonly #random: () => number;
  readonly #server: Server;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#server = createServer(async (request, response) => {
      const id = await text(request).catch(() => undefined);
      if (id !== undefined) await this.#answer(id, response);
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(id: string, response: ServerResponse): Promise<void> {
    const chance = this.#random();
    if (id.endsWith('-refused')) response.writeHead(404).end();
    else if (chance < 0.15) response.writeHead(503).end();
    else {
      this.taken.set(id, (this.taken.get(id) ?? 0) + 1);
      await delay(40 * this.#random());
      if (chance < 0.3) response.writeHead(500).end();
      else if (chance < 0.4) response.destroy();
      else response.writeHead(200).end();
    }
  }
}

async function startWorker(args: readonly string[]): Promise<ChildProcess> {
  const flags = [
    '--import',
    join(here, '../../scripts/typescript.mjs'),
    join(here, '../support/outbox-crash-worker.ts'),
  ];
  const worker = spawn(process.execPath, [...flags, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = new AbortController();
  worker.once('exit', () => exit.abort(new Error('A worker ended by itself.')));
  await once(worker.stdout!, 'data', { signal: exit.signal });
  return worker;
}

async function kill(worker: ChildProcess): Promise<void> {
  expect(worker.exitCode, 'a worker ended by itself').toBeNull();
  const gone = once(worker, 'exit');
  worker.kill('SIGKILL');
  await gone;
}

/** Once all work: kills random workers at random times, each replaced by another, until no message is open. */
async function killUntilDone(
  outbox: Outbox,
  options: { args: readonly string[]; random: () => number; begin: () => Promise<unknown> },
): Promise<number> {
  const { args, random, begin } = options;
  const alive: ChildProcess[] = [];
  const start = async () => {
    alive.push(await startWorker(args));
  };
  const started = Array.from({ length: workers }, start);
  await Promise.all(started);
  await begin();
  let kills = 0;
  while ((await outbox.stats()).oldestOpenAtMs !== undefined) {
    await delay(10 + 60 * random());
    const victim = kills < 6 ? alive.splice(Math.floor(random() * alive.length), 1)[0] : undefined;
    if (!victim) continue;
    await kill(victim);
    kills += 1;
    started.push(start());
  }
  await Promise.all(started);
  await Promise.all(alive.map(kill));
  return kills;
}

async function crashRun(url: string, seed: number, mutant: readonly string[] = []) {
  const sink = new Sink(seed);
  const address = await sink.listen();
  await using outbox = await openOutbox({ url, runtime: systemRuntime });
  const ids = Array.from({ length: messages }, (_, index) => `m${index}${index % 10 === 0 ? '-refused' : ''}`);
  const kills = await killUntilDone(outbox, {
    args: [url, address, ...mutant],
    random: seededRandom(seed + 1),
    begin: () =>
      outbox.enqueueMany(
        ids.map((id, index) => ({ id, notifier: 'http', destination: `lane-${index % 8}`, payload: { index } })),
      ),
  });
  sink.close();
  const stored = await outbox.list({ limit: 10 * messages });
  const end = (state: string) => stored.filter((message) => message.state === state);
  return {
    kills,
    lost: messages - end('delivered').length - end('dead').length,
    undelivered: end('delivered').filter(({ id }) => !sink.taken.has(id)).length,
    duplicates: [...sink.taken.values()].reduce((sum, count) => sum + count - 1, 0),
    unexplained: stored.filter(({ id, unknowns }) => (sink.taken.get(id) ?? 0) > 1 + unknowns).map(({ id }) => id),
    strangers: [...sink.taken.keys()].filter((id) => !ids.includes(id)),
  };
}

function crashTests(backend: string, fresh: () => Promise<string>): void {
  it(
    `loses nothing on ${backend}: ${runs} runs, ${messages} messages, ${workers} workers killed at random`,
    async () => {
      const total = { kills: 0, duplicates: 0 };
      for (let run = 0; run < runs; run++) {
        const { kills, duplicates, ...result } = await crashRun(await fresh(), 1_000 + run);
        expect(result, `run ${run}`).toEqual({ lost: 0, undelivered: 0, unexplained: [], strangers: [] });
        total.kills += kills;
        total.duplicates += duplicates;
      }
      console.info(
        `${backend}: ${runs} runs, ${total.kills} kills, lost 0, ${total.duplicates} duplicates, all after unknown answers`,
      );
      expect(total.kills).toBeGreaterThan(0);
    },
    30_000 * Math.max(runs, 4),
  );

  it(`catches a worker on ${backend} that deletes before it delivers`, async () => {
    expect((await crashRun(await fresh(), 1, ['delete-first'])).lost).toBeGreaterThan(0);
  }, 60_000);
}

describe('kill -9', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-crash-'));
  let files = 0;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  crashTests('SQLite', async () => `sqlite:${join(folder, `${++files}.db`)}`);
});

describe.skipIf(!postgresAvailable())('kill -9, PostgreSQL', () => {
  let server: PrivatePostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  crashTests('PostgreSQL', async () => await server.freshDatabase());
});
