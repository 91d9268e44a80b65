import { positionKey, splitKey } from '../lake/log/partition-key.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import { filteredKeys, type PositionsOfFilter, partitionInFilter } from './filtered-positions.ts';
import { newListPosition, storedPosition } from './position.ts';
import { type PositionPlace, partitionName, placeOfName } from './position-key.ts';
import { covers, isBegun, LISTED, type Positions, placeRead, readAgain, readPositions } from './positions.ts';

/** What is to be read once more: everything of a resource, or of these places and what is below them. */
export interface PutBack {
  readonly resource: string;
  readonly places?: readonly PositionPlace[] | undefined;
}

/**
 * Positions that let partitions be read again from their beginning. Rows, lower edges and what is known of channels stay.
 * `null` forgets one that cannot be read, and one of windows of time: it says nothing but how far they were read.
 */
export function putBack(
  stored: Positions,
  { resource, places }: PutBack,
): Readonly<Record<PartitionKey, Position | null>> {
  const changed: Record<PartitionKey, Position | null> = {};
  const read = readPositions(stored, resource);
  const byKey = new Map(read.map(({ key, position }) => [key, position]));
  for (const key of stored.keys()) {
    const place = placeRead(key, resource);
    if (place === undefined || !isChosen(place, places)) continue;
    const position = byKey.get(key);
    if (position === undefined) changed[key] = null;
    else if (isBegun(position)) changed[key] = storedPosition(readAgain(position));
  }
  // Marks of filters say less than all: what is read again is read again for them too.
  Object.assign(changed, forgetFilter(stored, { resource, places }));
  for (const { kind, ids } of places ?? []) {
    if (ids.length < 2) continue;
    const key = positionKey(resource, partitionName(kind, ...ids));
    // What its parent is exported with has no position of its own: it gets one whose list is open.
    const parent = read.find(({ place }) => place.ids.length === ids.length - 1 && isBelow(ids, place.ids));
    if (parent === undefined || stored.has(key)) continue;
    const { since } = parent.position;
    changed[key] = storedPosition({ ...newListPosition, since, rest: [{ from: since }] });
  }
  return changed;
}

/** Forgets marks of a filter, or of all: of everything, or of these places and what is below them. */
export function forgetFilter(
  stored: Positions,
  { resource, places, filter }: PutBack & { readonly filter?: Pick<PositionsOfFilter, 'name'> | undefined },
): Readonly<Record<PartitionKey, null>> {
  const keys = filteredKeys(stored, resource, filter?.name).filter((key) => {
    const place = placeOfName(partitionInFilter(splitKey(key).partition) ?? '');
    return place !== undefined && isChosen(place, places);
  });
  return Object.fromEntries(keys.map((key) => [key, null]));
}

/** Every place that the positions of a lake name, and what it is below. */
export function placesRead(stored: Positions): readonly PositionPlace[] {
  const own = [...stored.keys()].flatMap((key) => placeRead(key) ?? []).filter(({ ids }) => ids.length > 0);
  const covered = covers(stored).flatMap(({ path, cover }) =>
    Object.keys(cover.channels).map((id) => ({ kind: LISTED, ids: [...path, id] })),
  );
  const places = new Map<string, PositionPlace>();
  for (const place of [...own, ...covered]) places.set(partitionName(place.kind, ...place.ids), place);
  return [...places.values()];
}

/** Whether a place is one of these, or below one; none are named: all are. */
export const isChosen = ({ ids }: PositionPlace, places: readonly PositionPlace[] | undefined): boolean =>
  places === undefined || places.some((place) => isBelow(ids, place.ids));

const isBelow = (ids: readonly string[], path: readonly string[]): boolean => path.every((id, at) => ids[at] === id);
