/** What a text says, or what is wrong with it. */
export type Reading<T> = { readonly value: T } | { readonly problem: string };

/** Units of a span as a person writes it: `90s`, `15m`, `2h`, `7d`. */
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `15m`, `2h`, `7d`. */
export function readSpan(text: string): Reading<number> {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount === undefined) return { problem: 'Give a span of time, for example 90s, 15m, 2h or 7d.' };
  return { value: Number(amount) * UNIT_MS[unit!]! };
}

/** Milliseconds since 1970 of an ISO 8601 date. */
function readDate(text: string): Reading<number> {
  const day = text.slice(0, 10);
  const ms = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes 30 February for 2 March.
  return Number.isNaN(ms) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day
    ? { problem: 'Give an ISO 8601 date, for example 2026-01-31 or 2026-01-31T08:00:00Z.' }
    : { value: ms };
}

/** A date from which, or up to which, something is looked for: in the future there is nothing. */
export function readPastDate(text: string, nowMs: number): Reading<number> {
  const read = readDate(text);
  if ('problem' in read || read.value <= nowMs) return read;
  return { problem: `It lies in the future: now is ${new Date(nowMs).toISOString()}.` };
}

/** An instant, or how long ago it was: ms since 1970. */
export function readInstantOrAge(text: string, nowMs: number): Reading<number> {
  if (!/^\d+[smhd]$/.test(text)) return readPastDate(text, nowMs);
  const read = readSpan(text);
  return 'problem' in read ? read : { value: nowMs - read.value };
}
