import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Range } from './position.ts';
import { halve, newRange, openRanges, rangeFilter, sliceRange } from './time-slices.ts';

const NOW = Date.UTC(2026, 10, 20);
const FIRST = Date.UTC(1, 0, 1);
const LAST = Date.UTC(9999, 11, 30);

/** True when the filter Graph is given lets the instant through (`gt` and `lt`, both exclusive). */
function asksFor(range: Range, ms: number): boolean {
  const filter = rangeFilter(range) ?? '';
  const after = /gt (\S+)/.exec(filter)?.[1];
  const before = /lt (\S+)/.exec(filter)?.[1];
  return (after === undefined || ms > Date.parse(after)) && (before === undefined || ms < Date.parse(before));
}

const anyTime = fc.integer({ min: FIRST, max: LAST });

describe('time ranges', () => {
  it('of a first load ask for every instant of any year exactly once', () => {
    fc.assert(
      fc.property(anyTime, (ms) => {
        expect(sliceRange(undefined, NOW).filter((range) => asksFor(range, ms))).toHaveLength(1);
      }),
    );
  });

  it('with a beginning ask for every instant after it exactly once', () => {
    fc.assert(
      fc.property(fc.integer({ min: FIRST, max: NOW }), anyTime, (fromMs, ms) => {
        const ranges = sliceRange(fromMs, NOW).filter((range) => asksFor(range, ms));
        expect(ranges).toHaveLength(ms > fromMs ? 1 : 0);
      }),
    );
  });

  it('halve into two that ask for the same instants, whatever they showed', () => {
    const bound = fc.option(anyTime, { nil: undefined });
    fc.assert(
      fc.property(bound, bound, anyTime, fc.tuple(anyTime, anyTime), (a, b, ms, [low, high]) => {
        const [fromMs, toMs] = a !== undefined && b !== undefined && a > b ? [b, a] : [a, b];
        const span: [string, string] = [
          new Date(Math.min(low, high)).toISOString(),
          new Date(Math.max(low, high)).toISOString(),
        ];
        const range = { ...newRange(fromMs, toMs), span };
        const halves = halve(range) ?? [range];
        expect(halves.filter((half) => asksFor(half, ms))).toHaveLength(asksFor(range, ms) ? 1 : 0);
      }),
    );
  });

  it('do not halve one millisecond', () => {
    expect(halve(newRange(NOW, NOW + 1))).toBeUndefined();
  });

  it('leave out what is known to fail, and nothing else', () => {
    const hole = fc.tuple(anyTime, fc.integer({ min: 1, max: 1e12 }));
    fc.assert(
      fc.property(
        fc.option(anyTime, { nil: undefined }),
        fc.array(hole, { maxLength: 4 }),
        anyTime,
        (fromMs, found, ms) => {
          const holes = found.map(([from, length]) => newRange(from, Math.min(from + length, LAST + 1)));
          const isOut = holes.some((range) => asksFor(range, ms)) || (fromMs !== undefined && ms <= fromMs);
          const ranges = openRanges(fromMs, holes).filter((range) => asksFor(range, ms));
          expect(ranges).toHaveLength(isOut ? 0 : 1);
        },
      ),
    );
  });
});
