import fc from 'fast-check';
import { expect, it } from 'vitest';
import { distinctInAll } from './distinct.ts';

it('of places that were all looked at, the records are counted', () => {
  expect(distinctInAll({ listed: 90, distinct: 30, share: 1 })).toBe(30);
  expect(distinctInAll({ listed: 0, distinct: 0, share: 0.1 })).toBe(0);
});

it('records that nobody else lists are as many more as there are more places', () => {
  expect(distinctInAll({ listed: 50, distinct: 50, share: 0.1 })).toBe(500);
});

it('records that several places list are counted about once', () => {
  const world = fc.record({
    records: fc.integer({ min: 200, max: 2_000 }),
    listedBy: fc.integer({ min: 1, max: 12 }),
    share: fc.double({ min: 0.2, max: 0.9, noNaN: true }),
  });
  fc.assert(
    fc.property(world, ({ records, listedBy, share }) => {
      const seen = { listed: records * listedBy * share, distinct: records * (1 - (1 - share) ** listedBy), share };
      expect(distinctInAll(seen) / records).toBeCloseTo(1, 1);
    }),
  );
});
