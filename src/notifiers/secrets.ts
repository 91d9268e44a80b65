import { Secret } from '../runtime/secret.ts';

/** Shorter parts of a URL stand in any text. */
const SHORTEST_PART = 8;

/** The texts that no error may show of these values: the secrets in them, and what identifies one that is a URL. */
export function secretTexts(values: unknown): readonly string[] {
  const texts = revealed(values).flatMap((text) => [text, ...partsOf(text)]);
  // The longest first: what is left of a whole after a part of it was replaced is a secret still.
  return [...new Set(texts)].filter((text) => text !== '').sort((a, b) => b.length - a.length);
}

function revealed(value: unknown): string[] {
  if (value instanceof Secret) return [value.reveal()];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(revealed);
}

function partsOf(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { href, pathname, search, username, password, searchParams } = new URL(text);
  const parts = [username, password, pathname, search, `${pathname}${search}`, ...searchParams.values()];
  return [href, ...parts.filter((part) => part.length >= SHORTEST_PART)];
}
