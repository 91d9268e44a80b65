import { below, type OddField, type Oddities } from '../../messages/oddities.ts';
import {
  instantOf,
  MAX_ANNOTATION_CHARS,
  MAX_ENTRIES,
  MAX_LABEL_CHARS,
  MAX_LINK_CHARS,
  MAX_NAME_CHARS,
  webLink,
} from './fields.ts';

/** Ends what was cut. */
const CUT = '…';

const LONE_SURROGATE = /\p{Cs}/gu;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One field of a body, and where what is odd of it is noted. */
interface Field {
  readonly path: string;
  readonly field: OddField;
  readonly odd: Oddities;
}

/** A text. Numbers and booleans are written out, long ones cut with a sign; anything else is absent. */
export function readText(value: unknown, maxChars: number, { path, field, odd }: Field): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' || typeof value === 'boolean') {
    odd.note(path, field, 'converted');
    return String(value);
  }
  if (typeof value !== 'string') {
    odd.note(path, field, 'absent');
    return undefined;
  }
  const text = value.replace(LONE_SURROGATE, '\uFFFD');
  if (text !== value) odd.note(path, field, 'encoded');
  if (text.length <= maxChars) return text;
  odd.note(path, field, 'cut');
  return `${text.slice(0, maxChars - CUT.length).replace(LONE_SURROGATE, '')}${CUT}`;
}

/** Names and texts. A wrong name or value is left out alone; what is more than fits is dropped and counted. */
export function readTexts(value: unknown, maxChars: number, where: Field): Record<string, string> {
  const { path, field, odd } = where;
  if (value === undefined) return {};
  if (!isRecord(value)) {
    odd.note(path, field, 'absent');
    return {};
  }
  const found: [string, string][] = [];
  let dropped = 0;
  for (const [name, one] of Object.entries(value)) {
    const usable = name !== '' && name.length <= MAX_NAME_CHARS && name !== '__proto__';
    if (!usable || found.length === MAX_ENTRIES) {
      dropped += 1;
      continue;
    }
    const text = readText(one, maxChars, { path: below(path, name), field, odd });
    if (text !== undefined) found.push([name.replace(LONE_SURROGATE, '\uFFFD'), text]);
  }
  if (dropped > 0) odd.note(path, field, 'dropped', dropped);
  return Object.fromEntries(found);
}

export const readLabels = (value: unknown, where: Field) => readTexts(value, MAX_LABEL_CHARS, where);

export const readAnnotations = (value: unknown, where: Field) => readTexts(value, MAX_ANNOTATION_CHARS, where);

/** Milliseconds since 1970. Go's zero time and anything before 1970 is no time at all, and not odd. */
export function readInstant(value: unknown, { path, field, odd }: Field): number | undefined {
  if (value === undefined || value === '') return undefined;
  const ms = typeof value === 'string' ? instantOf(value) : undefined;
  if (ms === undefined) odd.note(path, field, 'absent');
  return ms !== undefined && ms > 0 ? ms : undefined;
}

/** A link that a browser may open. A cut link would be a wrong link, so a long one is dropped. */
export function readLink(value: unknown, { path, field, odd }: Field): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') {
    odd.note(path, field, 'absent');
    return undefined;
  }
  const link = value.length <= MAX_LINK_CHARS ? webLink(value) : undefined;
  if (link === undefined) odd.note(path, field, 'dropped');
  else if (link !== value) odd.note(path, field, 'encoded');
  return link;
}

/** A count of things that cannot be fewer than none. */
export function readCount(value: unknown, { path, field, odd }: Field): number {
  if (value === undefined) return 0;
  const count = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) {
    if (count !== value) odd.note(path, field, 'converted');
    return count;
  }
  odd.note(path, field, 'absent');
  return 0;
}
