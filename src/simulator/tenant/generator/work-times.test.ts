import { describe, expect, it } from 'vitest';
import { workTimes } from './work-times.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Monday. */
const mondayMs = Date.UTC(2026, 5, 1);
const shares = Array.from({ length: 1_000 }, (_, index) => index / 1_000);

describe('workTimes', () => {
  it('lays most of the work into office hours, the rest over nights and weekends', () => {
    const times = shares.map(workTimes(mondayMs, mondayMs + 28 * DAY_MS)).map((ms) => new Date(ms));
    const isWeekend = (date: Date) => [0, 6].includes(date.getUTCDay());
    const isOffice = (date: Date) => !isWeekend(date) && date.getUTCHours() >= 7 && date.getUTCHours() < 18;
    // A week has 55 office hours, and 113 others that weigh as much as 6.78.
    expect(times.filter(isOffice).length / times.length).toBeCloseTo(55 / 61.78, 1);
    expect(times.some(isWeekend)).toBe(true);
  });

  it.each([
    ['begins and ends within an hour', mondayMs + 8.25 * HOUR_MS, mondayMs + 8.75 * HOUR_MS],
    ['begins at night', mondayMs + 1.5 * HOUR_MS, mondayMs + 3 * DAY_MS],
    ['is a weekend', mondayMs + 5 * DAY_MS, mondayMs + 7 * DAY_MS],
  ])('keeps the order of shares, from the first moment to the last, when the time %s', (_, startMs, endMs) => {
    const timeAt = workTimes(startMs, endMs);
    const times = shares.map(timeAt);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(timeAt(0)).toBe(startMs);
    expect(timeAt(1 - 2 ** -32)).toBeLessThan(endMs);
    expect(timeAt(1 - 2 ** -32)).toBeGreaterThan(endMs - HOUR_MS);
  });
});
