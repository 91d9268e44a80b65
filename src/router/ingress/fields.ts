import { z } from 'zod';

/** Longest label value, in characters: what patterns run over is bounded. */
const MAX_LABEL_CHARS = 2_048;
const MAX_ANNOTATION_CHARS = 32_768;
const MAX_ENTRIES = 128;

const record = (maxChars: number) =>
  z
    .record(z.string().min(1).max(256), z.string().max(maxChars))
    .refine((entries) => Object.keys(entries).length <= MAX_ENTRIES, { error: `At most ${MAX_ENTRIES} entries.` });

/** Label names and values. */
export const labels = record(MAX_LABEL_CHARS);

/** Annotation names and texts. */
export const annotations = record(MAX_ANNOTATION_CHARS);

/** A short text that patterns run over. */
export const word = z.string().min(1).max(MAX_LABEL_CHARS);

/** RFC 3339, as milliseconds since 1970; Go's zero time and anything before 1970 is no time at all. */
export const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .transform((ms) => (ms > 0 ? ms : undefined));

/** Keeps the links that a browser may open. */
export function webLinks(links: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(links).filter((entry): entry is [string, string] => isWebLink(entry[1])));
}

function isWebLink(link: string | undefined): boolean {
  return link !== undefined && URL.canParse(link) && ['https:', 'http:'].includes(new URL(link).protocol);
}
