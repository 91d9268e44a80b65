import { describe, expect, it } from 'vitest';
import { FakeGraph, refusal } from '../../../test/support/fake-graph.ts';
import { FakeLoad } from '../../../test/support/fake-load.ts';
import { fromPosition } from '../position.ts';
import type { MessagePartition, ReadContext } from './context.ts';
import { readRecent } from './recent.ts';

const HOUR = 3_600_000;

function setup() {
  const graph = new FakeGraph();
  for (let index = 0; index < 12; index++) {
    const ms = graph.nowMs - (index + 1) * HOUR;
    graph.messages.push({ id: `m${index}`, channelId: 'c', createdMs: ms, modifiedMs: ms });
  }
  const load = new FakeLoad();
  const context: ReadContext = { graph, load, signal: new AbortController().signal, overlapMs: 300_000 };
  const partition: MessagePartition = { key: 'channel:t/c', teamId: 't', channelId: 'c', position: {} };
  return { graph, load, context, partition };
}

const stored = (load: FakeLoad) => fromPosition(load.positions.get('channel_messages/channel:t/c') ?? undefined);
const mark = (graph: FakeGraph, hoursAgo: number) => new Date(graph.nowMs - hoursAgo * HOUR).toISOString();

describe('recent', () => {
  it('reads a channel to its end at first', async () => {
    const { graph, load, context, partition } = setup();
    await readRecent(context, partition);
    expect(load.landedIds().size).toBe(12);
    expect(Date.parse(stored(load).through!)).toBeLessThanOrEqual(graph.nowMs);
  });

  it('stops at the first page with a chain older than the mark', async () => {
    const { graph, context, partition } = setup();
    await readRecent(context, { ...partition, position: { through: mark(graph, 0) } });
    expect(graph.requests).toHaveLength(1);
  });

  it('finds a late reply to an old root', async () => {
    const { graph, load, context, partition } = setup();
    graph.messages.push({
      id: 'late',
      channelId: 'c',
      replyToId: 'm11',
      createdMs: graph.nowMs - 1000,
      modifiedMs: graph.nowMs - 1000,
    });
    await readRecent(context, { ...partition, position: { through: mark(graph, 0.5) } });
    expect(load.landedIds()).toContain('late');
  });

  it('never marks further than it read: a chain that moves to the front meanwhile is newer than the mark', async () => {
    const { graph, load, context, partition } = setup();
    graph.onRequest = (request) => {
      if (!request.url.includes('skip=9')) return;
      graph.nowMs += 60_000;
      graph.messages.find(({ id }) => id === 'm11')!.modifiedMs = graph.nowMs;
    };
    await readRecent(context, partition);
    expect(load.landedIds()).not.toContain('m11');
    await readRecent(context, { ...partition, position: stored(load) });
    expect(load.landedIds()).toContain('m11');
  });

  it('goes on at the stored page after a crash, and starts again when the link is refused', async () => {
    const { graph, load, context, partition } = setup();
    const list = { nextLink: 'https://fake/teams/t/channels/c/messages?skip=6', through: mark(graph, 0) };
    await readRecent(context, { ...partition, position: { list } });
    expect(load.landedIds().size).toBe(6);
    expect(stored(load)).toEqual({ through: list.through });

    graph.onRequest = (request) => {
      if (request.url === list.nextLink) throw refusal(400);
    };
    await readRecent(context, { ...partition, position: { list } });
    expect(load.landedIds().size).toBe(12);
  });

  it('reads past the mark when told to read in full', async () => {
    const { graph, load, context, partition } = setup();
    await readRecent(context, { ...partition, position: { through: mark(graph, 0) } }, { full: true });
    expect(load.landedIds().size).toBe(12);
  });
});
