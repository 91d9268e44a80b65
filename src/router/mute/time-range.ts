import { routerErrors } from '../errors.ts';

/** Whole numbers, both ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/** `monday` or `monday:friday`; Sunday is 0. */
export const parseWeekdays = (text: string): Range =>
  ordered(text, 'a weekday or a range such as "monday:friday" (the week starts on sunday)', (part) => {
    const index = weekdays.indexOf(part.toLowerCase());
    return index < 0 ? undefined : index;
  });

/** `may`, `5`, `may:august` or `5:8`; January is 1. */
export const parseMonths = (text: string): Range =>
  ordered(text, 'a month or a range such as "may:august" or "5:8"', (part) => {
    const index = months.indexOf(part.toLowerCase());
    return index < 0 ? integer(part, 1, 12) : index + 1;
  });

/** `2026` or `2026:2028`. */
export const parseYears = (text: string): Range =>
  ordered(text, 'a year or a range such as "2026:2028"', (part) => integer(part, 1970, 9999));

/** `1`, `1:5`, `-1` (the last day) or `-3:-1`. */
export function parseDaysOfMonth(text: string): Range {
  const expected = 'a day from 1 to 31, from -31 to -1 counted from the end, or a range such as "1:5" or "-3:-1"';
  const day = (part: string) => integer(part, -31, -1) ?? integer(part, 1, 31);
  const range = ends(text, expected, day);
  if (range.from < 0 && range.to > 0) throw invalid(text, expected);
  const fromStart = (value: number) => (value < 0 ? 31 + value + 1 : value);
  if (fromStart(range.from) > fromStart(range.to)) throw invalid(text, expected);
  return range;
}

/** Minutes of the day, the end not included: `09:00` to `17:30`. `24:00` is the end of the day. */
export function parseTimes(start: string, end: string): Range {
  const range = { from: minute(start), to: minute(end) };
  if (range.from >= range.to) throw invalid(`${start} to ${end}`, 'a start before its end, on the same day');
  return range;
}

function minute(text: string): number {
  const parts = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text);
  const value = parts ? Number(parts[1]) * 60 + Number(parts[2]) : Number.NaN;
  if (!(value <= 24 * 60)) throw invalid(text, 'a time from 00:00 to 24:00');
  return value;
}

function ordered(text: string, expected: string, parse: (part: string) => number | undefined): Range {
  const range = ends(text, expected, parse);
  if (range.from > range.to) throw invalid(text, expected);
  return range;
}

function ends(text: string, expected: string, parse: (part: string) => number | undefined): Range {
  const parts = text.split(':').map((part) => parse(part.trim()));
  const from = parts[0];
  const to = parts[parts.length - 1];
  if (parts.length > 2 || from === undefined || to === undefined) throw invalid(text, expected);
  return { from, to };
}

function integer(text: string, min: number, max: number): number | undefined {
  const value = /^-?\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

const invalid = (text: string, expected: string) => routerErrors.time_interval_invalid({ text, expected });
