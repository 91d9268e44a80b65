import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { GraphClient } from '../../src/graph/types.ts';
import { type Runtime, seededRandom } from '../../src/runtime/runtime.ts';
import type { TableShape } from '../../src/schema/column.ts';
import type { SyncOptions } from '../../src/sync/options.ts';
import type { RunReport } from '../../src/sync/report.ts';
import { sync } from '../../src/sync/run.ts';
import { LivingChats } from '../support/living-chats.ts';
import { LivingTenant } from '../support/living-tenant.ts';
import { ModelLake, messageTable } from '../support/model-lake.ts';

vi.setConfig({ testTimeout: 300_000 });

const SEED = Number(process.env['SLUICE_SEED'] ?? 11);
const RUNS = Number(process.env['SLUICE_RUNS'] ?? 80);
const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);
/** More runs than any of these tenants needs. */
const ENOUGH = 1500;
/** Each place ends with a message of its own: the last moments are looked at in every run, however much is in them. */
const LATEST_MS = 3_600_000;
const FUTURE_MS = Date.UTC(9999, 0, 1);

const caps = fc.oneof(
  fc.record({ maxPages: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ maxRecords: fc.integer({ min: 1, max: 7 }) }),
  fc.record({ maxPages: fc.integer({ min: 1, max: 3 }), maxRecords: fc.integer({ min: 1, max: 7 }) }),
);

const strategy = fc.constantFrom('export', 'recent', 'delta', 'full');

const world = fc.record({
  seed: fc.nat(1e9),
  of: fc.constantFrom('channels' as const, 'chats' as const),
  places: fc.integer({ min: 1, max: 3 }),
  messages: fc.nat(40),
  /** Messages that an import gave the same moment. */
  alike: fc.constantFrom(0, 0, 9),
  hasFuture: fc.boolean(),
  pageSize: fc.integer({ min: 2, max: 4 }),
  minutesPerRequest: fc.constantFrom(0.2, 2, 90),
  caps,
  /** Of these runs each is by a strategy of its own; one after the other has the last of them. */
  strategies: fc.array(strategy, { minLength: 1, maxLength: 4 }),
  refusesDelta: fc.boolean(),
  /** Runs during which people write, and how often at a request. */
  livingRuns: fc.nat(6),
  pace: fc.constantFrom(0, 0.1, 0.4),
});

const options = {
  seed: SEED,
  ...(process.env['SLUICE_PATH'] && { path: process.env['SLUICE_PATH'] }),
  numRuns: RUNS,
  endOnFailure: process.env['SLUICE_SHRINK'] === undefined,
};

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

/** A tenant whose people write while it is read, as channels or as chats. */
interface Living {
  readonly graph: GraphClient;
  readonly table: TableShape;
  readonly tenant: LivingTenant | LivingChats;
  readonly states: () => ReadonlyMap<string, number>;
  /** When each message was last changed. */
  readonly times: () => ReadonlyMap<string, number>;
  readonly change: () => void;
}

function livingOf(made: World, random: () => number): Living {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const ageMs = () => Math.ceil(random() * pick([1 / 24, 2, 20, 100, 1000, 8000]) * DAY_MS) + 60_000;
  const times = [
    ...Array.from({ length: made.messages }, () => NOW_MS - ageMs()),
    ...Array.from({ length: made.alike }, () => NOW_MS - 50 * DAY_MS),
    // A thread at the front for ever hides changes of replies that no list shows, as every strategy says of itself.
    ...(made.hasFuture && made.of === 'chats' ? [FUTURE_MS] : []),
  ];
  const states = (messages: readonly { readonly id: string; readonly state: number }[]) =>
    new Map(messages.map(({ id, state }) => [id, state]));
  const timesOf = (messages: readonly { readonly id: string; readonly modifiedMs: number | null }[]) =>
    new Map(messages.map(({ id, modifiedMs }) => [id, modifiedMs ?? Number.NaN]));
  if (made.of === 'chats') {
    const tenant = new LivingChats(NOW_MS);
    tenant.users.push('u0', 'u1');
    for (let at = 0; at < made.places; at++)
      tenant.chats.push({
        id: `c${at}`,
        createdMs: NOW_MS - 9000 * DAY_MS,
        members: new Set(['u0', ...(at % 2 ? ['u1'] : [])]),
      });
    for (const atMs of times) tenant.add(pick(tenant.chats).id, atMs);
    for (const { id } of tenant.chats) tenant.add(id, NOW_MS - LATEST_MS);
    const change = () =>
      random() < 0.5 || tenant.messages.length === 0
        ? tenant.add(pick(tenant.chats).id)
        : tenant.change(pick(tenant.messages));
    const table = { ...messageTable, resource: 'chat_messages' };
    return {
      graph: tenant,
      tenant,
      table,
      change,
      states: () => states(tenant.messages),
      times: () => timesOf(tenant.messages),
    };
  }
  const tenant = new LivingTenant(NOW_MS);
  for (let at = 0; at < made.places; at++)
    tenant.channels.push({
      id: `c${at}`,
      membershipType: at === 1 ? 'shared' : 'standard',
      migrationMode: null,
      visible: true,
    });
  const rootsOf = (channelId: string) =>
    tenant.messages.filter((one) => one.channelId === channelId && one.rootId === null);
  const add = (atMs?: number) => {
    const channelId = pick(tenant.channels).id;
    const roots = rootsOf(channelId);
    const root = random() < 0.4 && roots.length > 0 ? pick(roots) : undefined;
    tenant.add({ channelId, rootId: root?.id ?? null, ...(atMs !== undefined && { atMs }) });
  };
  for (const atMs of times) add(atMs);
  for (const { id: channelId } of tenant.channels) tenant.add({ channelId, rootId: null, atMs: NOW_MS - LATEST_MS });
  const change = () => (random() < 0.6 || tenant.messages.length === 0 ? add() : tenant.change(pick(tenant.messages)));
  return {
    graph: tenant,
    tenant,
    table: messageTable,
    change,
    states: () => states(tenant.messages),
    times: () => timesOf(tenant.messages),
  };
}

function syncOf(living: Living, lake: ModelLake, random: () => number) {
  const runtime: Runtime = {
    now: () => living.tenant.nowMs,
    monotonic: () => living.tenant.nowMs,
    random,
    id: () => 'load',
    sleep: (_, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
  };
  return async (options: Partial<SyncOptions>): Promise<RunReport> => {
    const { graph, table } = living;
    const run = { graph, lake: lake.lake, tables: [table], runtime, ...options };
    const report = await sync(run, new AbortController().signal);
    if (report.error) throw new Error(JSON.stringify(report.error));
    lake.commit();
    return report;
  };
}

const edgeDays = fc.constantFrom(undefined, 0.01, 1, 10, 60, 500, 4000);

const stretches = fc.record({
  world,
  runs: fc.array(
    fc.record({
      fromDays: edgeDays,
      untilDays: edgeDays,
      strategy,
      isCapped: fc.boolean(),
      isGoneOn: fc.boolean(),
      changes: fc.nat(3),
    }),
    {
      minLength: 1,
      maxLength: 5,
    },
  ),
  strategy,
});

it(`stretches in any order and a plain run after them land what one plain run lands (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(stretches, async (made) => {
      const random = seededRandom(made.world.seed);
      const living = livingOf(made.world, random);
      const { tenant } = living;
      const lake = new ModelLake();
      const run = syncOf(living, lake, random);
      let isLiving = true;
      tenant.live = () => {
        tenant.nowMs += Math.ceil(random() * 2 * made.world.minutesPerRequest * 60_000);
        if (isLiving && random() < made.world.pace) living.change();
      };
      for (const { fromDays = Number.POSITIVE_INFINITY, untilDays = 0, ...how } of made.runs) {
        const { strategy: by, isCapped, isGoneOn, changes } = how;
        if (fromDays <= untilDays) continue;
        for (let count = 0; count < changes; count++) living.change();
        tenant.nowMs += 7000;
        const [fromMs, untilMs] = [tenant.nowMs - fromDays * DAY_MS, tenant.nowMs - untilDays * DAY_MS];
        const before = living.times();
        const edges = { sinceMs: Number.isFinite(fromMs) ? fromMs : undefined, untilMs };
        const capped = { ...edges, strategy: by, ...(isCapped && made.world.caps) };
        let report = await run(capped);
        isLiving = false;
        for (let count = 0; isGoneOn && report.outcome !== 'ok'; count++) {
          expect(count).toBeLessThan(ENOUGH);
          report = await run(capped);
        }
        isLiving = true;
        expect([...lake.positions.keys()].filter((key) => !/\/(stretch|cycle):/.test(key))).toEqual([]);
        if (report.outcome !== 'ok') continue;
        const isWithin = (ms: number | undefined) => ms !== undefined && ms >= fromMs && ms < untilMs;
        const missing = [...before].filter(
          ([id, ms]) => isWithin(ms) && isWithin(living.times().get(id)) && !lake.states.has(id),
        );
        expect(missing).toEqual([]);
      }
      tenant.live = () => {
        tenant.nowMs += 60_000;
      };
      const report = await run({ strategy: made.strategy });
      expect(report).toMatchObject({ outcome: 'ok', gaps: [] });
      expect(lake.states).toEqual(living.states());
    }),
    options,
  );
});

it(`runs with caps load everything, one page at a time and while people write (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(world, async (made) => {
      const random = seededRandom(made.seed);
      const living = livingOf(made, random);
      const { tenant } = living;
      if (made.refusesDelta) tenant.refused.add('delta');
      const lake = new ModelLake();
      const run = syncOf(living, lake, random);
      let isLiving = true;
      tenant.live = () => {
        tenant.nowMs += Math.ceil(random() * 2 * made.minutesPerRequest * 60_000);
        if (isLiving && random() < made.pace) living.change();
      };
      let report: RunReport | undefined;
      for (let count = 0; count < ENOUGH; count++) {
        isLiving = count < made.livingRuns;
        // Hidden replies of the thread in front are read once a day.
        if (count === made.livingRuns) tenant.nowMs += 2 * DAY_MS;
        const strategy = made.strategies[Math.min(count, made.strategies.length - 1)];
        report = await run({ ...made.caps, strategy });
        expect(report.outcome).toBe(report.unfinished.length > 0 ? 'partial' : 'ok');
        const isWhole = [...living.states()].every(([id, state]) => lake.states.get(id) === state);
        // The last moments of the living may be in a place that a whole read has already finished.
        if (!isLiving && report.outcome === 'ok' && isWhole) break;
      }
      expect(report?.outcome).toBe('ok');
      expect(lake.states).toEqual(living.states());
    }),
    options,
  );
});
