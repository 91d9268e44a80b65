import type { PartitionKey, Position } from '../lake/types.ts';
import { isBegun, readAgain, readPositions } from './filling.ts';
import {
  type Cover,
  channelPartition,
  coverPartition,
  newChannelPosition,
  parseCover,
  placeOf,
  storedPosition,
  teamPartition,
} from './position.ts';

type Positions = ReadonlyMap<PartitionKey, Position>;

/** A team, or one of its channels. */
export interface Place {
  readonly teamId: string;
  readonly channelId?: string | undefined;
}

/** What is to be read once more: everything of a resource, or of these places. */
export interface PutBack {
  readonly resource: string;
  readonly places?: readonly Place[] | undefined;
}

/**
 * Positions that let partitions be read again from their beginning. Rows, lower edges and what is known of channels stay.
 * `null` forgets one that cannot be read.
 */
export function putBack(
  stored: Positions,
  { resource, places }: PutBack,
): Readonly<Record<PartitionKey, Position | null>> {
  const changed: Record<PartitionKey, Position | null> = {};
  const read = readPositions(stored, resource);
  for (const key of stored.keys()) {
    const place = key.startsWith(`${resource}/`) ? placeOf(key) : undefined;
    if (place === undefined || !isChosen(place, places)) continue;
    const position = read.get(key);
    if (position === undefined) changed[key] = null;
    else if (isBegun(position)) changed[key] = storedPosition(readAgain(position));
  }
  for (const { teamId, channelId } of places ?? []) {
    if (channelId === undefined) continue;
    const key: PartitionKey = `${resource}/${channelPartition(teamId, channelId)}`;
    // A channel of an exported team has no position of its own: it gets one whose list is open.
    const { since } = read.get(`${resource}/${teamPartition(teamId)}`) ?? {};
    if (!stored.has(key)) changed[key] = storedPosition({ ...newChannelPosition, since, rest: [{ from: since }] });
  }
  return changed;
}

const isChosen = (place: Place, places: readonly Place[] | undefined): boolean =>
  places === undefined ||
  places.some(({ teamId, channelId }) => teamId === place.teamId && (channelId ?? place.channelId) === place.channelId);

/** Every team and channel that the positions of a lake name. */
export function placesRead(stored: Positions): readonly Place[] {
  const places = new Map<string, Place>();
  const add = (place: Place) => places.set(`${place.teamId}/${place.channelId ?? ''}`, place);
  for (const [key, position] of stored) {
    const place = placeOf(key);
    if (place) add({ teamId: place.teamId });
    if (place) add(place);
    for (const [teamId, channelId] of covered(key, position)) add({ teamId, channelId });
  }
  return [...places.values()];
}

function covered(key: PartitionKey, position: Position): readonly (readonly [string, string])[] {
  const at = key.indexOf(`/${coverPartition('')}`);
  if (at < 0) return [];
  const teamId = key.slice(at + 1 + coverPartition('').length);
  let cover: Cover | undefined;
  try {
    cover = parseCover(key, position);
  } catch {
    return [];
  }
  return Object.keys(cover?.channels ?? {}).map((channelId) => [teamId, channelId] as const);
}
