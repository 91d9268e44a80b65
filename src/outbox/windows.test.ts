import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { remember, roomAt } from './windows.ts';

const windows = fc.array(
  fc.record({ limit: fc.integer({ min: 1, max: 6 }), windowMs: fc.integer({ min: 1, max: 500 }) }),
  {
    minLength: 1,
    maxLength: 3,
  },
);

describe('sliding windows', () => {
  it('admit at the first instant that passes no window, and never before', () => {
    fc.assert(
      fc.property(windows, fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 60 }), (set, gaps) => {
        const all: number[] = [];
        let kept: number[] = [];
        let now = 1_000;
        const fits = (at: number) =>
          set.every(({ limit, windowMs }) => all.filter((time) => time > at - windowMs).length < limit);
        for (const gap of gaps) {
          now += gap;
          const at = Math.max(now, roomAt(kept, set));
          expect(fits(at)).toBe(true);
          if (at > now) expect(fits(at - 1)).toBe(false);
          now = at;
          all.push(now);
          kept = remember(kept, set, now);
        }
      }),
    );
  });

  it('remember no more than the largest window can see', () => {
    let times: number[] = [];
    for (let at = 0; at < 1_000; at++) times = remember(times, [{ limit: 5, windowMs: 10_000 }], at);
    expect(times).toEqual([995, 996, 997, 998, 999]);
  });

  it('stay in order when the clock goes back', () => {
    expect(remember([100], [{ limit: 5, windowMs: 1_000 }], 50)).toEqual([100, 100]);
  });
});
