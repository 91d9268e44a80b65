import { messageBytes } from './envelope.ts';
import { beginningOnly, shorten } from './fit/shorten.ts';
import { isSplittable, split } from './fit/split.ts';
import type { HostProfile } from './host-profile.ts';
import { type AdaptiveCard, cardInvalid, type ValidateOptions, validateCard } from './validate.ts';

export interface FitOptions extends ValidateOptions {
  /** What to do first with a card that is too large. Default `split`. */
  readonly prefer?: 'split' | 'shorten';
  /** Messages at most; a card that needs more is shortened. Default 5. */
  readonly maxParts?: number;
}

/** What is sent instead of one card, in order. */
export interface FittedCard {
  readonly cards: readonly AdaptiveCard[];
  readonly how: 'whole' | 'split' | 'shortened';
}

const DEFAULT_MAX_PARTS = 5;

/**
 * A card as messages the host will take. A card that is too large is split between its body elements, or, where that
 * is not possible, loses the ends of its longest texts and lists; a line in each message says so.
 *
 * @throws SluiceError `card_invalid` when the card has any other error than its size
 */
export function fitCard(card: unknown, profile: HostProfile, options: FitOptions = {}): FittedCard {
  const errors = validateCard(card, profile, options).filter(({ severity }) => severity === 'error');
  const others = errors.filter(({ code }) => code !== 'too_large');
  if (others.length > 0) throw cardInvalid(others, profile);
  if (errors.length === 0) return { cards: [card as AdaptiveCard], how: 'whole' };
  const parts = options.prefer !== 'shorten' && isSplittable(card) ? split(card, profile) : [];
  const splits = parts.length > 1 && parts.length <= (options.maxParts ?? DEFAULT_MAX_PARTS);
  const cards = (splits ? parts : [card]).map((part) => small(part, profile, options));
  return { cards, how: splits ? 'split' : 'shortened' };
}

/** The part, or what is left of it: always valid. */
function small(part: unknown, profile: HostProfile, options: ValidateOptions): AdaptiveCard {
  const candidate = messageBytes(part, profile) <= profile.maxBytes ? part : shorten(part, profile);
  const valid = validateCard(candidate, profile, options).every(({ severity }) => severity === 'warning');
  return (valid ? candidate : beginningOnly(part, profile)) as AdaptiveCard;
}
