import { describe, expect, it } from 'vitest';
import { FakeGraph, refusal } from '../../test/support/fake-graph.ts';
import { FakeLoad } from '../../test/support/fake-load.ts';
import { readContext } from '../../test/support/read-context.ts';
import type { RangesPartition } from './context.ts';
import { readExport } from './export-ranges.ts';
import type { Gap } from './gaps.ts';
import {
  instant,
  newRangesPosition,
  parseRangesPosition,
  type Range,
  type RangesPosition,
  rangesReadAgain,
} from './position.ts';

const HOUR = 3_600_000;
const KEY = 'channel_messages/team:t';

function setup(messages = 10) {
  const graph = new FakeGraph();
  for (let index = 0; index < messages; index++) {
    const ms = graph.nowMs - 40 * HOUR + index * HOUR;
    graph.messages.push({ id: `m${index}`, channelId: 'c', createdMs: ms, modifiedMs: ms });
  }
  const load = new FakeLoad();
  const gaps: Gap[] = [];
  const context = readContext('export', { graph, load, gaps });
  const partition: RangesPartition = { key: 'team:t', ids: { 'team-id': 't' }, position: newRangesPosition };
  return { graph, load, gaps, context, partition };
}

const allIds = (graph: FakeGraph) => new Set(graph.messages.map(({ id }) => id));
const stored = (load: FakeLoad) => parseRangesPosition(KEY, load.positions.get(KEY) ?? undefined);
const marked = (graph: FakeGraph, hoursAgo: number, ranges: Range[] = []): RangesPosition => ({
  ...newRangesPosition,
  through: instant(graph.nowMs - hoursAgo * HOUR),
  seen: instant(graph.nowMs - hoursAgo * HOUR),
  ranges,
});

describe('export', () => {
  it('lands every message of a team, and marks no further than it saw', async () => {
    const { graph, load, context, partition } = setup();
    await readExport(context, partition);
    expect(load.landedIds()).toEqual(allIds(graph));
    expect(stored(load)).toMatchObject({ ranges: [], seen: instant(graph.nowMs - 31 * HOUR) });
    expect(Date.parse(stored(load).through!)).toBeLessThanOrEqual(graph.nowMs - 31 * HOUR + context.overlapMs);
  });

  it('asks a team of one page once', async () => {
    const { graph, load, context, partition } = setup(3);
    await readExport(context, partition);
    expect([graph.requests.length, load.landedIds().size]).toEqual([1, 3]);
  });

  it('reads again what a moving message pushed over a page border', async () => {
    const { graph, load, context, partition } = setup();
    graph.onRequest = (request) => {
      if (!request.url.includes('skip=3') || !request.url.includes('lt')) return;
      graph.onRequest = () => {};
      graph.nowMs += 60_000;
      // An edit moves the first message out of the range, the fourth moves up onto the page already read.
      graph.messages.find(({ id }) => id === 'm0')!.modifiedMs = graph.nowMs;
    };
    const old = { from: instant(graph.nowMs - 60 * HOUR), to: instant(graph.nowMs - HOUR), pages: 0, done: false };
    await readExport(context, { ...partition, position: marked(graph, 0.5, [old]) });
    expect(load.landedIds()).toEqual(allIds(graph));
  });

  it('comes to an end while a team changes with every request, and loses nothing', async () => {
    const { graph, load, context, partition } = setup(40);
    graph.pageSize = 5;
    let moves = 0;
    graph.onRequest = () => {
      graph.nowMs += 10_000;
      graph.messages[(7 * moves++) % 40]!.modifiedMs = graph.nowMs;
    };
    await readExport(context, partition);
    expect(load.landedIds()).toEqual(allIds(graph));
    expect(Date.parse(stored(load).through!)).toBeLessThanOrEqual(graph.nowMs);
  });

  it('asks only once for a quiet team that was read before', async () => {
    const { graph, context, partition } = setup();
    await readExport(context, { ...partition, position: marked(graph, 10) });
    expect(graph.requests).toHaveLength(1);
  });

  it('lands a newest page that comes again byte for byte once, and anew when anything in it changed or it is put back', async () => {
    const { graph, load, context, partition } = setup();
    await readExport(context, partition);
    const landed: number[] = [];
    const run = async (position: RangesPosition) => {
      load.pages.length = 0;
      await readExport(context, { ...partition, position });
      landed.push(load.pages.length);
    };
    await run(stored(load));
    await run(stored(load));
    expect([landed.at(-1), stored(load).landed]).toEqual([0, expect.any(String)]);
    // A change that moves no time.
    graph.messages.at(-1)!.createdMs -= 1;
    await run(stored(load));
    expect(landed.at(-1)).toBe(1);
    await run(stored(load));
    expect(landed.at(-1)).toBe(0);
    await run(rangesReadAgain(stored(load)));
    expect([landed.at(-1), load.landedIds()]).toEqual([expect.any(Number), allIds(graph)]);
  });

  it('goes on at the stored position after a crash, whatever the moment', async () => {
    const first = setup(20);
    await readExport(first.context, first.partition);
    for (const { position, pages } of first.load.history) {
      const again = setup(20);
      await readExport(again.context, {
        ...again.partition,
        position: parseRangesPosition(KEY, position ?? undefined),
      });
      const before = new FakeLoad();
      before.pages.push(...first.load.pages.slice(0, pages));
      expect(new Set([...before.landedIds(), ...again.load.landedIds()])).toEqual(allIds(again.graph));
    }
  });

  it('finds what moved over a page border between two runs, of a range of which the first read a page', async () => {
    const { graph, load, context, partition } = setup();
    const range = { from: instant(graph.nowMs - 60 * HOUR), to: instant(graph.nowMs - 20 * HOUR) };
    const filter = encodeURIComponent(`lastModifiedDateTime gt ${range.from} and lastModifiedDateTime lt ${range.to}`);
    const nextLink = `https://fake/teams/t/channels/getAllMessages?$filter=${filter}&skip=3`;
    const read = { ...range, pages: 1, done: false, startedAt: instant(graph.nowMs), nextLink };
    const position = marked(graph, 0, [read]);
    graph.nowMs += HOUR;
    for (const message of graph.messages.slice(0, 3)) message.modifiedMs = graph.nowMs;
    graph.nowMs += HOUR;
    await readExport(context, { ...partition, position });
    expect(load.landedIds()).toEqual(allIds(graph));
  });

  it('starts a range again when the service no longer takes its link', async () => {
    const { graph, load, context, partition } = setup();
    graph.onRequest = (request) => {
      if (request.url.includes('stale')) throw refusal(400);
    };
    const range = { from: instant(graph.nowMs - 60 * HOUR), to: instant(graph.nowMs), pages: 1, done: false };
    const read = { ...range, startedAt: instant(graph.nowMs), nextLink: 'https://fake/getAllMessages?stale=1' };
    await readExport(context, { ...partition, position: marked(graph, 1, [read]) });
    expect(load.landedIds()).toEqual(allIds(graph));
  });

  it('begins where a first load is told to, and reads the earlier part when it is told to later', async () => {
    const { graph, load, context, partition } = setup();
    await readExport({ ...context, sinceMs: graph.nowMs - 36 * HOUR }, partition);
    expect([...load.landedIds()].sort()).toEqual(['m4', 'm5', 'm6', 'm7', 'm8', 'm9']);
    await readExport({ ...context, sinceMs: 0 }, { ...partition, position: stored(load) });
    expect(load.landedIds()).toEqual(allIds(graph));
  });

  it.each([1970, 2004, 2016, 9999])('lands a message of %i', async (year) => {
    const { graph, load, context, partition } = setup(10);
    const ms = Date.UTC(year, 0, 1, 12);
    graph.messages.push({ id: 'odd', channelId: 'c', createdMs: ms, modifiedMs: ms });
    await readExport(context, partition);
    expect(load.landedIds()).toEqual(allIds(graph));
    expect(Date.parse(stored(load).through!)).toBeLessThanOrEqual(graph.nowMs);
  });

  it('leaves out only the message that fails, names it, reads what is new, and fills the gap when it heals', async () => {
    const { graph, load, gaps, context, partition } = setup(20);
    const bad = graph.messages[7]!;
    graph.failing = new Set(['m7']);
    await readExport(context, partition);
    expect([load.landedIds().size, load.landedIds().has('m7')]).toEqual([19, false]);
    expect(gaps).toMatchObject([
      { partition: 'team:t', from: instant(bad.modifiedMs - 1), to: instant(bad.modifiedMs) },
    ]);
    graph.messages.push({ id: 'new', channelId: 'c', createdMs: graph.nowMs, modifiedMs: graph.nowMs });
    graph.requests.length = 0;
    await readExport(context, { ...partition, position: stored(load) });
    expect([load.landedIds().has('new'), graph.requests.length]).toEqual([true, 3]);
    graph.failing = new Set();
    gaps.length = 0;
    await readExport(context, { ...partition, position: stored(load) });
    expect([load.landedIds(), gaps, stored(load).ranges]).toEqual([allIds(graph), [], []]);
  });

  it('narrows nothing when the whole service fails', async () => {
    const { graph, load, context, partition } = setup();
    graph.onRequest = () => {
      throw refusal(503, 'service_unavailable');
    };
    await expect(readExport(context, partition)).rejects.toMatchObject({ code: 'service_unavailable' });
    expect([graph.requests.length, load.positions.size]).toEqual([2, 0]);
  });

  it.each([2, -2])('a Date header %i hours off moves no mark past what was seen', async (hours) => {
    const { graph, load, context, partition } = setup();
    graph.dateSkewMs = hours * HOUR;
    await readExport(context, partition);
    graph.dateSkewMs = 0;
    graph.messages.push({ id: 'new', channelId: 'c', createdMs: graph.nowMs, modifiedMs: graph.nowMs });
    await readExport(context, { ...partition, position: stored(load) });
    expect(load.landedIds()).toContain('new');
  });
});
