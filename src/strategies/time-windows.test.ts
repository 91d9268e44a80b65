import fc from 'fast-check';
import { expect, it } from 'vitest';
import { windowFilter, windowsFrom, windowsToRead } from './time-windows.ts';

const DAY = 86_400_000;
const calls = { keptMs: 30 * DAY, lateMs: 3 * DAY, longestMs: 10 * DAY };
const nowMs = Date.parse('2026-06-30T12:00:00.000Z');
const day = (ms: number) => (ms - nowMs) / DAY;
const at = (days: number) => new Date(nowMs + days * DAY).toISOString();
const windowsOf = (known: Omit<Parameters<typeof windowsToRead>[1], 'nowMs'>) =>
  windowsFrom(calls, { fromMs: windowsToRead(calls, { ...known, nowMs }).fromMs, nowMs });

it.each([
  {
    why: 'a first read asks for all that is kept',
    position: undefined,
    windows: [
      [-30, -20],
      [-20, -10],
      [-10, 0],
    ],
  },
  {
    why: 'an edge that is asked for',
    position: undefined,
    sinceDays: -12,
    windows: [
      [-12, -2],
      [-2, 0],
    ],
  },
  {
    why: 'an edge beyond what is kept',
    position: undefined,
    sinceDays: -90,
    windows: [
      [-30, -20],
      [-20, -10],
      [-10, 0],
    ],
  },
  { why: 'late ones after a read', position: [-1, -30], windows: [[-4, 0]] },
  {
    why: 'after a pause longer than what is kept',
    position: [-40, -70],
    windows: [
      [-30, -20],
      [-20, -10],
      [-10, 0],
    ],
  },
  { why: 'never before the edge of what was asked for', position: [-1, -2], windows: [[-2, 0]] },
  { why: 'an earlier edge reads what lies between too', position: [-1, -2], sinceDays: -8, windows: [[-8, 0]] },
  {
    why: 'all that is kept, where a clock that ran ahead had asked for too little',
    position: [40, 10],
    sinceDays: -1,
    windows: [
      [-30, -20],
      [-20, -10],
      [-10, 0],
    ],
  },
])('$why', ({ position, sinceDays, windows }) => {
  const stored = position && { version: 1 as const, through: at(position[0]!), since: at(position[1]!) };
  const sinceMs = sinceDays === undefined ? undefined : nowMs + sinceDays * DAY;
  expect(windowsOf({ position: stored, sinceMs }).map(({ fromMs, toMs }) => [day(fromMs), day(toMs)])).toEqual(windows);
});

it('windows follow each other without a hole, none is longer than allowed, the last ends now', () => {
  const days = fc.integer({ min: -60, max: 3 });
  fc.assert(
    fc.property(
      fc.option(fc.tuple(days, days), { nil: undefined }),
      fc.option(days, { nil: undefined }),
      (marks, since) => {
        const position = marks && { version: 1 as const, through: at(marks[0]), since: at(Math.min(...marks)) };
        const sinceMs = since === undefined ? undefined : nowMs + since * DAY;
        const windows = windowsOf({ position, sinceMs });
        for (const [index, { fromMs, toMs }] of windows.entries()) {
          expect(toMs - fromMs).toBeLessThanOrEqual(calls.longestMs);
          expect(toMs).toBe(windows[index + 1]?.fromMs ?? nowMs);
          expect(fromMs).toBeGreaterThanOrEqual(nowMs - calls.keptMs);
        }
        // What came or changed late is in what is read, as far as it was ever asked for.
        if (position && windows[0])
          expect(windows[0].fromMs).toBeLessThanOrEqual(
            Math.max(Date.parse(position.through) - calls.lateMs, Date.parse(position.since), nowMs - calls.keptMs),
          );
      },
    ),
  );
});

it('a filter has both ends, the first included', () => {
  expect(windowFilter({ property: 'startDateTime' }, { fromMs: nowMs - DAY, toMs: nowMs })).toBe(
    'startDateTime ge 2026-06-29T12:00:00.000Z and startDateTime lt 2026-06-30T12:00:00.000Z',
  );
});
