import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { positionKey, splitKey } from '../../src/lake/log/partition-key.ts';
import { resources } from '../../src/resources/index.ts';
import { kindOf } from '../../src/resources/types.ts';
import { partitionName, placeOfKey, placeOfName } from '../../src/strategies/position-key.ts';

const kind = fc.constantFrom('cover', ...resources.map(kindOf).filter((name) => /^[a-z]+$/.test(name)));
/** No id of Graph has a blank in it; anything else may stand there. */
const id = fc.oneof(
  fc.stringMatching(/^\S+$/),
  fc.constantFrom('19:abc@thread.tacv2', 'a/b', '%2F', '%', 'team:x', 'a:b/c:d', 'ü/%25'),
);
const ids = fc.array(id, { minLength: 1, maxLength: 4 });

describe('the key of a position', () => {
  it('says the place that it was made of, whatever its ids', () => {
    fc.assert(
      fc.property(kind, ids, (of, path) => {
        const key = positionKey('channel_messages', partitionName(of, ...path));
        expect(placeOfKey(key, 'channel_messages')).toEqual({ kind: of, ids: path });
        expect(splitKey(key)).toEqual({ resource: 'channel_messages', partition: partitionName(of, ...path) });
        expect(placeOfKey(key, 'chat_messages')).toBeUndefined();
      }),
    );
  });

  it('tells two places apart', () => {
    fc.assert(
      fc.property(kind, ids, ids, (of, one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(partitionName(of, ...one) === partitionName(of, ...other)).toBe(isSame);
      }),
    );
  });

  it.each([
    ['team:8f0c-1', { kind: 'team', ids: ['8f0c-1'] }],
    ['channel:8f0c-1/19:abc@thread.tacv2', { kind: 'channel', ids: ['8f0c-1', '19:abc@thread.tacv2'] }],
    ['cover:8f0c-1', { kind: 'cover', ids: ['8f0c-1'] }],
  ])('is %s as in every lake so far', (name, place) => {
    expect(placeOfName(name)).toEqual(place);
    expect(partitionName(place.kind, ...place.ids)).toBe(name);
  });

  it('is that of the whole tenant without ids', () => {
    expect(placeOfName('tenant')).toEqual({ kind: 'tenant', ids: [] });
  });

  it.each(['tenants', '', 'team:', 'kept'])('is none where the name says no place: %j', (name) => {
    expect(placeOfName(name)).toBeUndefined();
  });
});
