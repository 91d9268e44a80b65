const MILLISECOND_HEADERS = ['retry-after-ms', 'x-ms-retry-after-ms'] as const;

/**
 * The longest wait that is taken from a service. Blocks of hours are seen; what asks for more (a date in the year 9999,
 * 1e20 seconds) is a fault of the service, and is asked again after a day.
 */
export const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * A wait as a service gave it, in whole milliseconds, not longer than {@link LONGEST_RETRY_AFTER_MS}; undefined when it
 * is no wait at all. The one place that decides it, for reading and for sending.
 */
export function boundedWait(waitMs: number | undefined): number | undefined {
  if (waitMs === undefined || Number.isNaN(waitMs) || waitMs < 0) return undefined;
  return Math.min(Math.ceil(waitMs), LONGEST_RETRY_AFTER_MS);
}

/**
 * How long the service asks to wait, in milliseconds, from any of its header forms: whole or fractional seconds, an
 * HTTP date, or one of the millisecond headers. Garbage and negative numbers count as absent; a date in the past is 0;
 * more than a day is a day.
 *
 * @param headers - lower-case names
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function parseRetryAfter(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  for (const name of MILLISECOND_HEADERS) {
    const ms = parseNumber(headers[name]);
    if (ms !== undefined) return boundedWait(ms);
  }
  const value = headers['retry-after'];
  const seconds = parseNumber(value);
  if (seconds !== undefined) return boundedWait(seconds * 1000);
  // `Date.parse` reads "-5" and "12 soup" as dates; an HTTP date begins with the name of a day.
  const date = value && /^\s*[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isFinite(date) ? boundedWait(Math.max(0, date - nowMs)) : undefined;
}

/** A decimal number, with an exponent as some clients of number types write it. */
function parseNumber(value: string | undefined): number | undefined {
  return value !== undefined && /^\s*\d+(\.\d+)?(e\+?\d+)?\s*$/i.test(value) ? Number(value) : undefined;
}
