import type { Load, PartitionKey, Position } from '../lake/types.ts';
import { type Level, pathTo, type Resource, showingRead } from '../resources/types.ts';
import { listingName } from '../strategies/context.ts';
import { namedBefore } from '../strategies/named.ts';
import type { Place } from '../strategies/strategy.ts';
import type { Listings } from './listings.ts';
import type { ResourceRead } from './plan.ts';
import { kindsFrom, placeBelow, tenantPlace } from './tree.ts';

/** What a walk knows when it has read everything. */
interface Retaining {
  readonly load: Load;
  readonly listings: Listings;
  readonly reads: readonly ResourceRead[];
  readonly positions: ReadonlyMap<PartitionKey, Position>;
  readonly untilMs?: number | undefined;
  /** Names of the records that were shown, by collection. */
  readonly shown: ReadonlyMap<Resource, ReadonlySet<string>>;
}

/** Deletes what complete listings no longer name. */
export async function retain(options: Retaining): Promise<void> {
  const { load, positions, reads } = options;
  for (const { resource, read } of reads) {
    const level = read.strategy.isListing && (resource.details || resource.shared ? resource : read.per);
    const named = level && (await listed(options, pathTo(level)));
    if (named) await load.retain(resource.name, named);
    for (const way of resource.reads) {
      const reader = await way.strategy.load();
      const standing = reader.retain && (shownOf(options, way.per) ?? (await listed(options, pathTo(way.per))));
      if (standing)
        reader.retain!({ load, positions, resource: resource.name }, standing, kindsFrom(way.per, resource));
    }
  }
}

/** Of a level whose records are shown: those of this run. No later run shows others that were before them. A stretch shows not all. */
function shownOf({ untilMs, shown }: Retaining, level: Level): ReadonlySet<string> | undefined {
  if (untilMs !== undefined) return undefined;
  return level.of === undefined ? undefined : shown.get(level);
}

/** Names of all records of a level that stand; undefined when one of its listings does not tell. */
async function listed(options: Retaining, levels: readonly Resource[]): Promise<ReadonlySet<string> | undefined> {
  // Records that are only shown stay when the service forgets them.
  if (levels.some(showingRead)) return undefined;
  let places: readonly Place[] = [tenantPlace];
  for (const level of levels) {
    const read = await Promise.all(places.map((place) => standingBelow(options, level, place)));
    const known = read.filter((below) => below !== undefined);
    if (known.length < places.length) return undefined;
    places = [...new Map(known.flat().map((place) => [listingName(place), place])).values()];
  }
  return levels.length > 0 ? new Set(places.map(listingName)) : undefined;
}

/**
 * The records below a place that stand; undefined when its listing was not complete or is not believed. Of what several
 * places list, such a listing does not hold up the others: what it named before stands.
 */
async function standingBelow(
  { listings, positions }: Retaining,
  level: Resource,
  place: Place,
): Promise<readonly Place[] | undefined> {
  const listing = listings.of(level, place);
  const whole = await listing.whole.catch(() => undefined);
  const isComplete = whole !== undefined && !whole.held;
  if (!isComplete && !level.shared) return undefined;
  const before = isComplete ? [] : (namedBefore(positions, level.name, place) ?? []);
  const items = [...(whole?.items ?? listing.shown), ...before.map((id) => ({ id }))];
  return items.map((item) => placeBelow(place, level, item));
}
