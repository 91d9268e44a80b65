import { describe, expect, it } from 'vitest';
import { FakeGraph, refusal } from '../../test/support/fake-graph.ts';
import { FakeLoad } from '../../test/support/fake-load.ts';
import { readContext } from '../../test/support/read-context.ts';
import type { Page, PageRequest } from '../graph/types.ts';
import { positionKey } from '../lake/log/partition-key.ts';
import { callRecords } from '../resources/call-records.ts';
import type { Gap } from './gaps.ts';
import { instant } from './position.ts';
import type { Place } from './strategy.ts';
import { reader } from './windows.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const place: Place = { kind: 'tenant', path: [], ids: {}, item: { id: 'tenant' } };
const KEY = positionKey('call_records', 'tenant');

/** A call a day for 25 days; windows that hold one of `bad` fail, or have a record that is no JSON. */
function setup() {
  const base = new FakeGraph();
  const calls = Array.from({ length: 25 }, (_, at) => ({ id: `c${at}`, ms: base.nowMs - at * DAY_MS - HOUR_MS }));
  const bad = new Map<string, 'fails' | 'malformed'>();
  const asked: string[] = [];
  const page = async ({ url }: PageRequest): Promise<Page> => {
    asked.push(url);
    const filter = decodeURIComponent(url);
    const [from, to] = [/ge (\S+)/, /lt (\S+)/].map((one) => Date.parse(one.exec(filter)![1]!)) as [number, number];
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
