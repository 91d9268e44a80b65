import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingWindow } from './sliding-window.ts';

describe('a sliding window', () => {
  it('lets the limit pass and no more', () => {
    const window = new SlidingWindow(2, 1_000);
    expect([0, 10, 20].map((at) => window.add(at, 1))).toEqual([true, true, false]);
  });

  it('forgets what is a window old', () => {
    const window = new SlidingWindow(1, 1_000);
    expect([0, 999, 2_000].map((at) => window.add(at, 1))).toEqual([true, false, true]);
  });

  it('counts what it refused, so hammering stays refused', () => {
    const window = new SlidingWindow(1, 1_000);
    expect([0, 600, 1_200, 1_800].map((at) => window.add(at, 1))).toEqual([true, false, false, false]);
  });

  it('lets the next arrival pass exactly when it said', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 30 }),
        (limit, gaps) => {
          const window = new SlidingWindow(limit, 1_000);
          let at = 0;
          for (const gap of gaps) {
            at += gap;
            window.add(at, 1);
          }
          const wait = window.waitMs(at, 1);
          if (wait > 0) expect(window.waitMs(at + wait - 1, 1)).toBe(1);
          expect(window.add(at + wait, 1)).toBe(true);
        },
      ),
    );
  });
});
