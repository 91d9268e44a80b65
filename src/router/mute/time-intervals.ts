import { routerErrors } from '../errors.ts';
import { parseDaysOfMonth, parseMonths, parseTimes, parseWeekdays, parseYears, type Range } from './time-range.ts';

/** One interval as written in the configuration: every list given must hold; an empty one holds always. */
export interface TimeIntervalSpec {
  readonly times?: readonly { readonly start_time: string; readonly end_time: string }[] | undefined;
  readonly weekdays?: readonly string[] | undefined;
  readonly days_of_month?: readonly string[] | undefined;
  readonly months?: readonly string[] | undefined;
  readonly years?: readonly string[] | undefined;
  /** IANA time zone, default UTC. */
  readonly location?: string | undefined;
}

/** True when an instant (milliseconds since 1970) lies inside. */
export type TimeInterval = (instant: number) => boolean;

/**
 * Compiles an interval. The local time of an instant is asked from the zone's rules, so daylight saving is right: an hour
 * that does not exist is never inside, an hour that comes twice is inside both times.
 *
 * @throws SluiceError `time_interval_invalid`
 * @see https://prometheus.io/docs/alerting/latest/configuration/#time_interval
 */
export function compileTimeInterval(spec: TimeIntervalSpec): TimeInterval {
  const times = (spec.times ?? []).map(({ start_time, end_time }) => parseTimes(start_time, end_time));
  const weekdays = (spec.weekdays ?? []).map(parseWeekdays);
  const days = (spec.days_of_month ?? []).map(parseDaysOfMonth);
  const months = (spec.months ?? []).map(parseMonths);
  const years = (spec.years ?? []).map(parseYears);
  const localTime = clockOf(spec.location ?? 'UTC');
  return (instant) => {
    const local = localTime(instant);
    return (
      (times.length === 0 || times.some(({ from, to }) => from <= local.minute && local.minute < to)) &&
      within(weekdays, local.weekday) &&
      (days.length === 0 || days.some((range) => withinMonth(range, local))) &&
      within(months, local.month) &&
      within(years, local.year)
    );
  };
}

interface LocalTime {
  year: number;
  month: number;
  day: number;
  /** Sunday is 0. */
  weekday: number;
  /** Minutes since the day began. */
  minute: number;
}

function clockOf(timeZone: string): (instant: number) => LocalTime {
  const format = zoneFormat(timeZone);
  return (instant) => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const { year, month, day, hour, minute } = parts as Record<'year' | 'month' | 'day' | 'hour' | 'minute', number>;
    const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
    return { year, month, day, weekday, minute: hour * 60 + minute };
  };
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  } catch (cause) {
    throw routerErrors.location_unknown({ location: timeZone }, { cause });
  }
}

const within = (ranges: readonly Range[], value: number) =>
  ranges.length === 0 || ranges.some(({ from, to }) => from <= value && value <= to);

/** Negative days count from the month's end; a range is cut to the days the month has. */
function withinMonth({ from, to }: Range, { year, month, day }: LocalTime): boolean {
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const fromStart = (value: number) => (value < 0 ? daysInMonth + value + 1 : value);
  return fromStart(from) <= day && day <= fromStart(to);
}
