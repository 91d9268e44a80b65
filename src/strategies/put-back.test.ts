import { describe, expect, it } from 'vitest';
import type { PartitionKey, Position } from '../lake/types.ts';
import { placesRead, putBack } from './put-back.ts';
import { partitionStandings } from './standing.ts';

const resource = 'channel_messages';
const at = '2026-01-01T00:00:00.000Z';
const since = '2025-01-01T00:00:00.000Z';
const positions = (entries: Record<string, Position>): ReadonlyMap<PartitionKey, Position> =>
  new Map(Object.entries(entries).map(([key, position]) => [`${resource}/${key}` as PartitionKey, position]));

const team: Position = { version: 2, ranges: [], through: at, since, unfilled: ['messages.subject'] };
const channel: Position = {
  version: 2,
  rest: [],
  threads: [],
  through: at,
  listed: at,
  unfilled: ['messages.subject'],
};
const lake = positions({
  'team:a': team,
  'channel:a/c': channel,
  'team:b': team,
  'cover:a': { version: 2, channels: { c: 'made', d: 'made' } },
});

describe('what is put back', () => {
  it('is everything of a resource: edges stay, marks of channels stay, nothing is missing afterwards', () => {
    expect(putBack(lake, { resource })).toEqual({
      [`${resource}/team:a`]: { version: 2, ranges: [], since, again: true },
      [`${resource}/team:b`]: { version: 2, ranges: [], since, again: true },
      [`${resource}/channel:a/c`]: { version: 2, rest: [{}], threads: [], through: at, listed: at },
    });
  });

  it('is a team with its channels', () => {
    expect(Object.keys(putBack(lake, { resource, places: [{ kind: 'team', ids: ['a'] }] })).sort()).toEqual([
      `${resource}/channel:a/c`,
      `${resource}/team:a`,
    ]);
  });

  it('is one channel, also one that its team was exported with', () => {
    for (const channelId of ['c', 'd']) {
      const [[key, position] = [], ...others] = Object.entries(
        putBack(lake, { resource, places: [{ kind: 'channel', ids: ['a', channelId] }] }),
      );
      expect([key, others]).toEqual([`${resource}/channel:a/${channelId}`, []]);
      expect(position).toMatchObject({ rest: [channelId === 'c' ? {} : { from: since }] });
    }
  });

  it('is forgotten when it cannot be read', () => {
    const damaged = positions({ 'team:a': { version: 2, ranges: 'none' } });
    expect(putBack(damaged, { resource })).toEqual({ [`${resource}/team:a`]: null });
  });

  it('is how far windows of time were read, of the tenant as a whole', () => {
    const calls = new Map([['call_records/tenant', { version: 1, through: at, since }]]) as typeof lake;
    expect(putBack(calls, { resource: 'call_records' })).toEqual({ 'call_records/tenant': null });
    expect(partitionStandings(calls, 'call_records')).toEqual([
      { partition: 'tenant', through: at, since, isOpen: false, gaps: [] },
    ]);
    expect(placesRead(calls)).toEqual([]);
  });

  it('is nothing twice', () => {
    const once = putBack(lake, { resource });
    const after = new Map([...lake, ...(Object.entries(once) as [PartitionKey, Position][])]);
    expect(Object.keys(putBack(after, { resource }))).toEqual([`${resource}/channel:a/c`]);
  });
});

it('names every team and channel of the positions once', () => {
  expect(placesRead(lake)).toEqual([
    { kind: 'team', ids: ['a'] },
    { kind: 'channel', ids: ['a', 'c'] },
    { kind: 'team', ids: ['b'] },
    { kind: 'channel', ids: ['a', 'd'] },
  ]);
});
