import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EPOCH_MS, halve, openSlice, sliceFilter, sliceRange } from './time-slices.ts';

const NOW = Date.UTC(2026, 10, 20);

/** True when the filter Graph is given lets the instant through (`gt` and `lt`, both exclusive). */
function asksFor(filter: string, ms: number): boolean {
  const [, after, before] = /gt (\S+) and lastModifiedDateTime lt (\S+)/.exec(filter)!;
  return ms > Date.parse(after!) && ms < Date.parse(before!);
}

describe('time slices', () => {
  it('ask for every instant exactly once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: EPOCH_MS, max: NOW }),
        fc.integer({ min: 1, max: NOW - EPOCH_MS }),
        (fromMs, offset) => {
          const ms = Math.min(fromMs + offset, NOW);
          const filters = sliceRange(fromMs, NOW).map(sliceFilter);
          expect(filters.filter((filter) => asksFor(filter, ms))).toHaveLength(ms > fromMs ? 1 : 0);
        },
      ),
    );
  });

  it('leave room after now, so that what changes meanwhile stays inside', () => {
    expect(asksFor(sliceFilter(openSlice(NOW - 1000, NOW)), NOW + 60_000)).toBe(true);
  });

  it('halve into two that ask for the same instants', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 1e9 }),
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 1, max: 1e9 }),
        (length, middle, at) => {
          const slice = sliceRange(NOW - length, NOW)[0]!;
          const halves = halve(slice, NOW - length + middle)!;
          const ms = NOW - length + Math.min(at, length);
          expect(halves.filter((half) => asksFor(sliceFilter(half), ms))).toHaveLength(
            asksFor(sliceFilter(slice), ms) ? 1 : 0,
          );
        },
      ),
    );
  });

  it('do not halve one millisecond', () => {
    expect(
      halve({ from: new Date(NOW).toISOString(), to: new Date(NOW + 1).toISOString(), pages: 2, done: true }, NOW),
    ).toBeUndefined();
  });
});
