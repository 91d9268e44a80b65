import { expect, it } from 'vitest';
import { FakeGraph, refusal } from '../../test/support/fake-graph.ts';
import { FakeLoad } from '../../test/support/fake-load.ts';
import { readContext } from '../../test/support/read-context.ts';
import { positionKey } from '../lake/log/partition-key.ts';
import { partitionOf } from './context.ts';
import { reader } from './delta.ts';
import type { Gap } from './gaps.ts';
import { instant, newListPosition, storedPosition } from './position.ts';
import type { Fallback, Place } from './strategy.ts';

const place: Place = {
  kind: 'channel',
  path: ['t', 'c'],
  ids: { 'team-id': 't', 'channel-id': 'c' },
  item: { id: 'c' },
};
const KEY = positionKey('channel_messages', partitionOf(place));

/** A channel that was read through its delta link, and got messages since. */
function setup() {
  const graph = new FakeGraph();
  const load = new FakeLoad();
  const gaps: Gap[] = [];
  const fallbacks: Pick<Fallback, 'from' | 'to'>[] = [];
  const at = instant(graph.nowMs - 3_600_000);
  const delta = { link: 'https://fake/teams/t/channels/c/messages/delta?$deltatoken=a', done: true, at };
  const position = { ...newListPosition, through: at, listed: at, seen: at, delta };
  const context = {
    ...readContext('delta', { graph, load, gaps }),
    positions: new Map([[KEY, storedPosition(position)]]),
    fallback: (_: unknown, fallback: Pick<Fallback, 'from' | 'to'>) => fallbacks.push(fallback),
  };
  for (const [index, id] of ['a', 'b', 'c', 'd'].entries()) {
    const ms = graph.nowMs - 60_000 * (index + 1);
    graph.messages.push({ id, channelId: 'c', createdMs: ms, modifiedMs: ms });
  }
  return { graph, load, gaps, context, fallbacks };
}

it.each([
  ['a page of a delta round stays bad', refusal(500, 'service_error')],
  ['delta is metered', refusal(402, 'payment_required')],
  ['delta is refused', refusal(403, 'permission_missing')],
  ['there is no delta', refusal(404, 'not_found')],
  ['delta is not supported', refusal(501, 'not_supported')],
])('reads what is new with the list, and says so, where %s', async (_why, failure) => {
  const { graph, load, gaps, context, fallbacks } = setup();
  graph.onRequest = ({ route }) => {
    if (route.endsWith('/delta')) throw failure;
  };
  await reader.read(context, place);
  expect([load.landedIds(), gaps]).toEqual([new Set(['a', 'b', 'c', 'd']), []]);
  expect(fallbacks).toMatchObject([{ from: 'delta', to: 'recent' }]);
  const stored = load.positions.get(KEY)!;
  expect(stored).not.toHaveProperty('deltaRefusedAt');

  // In the next run too, and what was read before is not read again.
  graph.messages.push({ id: 'e', channelId: 'c', createdMs: graph.nowMs + 1, modifiedMs: graph.nowMs + 1 });
  graph.nowMs += 3_600_000;
  await reader.read({ ...context, positions: new Map([[KEY, stored]]) }, place);
  expect([load.landedIds(), fallbacks.length]).toEqual([new Set(['a', 'b', 'c', 'd', 'e']), 2]);
});

it.each([401, 403, 429])('is refused with the channel where the service answers %i', async (status) => {
  const { graph, context } = setup();
  graph.onRequest = () => {
    throw refusal(status);
  };
  await expect(reader.read(context, place)).rejects.toThrow(String(status));
});
