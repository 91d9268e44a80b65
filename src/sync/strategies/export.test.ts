import { describe, expect, it } from 'vitest';
import { FakeGraph, refusal } from '../../../test/support/fake-graph.ts';
import { FakeLoad } from '../../../test/support/fake-load.ts';
import { fromPosition } from '../position.ts';
import type { MessagePartition, ReadContext } from './context.ts';
import { readExport } from './export.ts';

const HOUR = 3_600_000;

function setup(messages = 10) {
  const graph = new FakeGraph();
  for (let index = 0; index < messages; index++) {
    const ms = graph.nowMs - 40 * HOUR + index * HOUR;
    graph.messages.push({ id: `m${index}`, channelId: 'c', createdMs: ms, modifiedMs: ms });
  }
  const load = new FakeLoad();
  const context: ReadContext = { graph, load, signal: new AbortController().signal, overlapMs: 300_000 };
  const partition: MessagePartition = { key: 'team:t', teamId: 't', position: {} };
  return { graph, load, context, partition };
}

const allIds = (graph: FakeGraph) => new Set(graph.messages.map(({ id }) => id));
const stored = (load: FakeLoad) => fromPosition(load.positions.get('channel_messages/team:t') ?? undefined);

describe('export', () => {
  it('lands every message of a team and marks how far it read', async () => {
    const { graph, load, context, partition } = setup();
    await readExport(context, partition, graph.nowMs);
    expect(load.landedIds()).toEqual(allIds(graph));
    expect(stored(load)).toEqual({ through: new Date(graph.nowMs).toISOString() });
  });

  it('reads again what a moving message pushed over a page border', async () => {
    const { graph, load, context, partition } = setup();
    graph.onRequest = (request) => {
      if (!request.url.includes('skip=3')) return;
      graph.onRequest = () => {};
      graph.nowMs += 60_000;
      // An edit moves the first message out of the slice, the fourth moves up onto the page already read.
      graph.messages.find(({ id }) => id === 'm0')!.modifiedMs = graph.nowMs;
    };
    // The slice that holds m0 ends before now, as a slice of a first load does.
    const old = {
      from: new Date(graph.nowMs - 60 * HOUR).toISOString(),
      to: new Date(graph.nowMs - HOUR).toISOString(),
      pages: 0,
      done: false,
    };
    await readExport(context, { ...partition, position: { slices: [old] } }, graph.nowMs);
    expect(load.landedIds()).toEqual(allIds(graph));
  });

  it('comes to an end while a team changes with every request, and loses nothing', async () => {
    const { graph, load, context, partition } = setup(40);
    let moves = 0;
    graph.onRequest = () => {
      graph.nowMs += 200;
      for (let change = 0; change < 3; change++) graph.messages[(7 * moves++) % 40]!.modifiedMs = graph.nowMs;
    };
    await readExport(context, partition, graph.nowMs);
    graph.onRequest = () => {};
    await readExport(context, { ...partition, position: stored(load) }, graph.nowMs);
    expect(load.landedIds()).toEqual(allIds(graph));
    expect(Date.parse(stored(load).through!)).toBeLessThanOrEqual(graph.nowMs);
  });

  it('asks only once for a quiet team that was read before', async () => {
    const { graph, context, partition } = setup();
    const through = new Date(graph.nowMs - 10 * HOUR).toISOString();
    await readExport(context, { ...partition, position: { through } }, graph.nowMs);
    expect(graph.requests).toHaveLength(1);
  });

  it('goes on at the stored next page after a crash, whatever the moment', async () => {
    const first = setup(20);
    await readExport(first.context, first.partition, first.graph.nowMs);
    for (const { position, pages } of first.load.history) {
      const again = setup(20);
      await readExport(
        again.context,
        { ...again.partition, position: fromPosition(position ?? undefined) },
        again.graph.nowMs,
      );
      const before = new FakeLoad();
      before.pages.push(...first.load.pages.slice(0, pages));
      expect(new Set([...before.landedIds(), ...again.load.landedIds()])).toEqual(allIds(again.graph));
    }
  });

  it('starts a slice again when the service no longer takes its link', async () => {
    const { graph, load, context, partition } = setup();
    graph.onRequest = (request) => {
      if (request.url.includes('stale')) throw refusal(400);
    };
    const slice = {
      from: new Date(graph.nowMs - 60 * HOUR).toISOString(),
      to: new Date(graph.nowMs).toISOString(),
      pages: 1,
      done: false,
    };
    const position = {
      slices: [
        { ...slice, startedAt: new Date(graph.nowMs).toISOString(), nextLink: 'https://fake/getAllMessages?stale=1' },
      ],
    };
    await readExport(context, { ...partition, position }, graph.nowMs);
    expect(load.landedIds()).toEqual(allIds(graph));
  });

  it('stops where a first load is told to begin', async () => {
    const { graph, load, context, partition } = setup();
    await readExport({ ...context, sinceMs: graph.nowMs - 36 * HOUR }, partition, graph.nowMs);
    expect([...load.landedIds()].sort()).toEqual(['m4', 'm5', 'm6', 'm7', 'm8', 'm9']);
  });
});
