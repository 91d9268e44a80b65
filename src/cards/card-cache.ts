import type { AdaptiveCard } from './validate.ts';

/** What a built card depends on. */
export interface CardKey {
  readonly tenantId: string;
  /** The app that sends: two apps of one tenant share nothing. */
  readonly clientId: string;
  /** The host's name: the same template can be valid for one and not for the other. */
  readonly host: string;
  readonly template: unknown;
  readonly data: unknown;
}

export interface CardCacheOptions {
  /** Cards kept at most; the one unused for longest goes first. */
  readonly maxCards?: number;
}

const DEFAULT_MAX_CARDS = 500;

/** Functions whose value changes from call to call. Source: https://learn.microsoft.com/azure/bot-service/adaptive-expressions/adaptive-expressions-prebuilt-functions */
const CHANGING = /\b(utcNow|newGuid|rand|getPastTime|getFutureTime)\s*\(/;

/**
 * Built cards by tenant, app, host, template and data. The key is the material itself, never a hash of it: a collision
 * would show one tenant's card to another.
 */
export class CardCache {
  readonly #cards = new Map<string, Promise<AdaptiveCard>>();
  readonly #maxCards: number;

  constructor(options: CardCacheOptions = {}) {
    this.#maxCards = options.maxCards ?? DEFAULT_MAX_CARDS;
  }

  get size(): number {
    return this.#cards.size;
  }

  /** The kept card, or the one `build` makes; concurrent calls share one build. A failed build is not kept. */
  async get(key: CardKey, build: () => Promise<AdaptiveCard>): Promise<AdaptiveCard> {
    const template = JSON.stringify(key.template);
    if (CHANGING.test(template)) return build();
    const material = JSON.stringify([key.tenantId, key.clientId, key.host, template, key.data]);
    const kept = this.#cards.get(material);
    this.#cards.delete(material);
    const card = kept ?? build();
    this.#cards.set(material, card);
    if (this.#cards.size > this.#maxCards) this.#cards.delete(this.#cards.keys().next().value!);
    try {
      return await card;
    } catch (error) {
      if (this.#cards.get(material) === card) this.#cards.delete(material);
      throw error;
    }
  }
}
