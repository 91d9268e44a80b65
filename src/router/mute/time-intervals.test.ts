import { describe, expect, it } from 'vitest';
import { compileTimeInterval, type TimeIntervalSpec } from './time-intervals.ts';

const contains = (spec: TimeIntervalSpec, iso: string) => compileTimeInterval(spec)(Date.parse(iso));
const times = (start_time: string, end_time: string) => [{ start_time, end_time }];

describe('time intervals', () => {
  it.each<[string, TimeIntervalSpec, string, boolean]>([
    ['start is inside', { times: times('09:00', '17:00') }, '2026-01-05T09:00:00Z', true],
    ['end is outside', { times: times('09:00', '17:00') }, '2026-01-05T17:00:00Z', false],
    ['the last minute', { times: times('23:00', '24:00') }, '2026-01-05T23:59:59Z', true],
    ['monday to friday, monday', { weekdays: ['monday:friday'] }, '2026-01-05T00:00:00Z', true],
    ['monday to friday, sunday', { weekdays: ['monday:friday'] }, '2026-01-04T23:59:00Z', false],
    ['last day of February', { days_of_month: ['-1'] }, '2026-02-28T12:00:00Z', true],
    ['last day of a leap February', { days_of_month: ['-1'] }, '2028-02-28T12:00:00Z', false],
    ['day 31 in a short month', { days_of_month: ['31'] }, '2026-04-30T12:00:00Z', false],
    ['29:31 cut to the month', { days_of_month: ['29:31'] }, '2026-04-30T12:00:00Z', true],
    ['first to last but one', { days_of_month: ['1:-2'] }, '2026-01-31T12:00:00Z', false],
    ['months by name', { months: ['may:august'] }, '2026-08-31T12:00:00Z', true],
    ['months by number', { months: ['5:8'] }, '2026-09-01T00:00:00Z', false],
    ['years', { years: ['2026:2027'] }, '2028-01-01T00:00:00Z', false],
    ['every list must hold', { weekdays: ['monday'], months: ['2'] }, '2026-01-05T00:00:00Z', false],
    ['the zone moves the day', { weekdays: ['monday'], location: 'Asia/Tokyo' }, '2026-01-04T16:00:00Z', true],
    ['nothing said holds always', {}, '2026-01-04T16:00:00Z', true],
  ])('%s', (_, spec, iso, expected) => {
    expect(contains(spec, iso)).toBe(expected);
  });

  it('has no instant in the hour that daylight saving skips', () => {
    const skipped = compileTimeInterval({ times: times('02:00', '03:00'), location: 'Europe/Berlin' });
    const day = Date.parse('2026-03-29T00:00:00+01:00');
    const inside = Array.from({ length: 23 * 60 }, (_, minute) => skipped(day + minute * 60_000)).filter(Boolean);
    expect(inside).toHaveLength(0);
  });

  it('has two hours of instants in the hour that comes twice', () => {
    const twice = compileTimeInterval({ times: times('02:00', '03:00'), location: 'Europe/Berlin' });
    const day = Date.parse('2026-10-25T00:00:00+02:00');
    const inside = Array.from({ length: 25 * 60 }, (_, minute) => twice(day + minute * 60_000)).filter(Boolean);
    expect(inside).toHaveLength(120);
  });

  it.each<TimeIntervalSpec>([
    { times: times('17:00', '09:00') },
    { times: times('09:00', '09:00') },
    { times: times('9:00', '10:00') },
    { times: times('09:00', '24:01') },
    { weekdays: ['friday:monday'] },
    { weekdays: ['payday'] },
    { days_of_month: ['0'] },
    { days_of_month: ['32'] },
    { days_of_month: ['-1:5'] },
    { days_of_month: ['5:1'] },
    { months: ['13'] },
    { years: ['2027:2026'] },
    { years: ['1:2:3'] },
    { location: 'Mars/Olympus' },
  ])('refuses %j', (spec) => {
    expect(() => compileTimeInterval(spec)).toThrow(expect.objectContaining({ code: 'time_interval_invalid' }));
  });
});
