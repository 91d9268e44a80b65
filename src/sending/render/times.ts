/** What stands where an instant is no date of a calendar. */
const NO_TIME = 'an unknown time';

/** ECMAScript's last instant, in milliseconds since 1970. Source: https://tc39.es/ecma262/#sec-time-values-and-time-range */
const LAST_INSTANT_MS = 8.64e15;

/** Whether a number is an instant that can be written. */
export const isInstant = (ms: number): boolean => Math.abs(ms) <= LAST_INSTANT_MS;

/** An instant as ISO 8601 in UTC. */
export const isoText = (ms: number): string => (isInstant(ms) ? new Date(ms).toISOString() : NO_TIME);

/**
 * An instant as people of a time zone read it, with the zone: `2026-11-28 11:00:00 +01:00 Europe/Berlin`. The offset is
 * there because an hour of each autumn comes twice.
 */
export function timeText(ms: number, timeZone: string): string {
  if (!isInstant(ms)) return NO_TIME;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  });
  const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  const { year, month, day, hour, minute, second } = part;
  const offset = part['timeZoneName']!.replace('GMT', '');
  const zone = timeZone.toUpperCase() === 'UTC' ? ' UTC' : ` ${offset || '+00:00'} ${timeZone}`;
  return `${year!.padStart(4, '0')}-${month}-${day} ${hour}:${minute}:${second}${zone}`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** A length of time in its two largest units: `2 d 3 h`, `20 min`, `45 s`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const first = UNITS.findIndex(([, length]) => seconds >= length);
  if (first < 0) return '0 s';
  let rest = seconds;
  const parts = UNITS.slice(first, first + 2).map(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return { unit, count };
  });
  return parts
    .filter(({ count }) => count > 0)
    .map(({ unit, count }) => `${count} ${unit}`)
    .join(' ');
}
