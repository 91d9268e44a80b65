import { positionKey, splitKey } from '../lake/log/partition-key.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import { partitionName, placeOfKey, placeOfName } from './position-key.ts';
import { CONDITION, FILTERED, type Positions } from './positions.ts';

// A run with a filter reads a part of a collection. Marks say that all up to them was read, so it has none of these to move:
// it has marks of its own, which say the same of the rows that meet the filter.

/** A filter of a collection, as its positions are called. */
export interface PositionsOfFilter {
  readonly resource: string;
  /** Tells it from other filters. */
  readonly name: string;
}

/** What a partition is called in the positions of a filter. */
export const filteredPartition = ({ name }: Pick<PositionsOfFilter, 'name'>, partition: string): string =>
  partitionName(FILTERED, name, partition);

/** The partition that a position of some filter is of; undefined: it is of none. */
export function partitionInFilter(partition: string): string | undefined {
  const place = placeOfName(partition);
  return place?.kind === FILTERED ? place.ids[1] : undefined;
}

/** The positions that a run with a filter begins with: of its collection, its own. */
export function positionsWith(positions: Positions, filter: PositionsOfFilter): Positions {
  const own = new Map<PartitionKey, Position>();
  for (const [key, position] of positions) {
    const { resource } = splitKey(key);
    const place = placeOfKey(key);
    if (resource !== filter.resource) own.set(key, position);
    else if (place?.kind === FILTERED && place.ids[0] === filter.name)
      own.set(positionKey(resource, place.ids[1]!), position);
  }
  return own;
}

/** Where the positions of a filter say what it is. It is no mark: it stays when they are forgotten, as rows do. */
export const CONDITION_PARTITION = partitionName(CONDITION, 'text');

export const conditionPosition = (condition: string): Position => ({ version: 1, condition });

/** A filter that rows were read with. */
export interface KnownFilter extends PositionsOfFilter {
  /** As it was given; undefined: it was read before that was written down. */
  readonly condition: string | undefined;
}

/** The filters that a collection was read with. */
export function knownFilters(positions: Positions, resource: string): readonly KnownFilter[] {
  const names = new Set(keysOfFilters(positions, resource).map((key) => placeOfKey(key)!.ids[0]!));
  return [...names].map((name) => {
    const stored = positions.get(positionKey(resource, filteredPartition({ name }, CONDITION_PARTITION)));
    return { resource, name, condition: stored && String(stored['condition']) };
  });
}

/** Keys of the marks of all filters, or of one, of a resource or of every one. */
export const filteredKeys = (positions: Positions, resource?: string, name?: string): readonly PartitionKey[] =>
  keysOfFilters(positions, resource).filter((key) => {
    const { ids } = placeOfKey(key)!;
    return ids[1] !== CONDITION_PARTITION && (name === undefined || ids[0] === name);
  });

const keysOfFilters = (positions: Positions, resource?: string): readonly PartitionKey[] =>
  [...positions.keys()].filter((key) => placeOfKey(key, resource)?.kind === FILTERED);

/** The collections that were read with a filter. */
export const filteredResources = (positions: Positions): ReadonlySet<string> =>
  new Set(keysOfFilters(positions).map((key) => splitKey(key).resource));
