import { isSluiceError, type SluiceError } from '../errors/sluice-error.ts';
import type { GraphClient } from '../graph/types.ts';
import { resources } from '../resources/index.ts';
import { listingRead, pathTo, type Resource } from '../resources/types.ts';
import type { Place } from '../strategies/strategy.ts';
import { Listings } from './listings.ts';
import { type Asked, askedIn } from './scope.ts';
import { placeBelow, tenantPlace } from './tree.ts';

/** A record as options name it. */
export interface KnownRecord {
  /** Its id, and those of the records that it is below, by how routes name them. */
  readonly ids: Readonly<Record<string, string>>;
  /** Fields that people know it by. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The collections whose records options can name, parents first. */
export const nameable: readonly Resource[] = resources.filter((one) => one.knownBy && listingRead(one));

/** A collection and those that it is below, from the top. */
export const levelsDownTo = (collection: Resource): readonly Resource[] => [...pathTo(collection.of), collection];

/**
 * The records of a collection as Graph lists them now, each once.
 *
 * @param options.asked - only these and what is below them
 * @param options.onRefused - told of a parent below which nothing can be seen; the others are listed
 * @throws SluiceError when the collection at the top is refused
 */
export async function* knownRecords(
  collection: Resource,
  options: {
    readonly graph: GraphClient;
    readonly asked: Asked;
    readonly onRefused: (error: SluiceError, parent: Readonly<Record<string, string>>) => void;
    /** Told of an id that was asked for and is in no listing. */
    readonly onUnknown: (id: string, of: Resource) => void;
  },
  signal: AbortSignal,
): AsyncGenerator<KnownRecord> {
  const { graph, asked, onRefused, onUnknown } = options;
  const levels = levelsDownTo(collection);
  const listings = new Listings({ graph, signal, shared: new Set(), resources });
  const seen = new Set<string>();
  const met = new Set<string>();
  for await (const { path, ids, item } of below(tenantPlace, levels)) {
    const key = path.join('/');
    if (seen.has(key)) continue;
    seen.add(key);
    yield { ids, fields: Object.fromEntries((collection.knownBy ?? []).map((name) => [name, item[name]])) };
  }
  for (const level of levels) {
    for (const id of askedIn(asked, level) ?? []) if (!met.has(id)) onUnknown(id, level);
  }

  async function* below(place: Place, [next, ...others]: readonly Resource[]): AsyncGenerator<Place> {
    if (next === undefined) return yield place;
    const wanted = askedIn(asked, next);
    try {
      for await (const item of listings.of(next, place).items()) {
        if (wanted !== undefined && !wanted.includes(item.id)) continue;
        met.add(item.id);
        yield* below(placeBelow(place, next, item), others);
      }
    } catch (error) {
      if (place === tenantPlace || !isSluiceError(error)) throw error;
      signal.throwIfAborted();
      onRefused(error, place.ids);
    }
  }
}
