import { describe, expect, it } from 'vitest';
import type { PartitionKey, Position } from '../lake/types.ts';
import { isOwnLake, refuseAnotherTenant, sourceFact, sourceOf } from './lake-source.ts';

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
  const positions = new Map<PartitionKey, Position>([[key, { through: '2026-01-01T00:00:00Z' }]]);
  const listed = (ids: string[], isComplete = true) => ({ of: ['teams'], ids, isComplete });

  it('belongs to whoever has one of its teams, or to the first when it has none', () => {
    expect(isOwnLake(positions, listed(['t1', 't2']), contoso)).toBe(true);
    expect(isOwnLake(new Map(), listed(['t2']), contoso)).toBe(true);
  });

  it('is refused to who has none of them, and stays open when only some were looked at', () => {
    expect(() => isOwnLake(positions, listed(['t2']), contoso)).toThrow(/none/);
    expect(isOwnLake(positions, listed(['t2'], false), contoso)).toBe(false);
  });
});
