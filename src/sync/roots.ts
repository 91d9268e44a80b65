import { type Level, pathTo, type Resource } from '../resources/types.ts';
import type { Place } from '../strategies/strategy.ts';
import { distinctInAll } from './distinct.ts';
import type { Listings } from './listings.ts';
import type { Places } from './places.ts';
import type { Asked } from './scope.ts';
import { depthOf, tenantPlace } from './tree.ts';

/** So many places are asked what they list, of what several of them list. */
const MOST_ASKED = 500;

/** What an estimate knows of the tenant. */
export interface Known {
  readonly asked: Asked;
  readonly listings: Listings;
  readonly places: Places;
}

/** A record at which paths begin: at the top, or of what several places list. */
export interface Root {
  readonly place: Place;
  /** The record itself, or one that stands for it: it was not seen, there only are so many. */
  readonly like: Place;
}

export interface RootsOfLevel {
  readonly roots: readonly Root[];
  /** Places whose records nobody could see. */
  readonly refused: readonly { readonly place: Place; readonly error: unknown }[];
}

/** Where the paths of a level begin, and what lies between. */
export function rootOf(level: Level): { readonly root: Resource | undefined; readonly deeper: readonly Resource[] } {
  const path = pathTo(level);
  const at = Math.max(
    0,
    path.findLastIndex(({ shared }) => shared),
  );
  return { root: path[at], deeper: path.slice(at + 1) };
}

/** The records at which paths begin, each once, however many places list it. */
export class Roots {
  /** How many there are, by collection. */
  readonly counts: Record<string, number> = {};
  readonly #known: Known;
  readonly #found = new Map<Resource, Promise<RootsOfLevel>>();

  constructor(known: Known) {
    this.#known = known;
  }

  async of(collection: Resource): Promise<RootsOfLevel> {
    const found = this.#found.get(collection) ?? this.#find(collection);
    this.#found.set(collection, found);
    const { roots } = await found;
    this.counts[collection.name] = roots.length;
    return found;
  }

  async #find(collection: Resource): Promise<RootsOfLevel> {
    const { places } = this.#known;
    const { root, deeper } = rootOf(collection.of);
    if (root === undefined) return { roots: (await places.all(collection, tenantPlace)).map(itself), refused: [] };
    const above = await this.of(root);
    const asked = spread(seenOf(above.roots), MOST_ASKED);
    const refused: { place: Place; error: unknown }[] = [];
    const listed = await Promise.all(
      asked.map(async (place) => {
        try {
          return await places.down([...deeper, collection], place);
        } catch (error) {
          refused.push({ place, error });
          return [];
        }
      }),
    );
    const all = listed.flat();
    const distinct = [...new Map(all.map((place) => [place.item.id, place])).values()];
    const share = asked.length / Math.max(1, above.roots.length);
    const count = distinctInAll({ listed: all.length, distinct: distinct.length, share });
    return { roots: [...distinct.map(itself), ...standIns(distinct, count - distinct.length)], refused };
  }
}

const itself = (place: Place): Root => ({ place, like: place });

/** So many records more, each like one that was seen. */
const standIns = (seen: readonly Place[], count: number): Root[] =>
  Array.from({ length: count }, (_, index) => {
    const like = seen[index % seen.length]!;
    const id = `${like.item.id} ${index}`;
    const ids = Object.fromEntries(
      Object.entries(like.ids).map(([name, one]) => [name, one === like.item.id ? id : one]),
    );
    return { like, place: { ...like, ids, path: [...like.path.slice(0, -1), id], item: { ...like.item, id } } };
  });

/** Those that were seen themselves. */
export const seenOf = (roots: readonly Root[]): readonly Place[] =>
  roots.flatMap(({ place, like }) => (place === like ? place : []));

/** True for a record that several places list. */
export const isOfSeveral = (place: Place): boolean => place.path.length < depthOf(place);

/** Not more than so many of a list, from all over it. */
export function spread<T>(all: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, Math.floor(all.length / most));
  return all.filter((_, index) => index % step === 0).slice(0, most);
}
