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
  readonly maxCards?: number | undefined;
  /** Memory they may take, about. A card that would take more than an eighth of it is not kept. */
  readonly maxBytes?: number | undefined;
}

const DEFAULT_MAX_CARDS = 500;
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;

/** What a character of JSON takes at most: two bytes in a string, and about as much again as a part of an object. */
const BYTES_PER_CHARACTER = 4;

interface Kept<C> {
  readonly card: Promise<C>;
  readonly bytes: number;
}

/** Functions whose value changes from call to call. Source: https://learn.microsoft.com/azure/bot-service/adaptive-expressions/adaptive-expressions-prebuilt-functions */
const CHANGING = /\b(utcNow|newGuid|rand|getPastTime|getFutureTime)\s*\(/;

/**
 * Built cards by tenant, app, host, template and data. The key is the material itself, never a hash of it: a collision
 * would show one tenant's card to another.
 */
export class CardCache<C extends object = AdaptiveCard> {
  readonly #cards = new Map<string, Kept<C>>();
  readonly #maxCards: number;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(options: CardCacheOptions = {}) {
    this.#maxCards = options.maxCards ?? DEFAULT_MAX_CARDS;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  }

  get size(): number {
    return this.#cards.size;
  }

  /** Memory that the kept cards take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The kept card, or the one `build` makes; concurrent calls share one build. A failed build is not kept. */
  async get(key: CardKey, build: () => Promise<C>): Promise<C> {
    const template = JSON.stringify(key.template);
    if (CHANGING.test(template)) return build();
    const material = JSON.stringify([key.tenantId, key.clientId, key.host, template, key.data]);
    const kept = this.#cards.get(material);
    this.#drop(material);
    const card = kept?.card ?? build();
    this.#keep(material, { card, bytes: kept?.bytes ?? material.length * BYTES_PER_CHARACTER });
    try {
      const built = await card;
      if (!kept) this.#weigh(material, card, built);
      return built;
    } catch (error) {
      if (this.#cards.get(material)?.card === card) this.#drop(material);
      throw error;
    }
  }

  /** Counts the card too, once it is known: a short template can make a long one. */
  #weigh(material: string, card: Promise<C>, built: C): void {
    const entry = this.#cards.get(material);
    if (entry?.card !== card) return;
    this.#drop(material);
    this.#keep(material, { card, bytes: entry.bytes + JSON.stringify(built).length * BYTES_PER_CHARACTER });
  }

  #keep(material: string, entry: Kept<C>): void {
    if (entry.bytes > this.#maxBytes / 8) return;
    this.#cards.set(material, entry);
    this.#bytes += entry.bytes;
    for (const oldest of this.#cards.keys()) {
      if (this.#cards.size <= this.#maxCards && this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest);
    }
  }

  #drop(material: string): void {
    this.#bytes -= this.#cards.get(material)?.bytes ?? 0;
    this.#cards.delete(material);
  }
}
