import { describe, expect, it } from 'vitest';
import { FakeGraph, refusal } from '../../test/support/fake-graph.ts';
import { FakeLoad } from '../../test/support/fake-load.ts';
import { readContext } from '../../test/support/read-context.ts';
import type { ListPartition } from './context.ts';
import type { Gap } from './gaps.ts';
import { instant, type ListPosition, listReadAgain, newListPosition, parseListPosition } from './position.ts';
import { readRecent } from './recent.ts';

const HOUR = 3_600_000;

function setup() {
  const graph = new FakeGraph();
  for (let index = 0; index < 12; index++) {
    const ms = graph.nowMs - (index + 1) * HOUR;
    graph.messages.push({ id: `m${index}`, channelId: 'c', createdMs: ms, modifiedMs: ms });
  }
  const load = new FakeLoad();
  const gaps: Gap[] = [];
  const context = readContext('recent', { graph, load, gaps });
  const partition: ListPartition = {
    key: 'channel:t/c',
    ids: { 'team-id': 't', 'channel-id': 'c' },
    position: newListPosition,
  };
  return { graph, load, gaps, context, partition };
}

type Setup = ReturnType<typeof setup>;
const KEY = 'channel_messages/channel:t/c';
const stored = (load: FakeLoad) => parseListPosition(KEY, load.positions.get(KEY) ?? undefined);
const markedAt = ({ graph }: Setup, hoursAgo: number) => {
  const through = instant(graph.nowMs - hoursAgo * HOUR);
  return { ...newListPosition, through, listed: through };
};

/** Runs until a page is asked for: there the process dies. */
async function stopAt(graph: FakeGraph, page: string, run: () => Promise<unknown>): Promise<void> {
  graph.onRequest = (request) => {
    if (request.url.includes(page)) throw new Error('killed');
  };
  await expect(run()).rejects.toThrow('killed');
  graph.onRequest = () => {};
}

function refuseLink(graph: FakeGraph, link: string | undefined): void {
  expect(link).toBeDefined();
  let isRefused = false;
  graph.onRequest = ({ url }) => {
    if (url !== link || isRefused) return;
    isRefused = true;
    throw refusal(400);
  };
}

describe('recent', () => {
  it('reads a channel to its end at first, and marks no further than it saw', async () => {
    const { graph, load, context, partition } = setup();
    await readRecent(context, partition);
    expect(load.landedIds().size).toBe(12);
    expect(Date.parse(stored(load).through!)).toBeLessThanOrEqual(graph.nowMs - HOUR + context.overlapMs);
  });

  it('asks once for an idle channel', async () => {
    const made = setup();
    await readRecent(made.context, made.partition);
    made.graph.requests.length = 0;
    await readRecent(made.context, { ...made.partition, position: stored(made.load) });
    expect(made.graph.requests).toHaveLength(1);
  });

  it('lands a first page that comes again byte for byte once, and anew when anything in it changed or it is put back', async () => {
    const { graph, load, context, partition } = setup();
    await readRecent(context, partition);
    const landed: number[] = [];
    const run = async (position: ListPosition) => {
      load.pages.length = 0;
      await readRecent(context, { ...partition, position });
      landed.push(load.pages.length);
    };
    await run(stored(load));
    await run(stored(load));
    expect([landed.at(-1), stored(load).landed]).toEqual([0, expect.any(String)]);
    // A change that moves no time.
    graph.messages[0]!.createdMs -= 1;
    await run(stored(load));
    expect(landed.at(-1)).toBe(1);
    await run(stored(load));
    expect(landed.at(-1)).toBe(0);
    await run(listReadAgain(stored(load)));
    expect(load.landedIds().size).toBe(12);
  });

  it('finds a late reply to an old root', async () => {
    const made = setup();
    const { graph, load, context, partition } = made;
    const ms = graph.nowMs - 1000;
    graph.messages.push({ id: 'late', channelId: 'c', replyToId: 'm11', createdMs: ms, modifiedMs: ms });
    await readRecent(context, { ...partition, position: markedAt(made, 0.5) });
    expect(load.landedIds()).toContain('late');
  });

  it.each([
    ['in the midst', 'new1', '0001-01-01T00:00:00Z'],
    ['in the midst', 'new1', '2004-05-06T07:08:09Z'],
    ['at the end', 'new2', '2004-05-06T07:08:09Z'],
    ['at the end', 'new2', '9999-01-01T00:00:00Z'],
  ])('reads on behind a chain of the front that shows an odd time: %s of the page, %s, %s', async (_, odd, time) => {
    const made = setup();
    const { graph, load, context, partition } = made;
    for (let index = 0; index < 5; index++) {
      const ms = graph.nowMs - 60_000 * (index + 1);
      graph.messages.push({ id: `new${index}`, channelId: 'c', createdMs: ms, modifiedMs: ms });
    }
    graph.shown = { [odd]: time };
    await readRecent(context, { ...partition, position: markedAt(made, 0.5) });
    expect([...load.landedIds()]).toEqual(expect.arrayContaining(['new0', 'new1', 'new2', 'new3', 'new4']));
  });

  it.each(['2004-05-06T07:08:09Z', '9999-01-01T00:00:00Z'])(
    'loses nothing below a chain at the end of a page that shows an odd time, when a link is refused: %s',
    async (time) => {
      const { graph, load, context, partition } = setup();
      graph.shown = { m5: time, m8: time };
      await stopAt(graph, 'skip=6', () => readRecent(context, partition));
      refuseLink(graph, stored(load).rest[0]?.nextLink);
      await readRecent(context, { ...partition, position: stored(load) });
      expect(load.landedIds().size).toBe(12);
    },
  );

  it('loses nothing below a thread at the end of a page whose newest reply is hidden, when a link is refused', async () => {
    const { graph, load, context, partition } = setup();
    const ms = graph.nowMs - 5.5 * HOUR;
    graph.messages.push({ id: 'reply', channelId: 'c', replyToId: 'm11', createdMs: ms, modifiedMs: ms });
    graph.hidden = new Set(['reply']);
    await stopAt(graph, 'skip=6', () => readRecent(context, partition));
    refuseLink(graph, stored(load).rest[0]?.nextLink);
    await readRecent(context, { ...partition, position: stored(load) });
    expect(load.landedIds().size).toBe(13);
  });

  it('keeps a gap, and ends, where the service refuses the links that it gives', async () => {
    const { graph, load, gaps, context, partition } = setup();
    await stopAt(graph, 'skip=6', () => readRecent(context, partition));
    graph.onRequest = ({ url }) => {
      if (url.includes('skip=')) throw refusal(400);
    };
    await readRecent(context, { ...partition, position: stored(load) });
    expect(gaps).toHaveLength(1);
    graph.onRequest = () => {};
    await readRecent(context, { ...partition, position: stored(load) });
    expect([load.landedIds().size, stored(load).rest]).toEqual([12, []]);
  });

  it('finds a chain that moves to the front while the list is read', async () => {
    const { graph, load, context, partition } = setup();
    graph.onRequest = (request) => {
      if (!request.url.includes('skip=9')) return;
      graph.onRequest = () => {};
      graph.nowMs += 60_000;
      graph.messages.find(({ id }) => id === 'm11')!.modifiedMs = graph.nowMs;
    };
    await readRecent(context, partition);
    expect(load.landedIds()).toContain('m11');
  });

  it('reads what is new before it goes on at the stored page, and walks there when the link is refused', async () => {
    const made = setup();
    const { graph, load, context, partition } = made;
    const rest = { nextLink: 'https://fake/teams/t/channels/c/messages?skip=6', to: instant(graph.nowMs - 6 * HOUR) };
    const position = { ...newListPosition, listed: instant(graph.nowMs - HOUR / 2), rest: [rest] };
    graph.messages.push({ id: 'new', channelId: 'c', createdMs: graph.nowMs, modifiedMs: graph.nowMs });
    await readRecent(context, { ...partition, position });
    expect(load.landedIds()).toContain('new');
    expect(load.landedIds().size).toBeGreaterThanOrEqual(7);
    expect(stored(load)).toMatchObject({ rest: [], through: stored(load).listed });

    graph.onRequest = (request) => {
      if (request.url === rest.nextLink) throw refusal(400);
    };
    const walked = new FakeLoad();
    await readRecent({ ...context, load: walked }, { ...partition, position });
    expect(walked.landedIds()).toEqual(new Set(['new', 'm0', 'm1', 'm5', 'm6', 'm7', 'm8', 'm9', 'm10', 'm11']));
  });

  it('names a page that stays bad as a gap, reads what is new all the same, and fills the gap when it heals', async () => {
    const { graph, load, gaps, context, partition } = setup();
    graph.onRequest = (request) => {
      if (request.url.includes('skip=3')) throw refusal(502, 'service_unavailable');
    };
    await readRecent(context, partition);
    expect(gaps).toMatchObject([
      { partition: 'channel:t/c', code: 'service_unavailable', to: instant(graph.nowMs - 2 * HOUR) },
    ]);
    graph.messages.push({ id: 'new', channelId: 'c', createdMs: graph.nowMs, modifiedMs: graph.nowMs });
    await readRecent(context, { ...partition, position: stored(load) });
    expect(load.landedIds()).toContain('new');
    graph.onRequest = () => {};
    gaps.length = 0;
    await readRecent(context, { ...partition, position: stored(load) });
    expect([load.landedIds().size, gaps, stored(load).rest]).toEqual([13, [], []]);
  });

  it('reads the earlier part when a read begins earlier than before', async () => {
    const { graph, load, context, partition } = setup();
    await readRecent({ ...context, sinceMs: graph.nowMs - 2.5 * HOUR }, partition);
    expect(load.landedIds().size).toBeLessThan(7);
    await readRecent({ ...context, sinceMs: graph.nowMs - 20 * HOUR }, { ...partition, position: stored(load) });
    expect(load.landedIds().size).toBe(12);
  });

  it('reads past the mark when told to read in full', async () => {
    const made = setup();
    await readRecent(made.context, { ...made.partition, position: markedAt(made, 0) }, { full: true });
    expect(made.load.landedIds().size).toBe(12);
  });
});
