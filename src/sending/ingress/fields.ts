import { z } from 'zod';

/** Longest label value, in characters: what patterns run over is bounded. */
export const MAX_LABEL_CHARS = 2_048;
export const MAX_ANNOTATION_CHARS = 32_768;
export const MAX_LINK_CHARS = 8_192;
/** Longest name of a label, an annotation or a link. */
export const MAX_NAME_CHARS = 256;
/** Most entries of one record. */
export const MAX_ENTRIES = 128;

const LONE_SURROGATE = /\p{Cs}/u;

/** Half a character cannot be stored: the database takes UTF-8. */
export const storable = z.string().refine((text) => !LONE_SURROGATE.test(text), { error: 'Holds half a character.' });

const record = (maxChars: number) =>
  z
    .record(storable.min(1).max(MAX_NAME_CHARS), storable.max(maxChars))
    .refine((entries) => Object.keys(entries).length <= MAX_ENTRIES, { error: `At most ${MAX_ENTRIES} entries.` });

/** Label names and values. */
export const labels = record(MAX_LABEL_CHARS);

/** Annotation names and texts. */
export const annotations = record(MAX_ANNOTATION_CHARS);

/** A short text that patterns run over. */
export const word = storable.min(1).max(MAX_LABEL_CHARS);

const dateTime = z.iso.datetime({ offset: true });

/** RFC 3339, as milliseconds since 1970; Go's zero time and anything before 1970 is no time at all. */
export const instant = dateTime.transform((text) => Date.parse(text)).transform((ms) => (ms > 0 ? ms : undefined));

/** RFC 3339, as milliseconds since 1970; undefined for anything else. */
export function instantOf(text: string): number | undefined {
  if (text.length > 64 || !dateTime.safeParse(text).success) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * Characters that a link may not hold as they are: control characters, directions, noncharacters, half characters.
 *
 * @see https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
const UNSAFE_IN_LINK =
  /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]|\p{Cs}/u;

/** A link that a browser may open, its unsafe characters percent-encoded; undefined for what is none. */
export function webLink(link: string): string | undefined {
  if (!URL.canParse(link)) return undefined;
  const { protocol, href } = new URL(link);
  if (protocol !== 'https:' && protocol !== 'http:') return undefined;
  return UNSAFE_IN_LINK.test(link) ? href : link;
}
