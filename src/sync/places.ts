import { pathTo, type Resource } from '../resources/types.ts';
import type { Item, Place } from '../strategies/strategy.ts';
import type { Listings } from './listings.ts';
import { type Asked, askedIn } from './scope.ts';
import { placeBelow, tenantPlace } from './tree.ts';

/** The records of collections that a run is about: those that were asked for, or all that are listed. */
export class Places {
  readonly #listings: Listings;
  readonly #asked: Asked;
  readonly #tenantId: string | undefined;
  /** Records of other tenants that were met: nothing is read below them. */
  readonly elsewhere = new Map<string, Resource>();
  /** Ids of records that were asked for and have not been met in a listing. */
  readonly #unmet: ReadonlyMap<string, Set<string>>;

  /** @param tenantId - whose records are read; undefined: nobody says so */
  constructor(listings: Listings, asked: Asked, tenantId: string | undefined) {
    this.#tenantId = tenantId?.toLowerCase();
    this.#listings = listings;
    this.#asked = asked;
    this.#unmet = new Map([...asked].map(([name, ids]) => [name, new Set(ids)]));
  }

  /** True: all records of the collection at the place are meant, and its listing names them. */
  isListed(collection: Resource, place: Place): boolean {
    return place !== tenantPlace || askedIn(this.#asked, collection) === undefined;
  }

  /** Records below a place, as their listing shows them. Those of the tenant that are asked for are not listed. */
  async *below(collection: Resource, place: Place): AsyncGenerator<Place> {
    const asked = askedIn(this.#asked, collection);
    if (asked && !this.isListed(collection, place)) {
      for (const id of asked) yield placeBelow(place, collection, { id });
      return;
    }
    for await (const item of this.#known(collection, place)) {
      this.#unmet.get(collection.gives!)?.delete(item.id);
      if (asked !== undefined && !asked.includes(item.id)) continue;
      if (this.#isElsewhere(collection, item)) this.elsewhere.set(item.id, collection);
      else yield placeBelow(place, collection, item);
    }
  }

  /** What a listing names, and of one with a record or a page that cannot be read what was read before. */
  async *#known(collection: Resource, place: Place): AsyncGenerator<Item> {
    const listing = this.#listings.of(collection, place);
    yield* listing.items();
    yield* await this.#listings.unnamed(collection, place, listing);
  }

  #isElsewhere({ hostedBy }: Resource, item: Item): boolean {
    const host = hostedBy === undefined ? undefined : item[hostedBy];
    return typeof host === 'string' && this.#tenantId !== undefined && host.toLowerCase() !== this.#tenantId;
  }

  /** The same, once the listing is read. Rejects when nothing of it can be. */
  async all(collection: Resource, place: Place): Promise<readonly Place[]> {
    if (this.isListed(collection, place)) await this.#listings.of(collection, place).whole;
    const places: Place[] = [];
    for await (const one of this.below(collection, place)) places.push(one);
    return places;
  }

  /** The records of a level, however far below a place. */
  async down(levels: readonly Resource[], place: Place): Promise<readonly Place[]> {
    const [next, ...others] = levels;
    if (next === undefined) return [place];
    const places = await this.all(next, place);
    return (await Promise.all(places.map((one) => this.down(others, one)))).flat();
  }

  /** Records that were asked for and are in no listing of these levels. */
  unmet(levels: Iterable<Resource>): readonly { readonly collection: Resource; readonly id: string }[] {
    return [...levels].flatMap((collection) => {
      if (pathTo(collection).length === 1) return [];
      return [...(this.#unmet.get(collection.gives!) ?? [])].map((id) => ({ collection, id }));
    });
  }
}
