import { messageBytes } from './envelope.ts';
import { isLog, textCharacters } from './fit/characters.ts';
import type { MutableNode } from './fit/json.ts';
import { beginningOnly, shorten } from './fit/shorten.ts';
import { isSplittable, split } from './fit/split.ts';
import type { HostProfile } from './host-profile.ts';
import { type AdaptiveCard, cardInvalid, inVersionOf, type ValidateOptions, validateCard } from './validate.ts';

export interface FitOptions extends ValidateOptions {
  /** What to do first with a card that is too large. Default `split`. */
  readonly prefer?: 'split' | 'shorten';
  /** Messages at most; what a card needs beyond them is not sent. Default 5. */
  readonly maxParts?: number | undefined;
}

/** What is sent instead of one card, in order. */
export interface FittedCard {
  readonly cards: readonly AdaptiveCard[];
  readonly how: 'whole' | 'split' | 'shortened';
  /** Characters a reader would have read and that are in none of the cards. */
  readonly charactersNotSent: number;
}

const DEFAULT_MAX_PARTS = 5;

/** Messages that one text may become: about half a megabyte through a webhook, within its rate for a minute. */
export const MAX_TEXT_PARTS = 20;

/**
 * A card as messages the host will take. A card that is too large is split between its body elements. Where that is not
 * possible, or not wanted, it loses the ends of its longest texts and lists; of a log the beginning goes, since its end
 * says what happened. A line in each message says so, and the count of what is missing is part of the result.
 *
 * @throws SluiceError `card_invalid` when the card has any other error than its size
 */
export function fitCard(card: unknown, profile: HostProfile, options: FitOptions = {}): FittedCard {
  const errors = validateCard(card, profile, options).filter(({ severity }) => severity === 'error');
  const others = errors.filter(({ code }) => code !== 'too_large');
  if (others.length > 0) throw cardInvalid(others, profile);
  const sent = inVersionOf(card, profile);
  if (errors.length === 0) return { cards: [sent], how: 'whole', charactersNotSent: 0 };
  const cards = partsOf(sent, profile, options).map((part) => small(part, profile, options));
  const charactersNotSent = Math.max(0, textCharacters(bodyOf(card)) - textCharacters(cards.map(bodyOf)));
  const whole = cards.length > 1 && charactersNotSent === 0;
  return { cards, how: whole ? 'split' : 'shortened', charactersNotSent };
}

const bodyOf = (card: unknown) => (card as { readonly body?: unknown }).body;

function partsOf(card: unknown, profile: HostProfile, { prefer, maxParts = DEFAULT_MAX_PARTS }: FitOptions) {
  if (!isSplittable(card)) return [card];
  const log = isLog(card as MutableNode);
  if (prefer === 'shorten' && !log) return [card];
  const parts = split(card, profile, prefer === 'shorten' ? 1 : maxParts);
  return parts.length > 1 || log ? parts : [card];
}

/** The part, or what is left of it: always valid. */
function small(part: unknown, profile: HostProfile, options: ValidateOptions): AdaptiveCard {
  const candidate = messageBytes(part, profile) <= profile.maxBytes ? part : shorten(part, profile);
  const valid = validateCard(candidate, profile, options).every(({ severity }) => severity === 'warning');
  return (valid ? candidate : beginningOnly(part, profile)) as AdaptiveCard;
}
