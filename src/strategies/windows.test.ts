import { describe, expect, it } from 'vitest';
import { FakeGraph, refusal } from '../../test/support/fake-graph.ts';
import { FakeLoad } from '../../test/support/fake-load.ts';
import { readContext } from '../../test/support/read-context.ts';
import type { Page, PageRequest } from '../graph/types.ts';
import { positionKey } from '../lake/log/partition-key.ts';
import { callRecords } from '../resources/call-records.ts';
import type { Gap } from './gaps.ts';
import { instant } from './position.ts';
import type { Item, Place } from './strategy.ts';
import { reader } from './windows.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const place: Place = { kind: 'tenant', path: [], ids: {}, item: { id: 'tenant' } };
const KEY = positionKey('call_records', 'tenant');

/** What a request asks for, ms. */
const edgesOf = (url: string) => {
  const filter = decodeURIComponent(url);
  return [/ge (\S+)/, /lt (\S+)/].map((one) => Date.parse(one.exec(filter)![1]!)) as [number, number];
};

/** A call a day for 25 days; windows that hold one of `bad` fail, or have a record that is no JSON. */
function setup() {
  const base = new FakeGraph();
  const calls = Array.from({ length: 25 }, (_, at) => ({ id: `c${at}`, ms: base.nowMs - at * DAY_MS - HOUR_MS }));
  const bad = new Map<string, 'fails' | 'malformed'>();
  const asked: string[] = [];
  const page = async ({ url }: PageRequest): Promise<Page> => {
    asked.push(url);
    const [from, to] = edgesOf(url);
    const held = calls.filter(({ ms }) => ms >= from && ms < to);
    if (held.some(({ id }) => bad.get(id) === 'fails')) throw refusal(500, 'service_error');
    const texts = held.map(({ id, ms }) => {
      const sign = bad.get(id) === 'malformed' ? '\u0001' : '';
      return `{"id":"${sign}${id}","version":1,"startDateTime":"${instant(ms)}"}`;
    });
    const bytes = new TextEncoder().encode(`{"value":[${texts.join(',')}]}`);
    return { bytes, replyLinks: [], receivedAtMs: base.nowMs, serviceTimeMs: base.nowMs };
  };
  const load = new FakeLoad();
  const gaps: Gap[] = [];
  const context = {
    ...readContext('recent', { graph: base, load, gaps }),
    graph: Object.assign(base, { page }),
    resource: callRecords.name,
    way: callRecords.reads[0],
    ways: callRecords.reads,
  };
  const landed = () =>
    new Set(
      load.pages.flatMap(
        ({ bytes }) =>
          Buffer.from(bytes)
            .toString()
            .match(/(?<="id":")c\d+/g) ?? [],
      ),
    );
  return { calls, bad, asked, load, gaps, context, landed };
}

describe('a window that cannot be read', () => {
  it.each(['fails', 'malformed'] as const)(
    'is a gap of few hours; all others are read, in the next run too: %s',
    async (how) => {
      const { calls, bad, load, gaps, context, landed, asked } = setup();
      bad.set('c20', how);
      await reader.read(context, place);
      expect(landed().size).toBe(24);
      const [gap, ...others] = gaps;
      expect(others).toEqual([]);
      expect(Date.parse(gap!.to!) - Date.parse(gap!.from!)).toBeLessThanOrEqual(HOUR_MS);
      const at = calls.find(({ id }) => id === 'c20')!.ms;
      expect([Date.parse(gap!.from!) <= at, at < Date.parse(gap!.to!)]).toEqual([true, true]);

      calls.push({ id: 'c99', ms: context.now() - 60_000 });
      const stored = new Map([[KEY, load.positions.get(KEY)!]]);
      await reader.read({ ...context, positions: stored }, place);
      expect(landed()).toContain('c99');

      bad.clear();
      gaps.length = 0;
      await reader.read({ ...context, positions: new Map([[KEY, load.positions.get(KEY)!]]) }, place);
      expect([landed().size, gaps]).toEqual([26, []]);
      // And then only the last days are asked for.
      asked.length = 0;
      await reader.read({ ...context, positions: new Map([[KEY, load.positions.get(KEY)!]]) }, place);
      expect(asked.length).toBe(1);
    },
  );

  it('is tried again in a few runs, then at growing intervals; the marks move on, and it is filled when it heals', async () => {
    const { calls, bad, load, gaps, context, landed, asked } = setup();
    bad.set('c20', 'fails');
    const at = calls.find(({ id }) => id === 'c20')!.ms;
    const base = context.graph;
    const isTried = () => asked.some((url) => edgesOf(url)[0] <= at && at < edgesOf(url)[1]);
    const run = async (afterMs: number) => {
      base.nowMs += afterMs;
      asked.length = 0;
      gaps.length = 0;
      await reader.read({ ...context, positions: new Map([[KEY, load.positions.get(KEY)!]]) }, place);
      return { tries: gaps[0]?.tries, isTried: isTried(), asked: asked.length };
    };
    await reader.read(context, place);
    const pauses = [60_000, 60_000, 60_000, 60_000, 10 * 60_000, 60_000, 10 * 60_000, 10 * 60_000];
    const found = [];
    for (const afterMs of pauses) found.push(await run(afterMs));
    expect(found.map(({ tries, isTried: tried }) => [tries, tried])).toEqual([
      [2, true],
      [3, true],
      [3, false],
      [3, false],
      [4, true],
      [4, false],
      [4, false],
      [5, true],
    ]);
    // The gap, when it is tried, and the last days: nothing else is asked for.
    expect(Math.max(...found.map((one) => one.asked))).toBe(2);
    bad.clear();
    expect(await run(HOUR_MS)).toMatchObject({ tries: undefined, isTried: true });
    expect(landed()).toContain('c20');
    expect(await run(HOUR_MS)).toEqual({ tries: undefined, isTried: false, asked: 1 });
  });

  it('is named a last time, and given up, when the service has forgotten it', async () => {
    const { bad, load, gaps, context } = setup();
    bad.set('c20', 'fails');
    await reader.read(context, place);
    const [first] = gaps;
    const later = async (afterMs: number) => {
      context.graph.nowMs += afterMs;
      gaps.length = 0;
      await reader.read({ ...context, positions: new Map([[KEY, load.positions.get(KEY)!]]) }, place);
      return gaps;
    };
    expect(await later(12 * DAY_MS)).toMatchObject([{ from: first!.from, to: first!.to }]);
    expect(await later(HOUR_MS)).toEqual([]);
  });

  it('is, where it is what is below one record, a gap of that record alone', async () => {
    const { calls, load, gaps, context } = setup();
    const failing = new Set(['c3', 'c12']);
    const tried: string[] = [];
    const shows = {
      resources: ['call_sessions'],
      known: () => [],
      read: async (items: readonly Item[], due: readonly string[]) => {
        tried.push(...items.map(({ id }) => id));
        const missed = items.filter(({ id }) => failing.has(id));
        return due.flatMap((resource) =>
          missed.map((item) => ({ resource, item, error: refusal(500, 'service_error') })),
        );
      },
    };
    const run = async () => {
      context.graph.nowMs += 60_000;
      tried.length = 0;
      gaps.length = 0;
      await reader.read({ ...context, shows, positions: new Map([...load.positions] as never) }, place);
    };
    await run();
    expect(tried.length).toBe(calls.length);
    for (let tries = 2; tries <= 3; tries++) {
      await run();
      // The last days, and the one that is missing from before them.
      expect(tried).toEqual(expect.arrayContaining(['c3', 'c12']));
      expect(tried.length).toBeLessThan(7);
      // The walk has named what was tried.
      expect(gaps).toEqual([]);
    }
    await run();
    expect(tried.filter((id) => failing.has(id))).toEqual([]);
    expect(gaps.map(({ resource, partition, tries }) => [resource, partition, tries]).sort()).toEqual([
      ['call_sessions', 'c12', 3],
      ['call_sessions', 'c3', 3],
    ]);
    failing.clear();
    context.graph.nowMs += HOUR_MS;
    await run();
    expect(tried).toEqual(expect.arrayContaining(['c12']));
    expect(gaps).toEqual([]);
  });

  it('is the failure of the collection where every one of them fails, and no mark moves', async () => {
    const { calls, bad, load, gaps, context } = setup();
    for (const { id } of calls) bad.set(id, 'fails');
    context.graph.page = async () => {
      throw refusal(503, 'service_error');
    };
    await expect(reader.read(context, place)).rejects.toMatchObject({ code: 'service_error' });
    expect([load.positions.size, gaps]).toEqual([0, []]);
  });
});
