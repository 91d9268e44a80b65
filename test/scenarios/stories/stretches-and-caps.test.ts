import { describe, expect, it, vi } from 'vitest';
import type { RunReport } from '../../../src/sync/report.ts';
import { cli, jsonOf } from '../../support/cli.ts';
import { fastRuntime } from '../../support/fast-runtime.ts';
import { ask, currentRows, ledgerRows, withFolder } from '../../support/lake.ts';
import { expectTruth, hundredDays } from '../../support/living-world.ts';
import { dayMs, general, hourMs, inWorld, second, type World } from '../../support/reading-world.ts';
import { runSync, type SyncCall } from '../../support/sync.ts';
import { startTwin } from '../../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

const ways = ['export', 'recent', 'delta', 'full'] as const;
const tables = ['messages', 'message_replies'] as const;
const CALLS = ['call_records', 'call_sessions', 'call_segments', 'call_participants'];

/** Threads of two hundred days: of some the root is old and the reply is not. */
const threads = Array.from({ length: 130 }, (_, at) => [
  { id: `${1_700_000_000_000 + at}`, ageMs: 1.5 * dayMs * (at + 1), channelId: at % 3 ? general : second },
  { replyToId: `${1_700_000_000_000 + at}`, ageMs: dayMs * (at / 2) + hourMs, channelId: at % 3 ? general : second },
]).flat();

/** Several pages in each of two channels. */
const bothChannels = hundredDays.map((message, at) => ({ ...message, channelId: at % 3 ? general : second }));

const landed = (report: RunReport): number => tables.reduce((sum, name) => sum + (report.tables[name]?.rows ?? 0), 0);
const held = async (world: World, where = 'true'): Promise<number> =>
  (await Promise.all(tables.map((name) => world.count(name, where)))).reduce((sum, rows) => sum + rows, 0);

describe.each(ways)('a stretch of time by %s', (strategy) => {
  it('is all that is read; in any order and with a plain run after them nothing is lost and nothing comes twice', () =>
    inWorld({ messages: threads }, async (world) => {
      const at = (days: number) => world.nowMs() - days * dayMs - hourMs / 2;
      const edges = [{ sinceMs: at(20), untilMs: at(10) }, { untilMs: at(150) }, { sinceMs: at(40), untilMs: at(15) }];
      let rows = 0;
      for (const one of edges) {
        const before = await held(world);
        const report = await world.sync({ strategy, ...one });
        expect(report).toMatchObject({ outcome: 'ok', skipped: [], gaps: [], unfinished: [] });
        const iso = (ms = 0) => `TIMESTAMPTZ '${new Date(ms).toISOString()}'`;
        const stretch = `lastModifiedDateTime >= ${iso(one.sinceMs)} AND lastModifiedDateTime < ${iso(one.untilMs)}`;
        const truth = threads.filter(({ ageMs }) => {
          const ms = world.nowMs() - ageMs;
          return ms >= (one.sinceMs ?? 0) && ms < one.untilMs;
        });
        expect(Math.abs((await held(world, stretch)) - truth.length)).toBeLessThanOrEqual(1);
        expect((await held(world)) - before).toBe(landed(report));
        rows += landed(report);
      }
      // Again: it is all there.
      expect(landed(await world.sync({ strategy, ...edges[0] }))).toBe(0);
      const plain = await world.sync({ strategy });
      expect(plain).toMatchObject({ outcome: 'ok', skipped: [], gaps: [] });
      await expectTruth(world);
      expect(rows + landed(plain)).toBe(await held(world));
    }));
});

it('a stretch deletes nothing, and what is deleted outside of it is found by the plain run', () =>
  inWorld({ messages: threads }, async (world) => {
    await world.sync();
    world.pass(hourMs);
    await world.post({ type: 'delete', channelId: general });
    await world.post({ type: 'post', channelId: general });
    const before = await held(world);
    const report = await world.sync({ untilMs: world.nowMs() - 5 * dayMs });
    expect([report.outcome, landed(report), await held(world)]).toEqual(['ok', 0, before]);
    await world.sync();
    await expectTruth(world);
  }));

it.each(ways)('the plan of a stretch counts what it takes, and asks for nothing else: %s', (strategy) =>
  inWorld({ messages: threads, real: true }, async (world) => {
    const edges = [40, 20].map((days) => new Date(world.nowMs() - days * dayMs).toISOString());
    const args = ['--tables', 'messages', '--strategy', strategy, '--since', edges[0]!, '--until', edges[1]!, '--json'];
    const plan = jsonOf(await cli(['plan', ...args, '--lake', world.lake], world.twin.env));
    expect(plan).toMatchObject({ event: 'plan', skipped: [] });
    const report = jsonOf(await cli(['sync', ...args, '--lake', world.lake, '--limits', 'none'], world.twin.env));
    expect(report).toMatchObject({ event: 'run', outcome: 'ok' });
    expect(Math.abs(plan.requests - report.requests.total)).toBeLessThanOrEqual(3);
  }),
);

it('a stretch that would end before it begins is refused before anything is read', () =>
  inWorld({}, async (world) => {
    const nowMs = world.nowMs();
    await expect(world.sync({ sinceMs: nowMs - hourMs, untilMs: nowMs - dayMs })).rejects.toMatchObject({
      code: 'until_before_since',
    });
    await expect(world.sync({ untilMs: Number.NaN })).rejects.toMatchObject({ code: 'until_before_since' });
  }));

describe.each(ways)('caps of runs by %s', (strategy) => {
  it.each([{ maxPages: 1 }, { maxRecords: 1 }])(
    'load everything in enough runs, and each says what it left: %o',
    (caps) =>
      inWorld({ messages: hundredDays }, async (world) => {
        const first = await world.sync({ strategy, ...caps });
        expect(first.outcome).toBe('partial');
        const [left] = first.unfinished;
        const by = 'maxPages' in caps ? 'max_pages' : 'max_records';
        expect(left).toMatchObject({ resource: 'channel_messages', by });
        expect(left!.tables).toEqual(expect.arrayContaining(['messages', 'message_replies']));
        // Teams, channels and members are never cut.
        expect([await world.count('channels'), await world.count('members')]).toEqual([2, 3]);
        let report = first;
        for (let runs = 0; runs < 60 && report.outcome === 'partial'; runs++) {
          if (runs < 3) await world.post({ type: 'post', channelId: general });
          report = await world.sync({ strategy, ...caps });
        }
        expect(report).toMatchObject({ outcome: 'ok', unfinished: [] });
        await expectTruth(world);
      }),
  );
});

it.each(ways)(
  'a stretch with a cap is finished by enough runs, and then the next of them begins it anew: %s',
  (strategy) =>
    inWorld({ messages: bothChannels }, async (world) => {
      const untilMs = world.nowMs() - 20 * dayMs;
      const capped = { strategy, untilMs, sinceMs: untilMs - 60 * dayMs, maxRecords: 1 };
      let runs = 0;
      for (let isOver = false; !isOver; runs++) {
        expect(runs).toBeLessThan(60);
        isOver = (await world.sync(capped)).outcome === 'ok';
      }
      expect(runs).toBeGreaterThan(1);
      const whole = await world.sync({ ...capped, maxRecords: undefined });
      expect([whole.outcome, landed(whole)]).toEqual(['ok', 0]);
      expect((await world.sync(capped)).outcome).toBe('partial');
    }),
);

it.each([
  ['export', '--max-pages', '3'],
  ['recent', '--max-records', '60'],
  ['delta', '--max-pages', '1'],
  ['full', '--max-pages', '1'],
])('the plan of runs with caps counts what each asks, and names what it leaves: %s %s %s', (strategy, ...cap) =>
  inWorld({ messages: hundredDays, real: true }, async (world) => {
    const args = ['--tables', 'messages', '--strategy', strategy, ...cap, '--lake', world.lake];
    for (let runs = 0; runs < 2; runs++) {
      const plan = jsonOf(await cli(['plan', ...args, '--json'], world.twin.env));
      const report = jsonOf(await cli(['sync', ...args, '--limits', 'none', '--json'], world.twin.env));
      // How far a list reaches back is estimated: it may be said to be cut where it just ends.
      expect(plan.resources[0].unfinished).toBeGreaterThanOrEqual(report.unfinished.length);
      expect(Math.abs(plan.requests - report.requests.total)).toBeLessThanOrEqual(2);
    }
  }),
);

it('calls by stretches and with caps are those of the ledger, none of them twice', () =>
  withFolder(async (lake) => {
    const runtime = fastRuntime(20);
    const size = { teams: 1, channels: 1, messages: 1, users: 60, seed: 6, limits: 'none' } as const;
    const twin = await startTwin(size, { runtime });
    const read = (how: Partial<SyncCall>) => runSync({ env: twin.env, lake, runtime, tables: CALLS, ...how });
    const at = (days: number) => runtime.now() - days * dayMs;
    try {
      let rows = 0;
      for (const edges of [{ sinceMs: at(12), untilMs: at(4) }, { untilMs: at(20) }]) {
        const report = await read(edges);
        expect(report).toMatchObject({ outcome: 'ok', skipped: [], gaps: [] });
        rows += report.tables['call_records']!.rows;
        const [[newest]] = (await ask(lake, 'SELECT max(startDateTime)::VARCHAR FROM call_records')) as [[string]];
        expect(Date.parse(newest)).toBeLessThan(at(4));
      }
      expect(rows).toBeGreaterThan(10);
      for (let runs = 0, isOver = false; runs < 60 && !isOver; runs++) {
        const report = await read({ maxRecords: 1 });
        rows += report.tables['call_records']!.rows;
        isOver = report.outcome === 'ok';
        if (!isOver) expect(report.unfinished).toMatchObject([{ resource: 'call_records', by: 'max_records' }]);
      }
      expect((await read({})).tables['call_records']!.rows).toBe(0);
      expect(rows).toBe(150);
      for (const name of CALLS)
        expect(await currentRows(lake, name), name).toEqual(ledgerRows(name, await twin.ledger(name)));
    } finally {
      await twin.close();
    }
  }));
