const MILLISECOND_HEADERS = ['retry-after-ms', 'x-ms-retry-after-ms'] as const;

/**
 * How long the service asks to wait, in milliseconds, from any of its header forms: whole or fractional seconds, an
 * HTTP date, or one of the millisecond headers. Garbage and negative numbers count as absent; a date in the past is 0.
 *
 * @param headers - lower-case names
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function parseRetryAfter(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  for (const name of MILLISECOND_HEADERS) {
    const ms = parseNumber(headers[name]);
    if (ms !== undefined) return Math.ceil(ms);
  }
  const value = headers['retry-after'];
  const seconds = parseNumber(value);
  if (seconds !== undefined) return Math.ceil(seconds * 1000);
  // `Date.parse` reads "-5" and "12 soup" as dates; an HTTP date begins with the name of a day.
  const date = value && /^\s*[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isFinite(date) ? Math.max(0, date - nowMs) : undefined;
}

function parseNumber(value: string | undefined): number | undefined {
  return value !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
}
