import { describe, expect, it } from 'vitest';
import type { PartitionKey, Position } from '../lake/types.ts';
import { isOwnLake, refuseAnotherTenant, sourceFact, sourceOf, topsOf } from './lake-source.ts';

const contoso = { tenantId: 'AAAA-1', cloud: 'public' };

describe('whose rows a lake holds', () => {
  it('is read as it was stated, and is unknown in whatever else stands there', () => {
    expect(sourceOf(sourceFact(contoso))).toEqual(contoso);
    for (const facts of [{}, { source: 1 }, { source: null }, { source: { tenantId: 1, cloud: 'public' } }]) {
      expect(sourceOf(facts)).toBeUndefined();
    }
  });

  it.each([
    { ...contoso, tenantId: 'AAAA-2' },
    { ...contoso, cloud: 'usgov-dod' },
    { ...contoso, cloud: 'twin' },
  ])('refuses %j', (other) => {
    expect(() => refuseAnotherTenant(sourceFact(contoso), other)).toThrow(/aaaa-1.*--lake/s);
  });

  it.each([contoso, { ...contoso, tenantId: 'aaaa-1' }, undefined])('takes %j', (same) => {
    expect(() => refuseAnotherTenant(sourceFact(contoso), same)).not.toThrow();
  });
});

describe('a lake that does not say whose rows it holds', () => {
  const key: PartitionKey = 'channel_messages/team:T1';
  const positionsOf = (...keys: PartitionKey[]) =>
    new Map<PartitionKey, Position>(keys.map((one) => [one, { through: '2026-01-01T00:00:00Z' }]));
  const positions = topsOf(positionsOf(key));
  const listed = (ids: string[], isComplete = true) => ({ of: ['teams'], ids, isComplete });

  it('belongs to whoever has one of its teams, or to the first when it has none', () => {
    expect(isOwnLake(positions, listed(['t1', 't2']), contoso)).toBe(true);
    expect(isOwnLake([], listed(['t2']), contoso)).toBe(true);
  });

  it('is refused to who has none of them, and stays open when only some were looked at', () => {
    expect(() => isOwnLake(positions, listed(['t2']), contoso)).toThrow(/none/);
    expect(isOwnLake(positions, listed(['t2'], false), contoso)).toBe(false);
  });

  it('is told by what its positions are below at the top, not by what several records list', () => {
    const tops = topsOf(
      positionsOf(
        'channel_messages/channel:t1/19:a@thread.tacv2',
        'channel_messages/cover:t1',
        'chat_messages/user:u1',
        'chats/user:u2',
        'chat_messages/chat:19:b@thread.v2',
        'chat_members/chat:19:b@thread.v2',
        'call_records/tenant',
        'gone_with_a_release/team:t9',
      ),
    );
    expect(tops.map(({ collection, id }) => [collection.name, id])).toEqual([
      ['teams', 't1'],
      ['users', 'u1'],
      ['users', 'u2'],
    ]);
    // A lake of chats alone, read by their lists: nothing speaks against it.
    expect(isOwnLake(topsOf(positionsOf('chat_messages/chat:19:b@thread.v2')), listed(['u1']), contoso)).toBe(true);
  });
});
