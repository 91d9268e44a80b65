import { type AdaptiveCard, textBlock } from '../../cards/index.ts';
import { stateWord } from './state-words.ts';

/**
 * A card of the sender's own that comes again when it is over would read like the one before: where none of its texts
 * says the word, it gets a first line that does.
 */
export function withStateLine(card: AdaptiveCard): AdaptiveCard {
  const word = stateWord('resolved');
  if (textsOf(card).some((text) => text.toLowerCase().includes(word.toLowerCase()))) return card;
  const line = textBlock(word, { weight: 'Bolder', color: 'Good' });
  return { ...card, body: [line, ...(Array.isArray(card['body']) ? card['body'] : [])] };
}

/** Properties whose text a person reads. */
const READ: ReadonlySet<string> = new Set(['text', 'title', 'value', 'altText']);

function textsOf(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(textsOf);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) => {
    if (typeof value !== 'string') return textsOf(value);
    return READ.has(name) ? [value] : [];
  });
}
