/**
 * Whether this is the name of a time zone: a name of the IANA database, in any case, or `UTC`. Offsets such as `+02:00`
 * are none: they know no summer time.
 *
 * Source: https://www.iana.org/time-zones
 */
export function isTimeZone(name: string): boolean {
  if (!/^[a-z]/i.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
