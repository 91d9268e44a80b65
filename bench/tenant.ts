/**
 * Everything of a tenant at the published limits, in virtual time: the requests of a first sync beside its plan, and what an
 * idle second one asks of each collection, beside what the plan said beforehand.
 *
 * `npm run bench -- tenant`, or `node --import ./scripts/typescript.mjs bench/tenant.ts [SHARE]`: a share of the whole size
 */
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { chosenTables } from '../src/cli/options.ts';
import { connectionOf } from '../src/config/connection.ts';
import { loadConfig } from '../src/config/load.ts';
import { createGraphClient } from '../src/graph/client.ts';
import type { GraphClient } from '../src/graph/types.ts';
import { fetchTransport } from '../src/http/fetch-transport.ts';
import type { Send } from '../src/http/types.ts';
import { openLake } from '../src/lake/lake.ts';
import { fileStore } from '../src/lake/stores/file.ts';
import { resources } from '../src/resources/index.ts';
import type { Runtime } from '../src/runtime/runtime.ts';
import { simulateOptions } from '../src/simulator/options.ts';
import { generateTenant } from '../src/simulator/tenant/generator.ts';
import { createTwin } from '../src/simulator/twin.ts';
import { estimateRun } from '../src/sync/estimate.ts';
import type { RunReport } from '../src/sync/report.ts';
import { sync } from '../src/sync/run.ts';
import { allRows, ledgerRows, withFolder } from '../test/support/lake.ts';
import { VirtualClock } from '../test/support/virtual-clock.ts';

const ORIGIN = 'https://twin.test';
const [share = 0.1] = process.argv.slice(2).map(Number);
const part = (whole: number) => Math.max(1, Math.round(whole * share));
/** Tenant S of docs/performance.md, with people, chats and calls. */
const size = { teams: part(20), channels: 8, messages: 500, users: part(2000), chats: part(5000), seed: 9 };
const calls = part(20_000);

const clock = new VirtualClock({ startMs: Date.UTC(2026, 5, 1) });
/** What paces requests sleeps by the virtual clock; what only shows or commits at times never wakes. */
const ofRun: Runtime = {
  now: clock.now,
  monotonic: clock.monotonic,
  random: clock.random,
  id: clock.id,
  sleep: (_, inner) =>
    new Promise((_resolve, reject) => inner?.addEventListener('abort', () => reject(inner.reason), { once: true })),
};

const { signal } = new AbortController();
const tables = chosenTables(undefined);

const options = simulateOptions.parse(size);
const twin = createTwin({ tenant: generateTenant({ ...options, nowMs: clock.now() }), limits: 'none', runtime: ofRun });
let made = 0;
for (; made < calls; made += 500)
  await twin.fetch(
    new Request(`${ORIGIN}/_twin/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(Array.from({ length: Math.min(500, calls - made) }, () => ({ type: 'call' }))),
    }),
  );

let inFlight = 0;
/** What is given to the lake and not taken yet: time stands. */
let landing = 0;

/** The same lake or load; it is known when it works. */
function watched<T extends object>(target: T): T {
  return new Proxy(target, {
    get: (of, key) => {
      const member: unknown = Reflect.get(of, key, of);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const answer: unknown = Reflect.apply(member, of, args);
        if (!(answer instanceof Promise)) return answer;
        landing += 1;
        return answer
          .then((value: unknown) => (key === 'begin' ? watched(value as object) : value))
          .finally(() => {
            landing -= 1;
          });
      };
    },
  });
}

const transport = fetchTransport({ fetch: (input, init) => twin.fetch(new Request(input, init)), surface: 'graph' });
const send: Send = async (request, inner) => {
  inFlight += 1;
  try {
    return await transport(request, inner);
  } finally {
    inFlight -= 1;
  }
};

/** What is about reading. */
const environmentOf = (env: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEAMS_BOT')));

const identity = connectionOf((await loadConfig({ environment: environmentOf(twin.env(ORIGIN)) })).config);
const urls = { graphUrl: identity.graphUrl!, loginUrl: identity.loginUrl! };

/** Time stands while anything is asked or landed, and moves to the next turn of the governor when only that is waited for. */
async function paced<T>(work: Promise<T>): Promise<T> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  work.then(end, end);
  while (!isOver) {
    // What was answered is handed on before time moves.
    for (let turns = 0; turns < 4; turns++) await turn();
    if (inFlight === 0 && landing === 0 && clock.sleeping > 0)
      clock.advance(Math.max(0, clock.earliestMs - clock.monotonic()));
  }
  return work;
}

/** Counts what a collection is asked, by the beginning of its routes. */
function counting(graph: GraphClient, counts: Map<string, number>): GraphClient {
  const count = (route: string) => counts.set(route, (counts.get(route) ?? 0) + 1);
  return {
    get stats() {
      return graph.stats;
    },
    page: (request, inner) => {
      count(request.route);
      return graph.page(request, inner);
    },
    file: (...args) => {
      count(args[0].route);
      return graph.file(...args);
    },
    permissions: (inner) => graph.permissions(inner),
    source: async (inner) => graph.source?.(inner),
    close: () => graph.close(),
  };
}

const resourceOf = (route: string): string =>
  resources.find(({ reads, details }) => [...reads, ...(details ? [details] : [])].some((way) => way.route === route))
    ?.name ?? route;

await withFolder(async (folder) => {
  const lakeAt = () =>
    openLake({ store: fileStore(join(folder, 'lake')), tables, runtime: ofRun, scratchDir: join(folder, 'scratch') });
  const planner = createGraphClient({ identity, runtime: clock, limits: [], send, ...urls });
  let planned = await paced(
    lakeAt().then(async (lake) => {
      await using opened = lake;
      return estimateRun({ graph: planner, runtime: clock, tables, positions: opened.positions() }, signal);
    }),
  );
  for (const which of ['first', 'idle']) {
    const counts = new Map<string, number>();
    const graph = counting(createGraphClient({ identity, runtime: clock, send, ...urls }), counts);
    const report: RunReport = await paced(
      lakeAt().then(async (lake) => {
        await using opened = lake;
        return await sync({ graph, lake: watched(opened), tables, runtime: ofRun, segmentMs: 86_400_000 }, signal);
      }),
    );
    console.log(
      JSON.stringify({
        run: which,
        outcome: report.outcome,
        planned: planned.requests,
        requests: report.requests.total,
        leastRequests: report.plan.requests,
        'requests / planned': Number((report.requests.total / planned.requests).toFixed(3)),
        throttled: report.requests.throttled,
      }),
    );
    if (which === 'idle') {
      const byResource = new Map<string, number>();
      for (const [route, count] of counts)
        byResource.set(resourceOf(route), (byResource.get(resourceOf(route)) ?? 0) + count);
      for (const { resource, requests } of planned.resources)
        console.log(JSON.stringify({ collection: resource, planned: requests, asked: byResource.get(resource) ?? 0 }));
    }
    if (report.outcome !== 'ok') console.error(JSON.stringify([report.error, report.skipped.slice(0, 3), report.gaps]));
    planned = await paced(
      lakeAt().then(async (lake) => {
        await using opened = lake;
        return estimateRun({ graph: planner, runtime: clock, tables, positions: opened.positions() }, signal);
      }),
    );
  }
  const rows = await allRows(join(folder, 'lake'), ['messages', 'chat_messages', 'call_records']);
  for (const [name, found] of Object.entries(rows)) {
    const answer = await twin.fetch(new Request(`${ORIGIN}/_twin/ledger?table=${name}`));
    const truth = (await answer.text())
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    if (JSON.stringify(found) !== JSON.stringify(ledgerRows(name, truth)))
      throw new Error(`${name} is not that of the twin.`);
    console.log(JSON.stringify({ table: name, rows: found.length }));
  }
});
