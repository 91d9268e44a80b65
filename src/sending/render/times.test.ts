import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText, timeText } from './times.ts';

describe('a time in the zone of its reader', () => {
  it.each([
    ['UTC', '2026-06-02 12:00:00 UTC'],
    ['Europe/Berlin', '2026-06-02 14:00:00 +02:00 Europe/Berlin'],
    ['America/St_Johns', '2026-06-02 09:30:00 -02:30 America/St_Johns'],
    ['Asia/Kolkata', '2026-06-02 17:30:00 +05:30 Asia/Kolkata'],
    ['Europe/London', '2026-06-02 13:00:00 +01:00 Europe/London'],
    ['Africa/Abidjan', '2026-06-02 12:00:00 +00:00 Africa/Abidjan'],
  ])('in %s', (zone, text) => {
    expect(timeText(Date.UTC(2026, 5, 2, 12), zone)).toBe(text);
  });

  it('tells the two hours of an autumn night apart', () => {
    const first = Date.UTC(2026, 9, 25, 0, 30);
    expect(timeText(first, 'Europe/Berlin')).toBe('2026-10-25 02:30:00 +02:00 Europe/Berlin');
    expect(timeText(first + 3_600_000, 'Europe/Berlin')).toBe('2026-10-25 02:30:00 +01:00 Europe/Berlin');
  });

  it('is the instant it was, wherever it is read', () => {
    const instant = fc.integer({ min: Date.UTC(1970, 0, 2), max: Date.UTC(9999, 11, 30) });
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia');
    fc.assert(
      fc.property(instant, zone, (ms, name) => {
        const [, date, time, offset] = /^(\S+) (\S+) (\S+)/.exec(timeText(ms, name))!;
        // Seconds of an offset, as before 1972, are not written.
        fc.pre(offset === 'UTC' || /^[+-]\d\d:\d\d$/.test(offset!));
        expect(Date.parse(`${date}T${time}${offset === 'UTC' ? 'Z' : offset}`)).toBe(Math.floor(ms / 1_000) * 1_000);
      }),
    );
  });

  it('says that what is no date is none', () => {
    expect(timeText(9e15, 'UTC')).toBe('an unknown time');
  });
});

describe('a length of time', () => {
  it.each([
    [0, '0 s'],
    [-5_000, '0 s'],
    [499, '0 s'],
    [45_000, '45 s'],
    [60_000, '1 min'],
    [61_000, '1 min 1 s'],
    [1_200_000, '20 min'],
    [3_600_000, '1 h'],
    [93_784_000, '1 d 2 h'],
    [86_400_000 * 400 + 60_000, '400 d'],
  ])('of %d ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});
