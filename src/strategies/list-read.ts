import { expandRoute } from '../graph/endpoint.ts';
import type { PageRequest } from '../graph/types.ts';
import { positionKey } from '../lake/log/partition-key.ts';
import { type ListPartition, partitionOf } from './context.ts';
import { listPosition, type Standing } from './cover.ts';
import {
  type Cover,
  instant,
  type ListPosition,
  parseCover,
  parseListPosition,
  parseRangesPosition,
  type RangesPosition,
} from './position.ts';
import { partitionName } from './position-key.ts';
import { COVER } from './positions.ts';
import type { Place, ReadContext, Stored, Way } from './strategy.ts';
import { hasStretch, stretchList, stretchPartition } from './stretch.ts';
import { rangeFilter } from './time-slices.ts';

/** Where the list of a place begins. */
export function listRead(
  stored: Stored & Pick<ReadContext, 'sinceMs' | 'untilMs' | 'cycle'>,
  place: Place,
): ListPartition {
  if (stored.untilMs !== undefined) {
    const position = stretchList(stored, place);
    return { key: partitionOf(place), storedAs: stretchPartition(place), ids: place.ids, readBefore: true, position };
  }
  const position = listPosition(place.item, standingOf(stored, place));
  return { key: partitionOf(place), ids: place.ids, readBefore: isReadBefore(stored, [place, place.parent]), position };
}

/**
 * @param options.link - a further page; default: the first
 * @param options.fromMs - where the read ends: a list that can be narrowed is asked for nothing older
 * @param options.to - where it begins
 */
export function listRequest(
  list: Pick<Way, 'route' | 'query' | 'filters'>,
  ids: Readonly<Record<string, string>>,
  {
    link,
    top,
    fromMs,
    to,
  }: {
    readonly link?: string | undefined;
    readonly top?: number | undefined;
    readonly fromMs?: number | undefined;
    readonly to?: string | undefined;
  } = {},
): PageRequest {
  const sized = top === undefined ? list.query : list.query?.replace(/\$top=\d+/, `$top=${top}`);
  const filter = list.filters && rangeFilter({ from: fromMs === undefined ? undefined : instant(fromMs - 1), to });
  const query = filter === undefined ? sized : `${sized}&$filter=${encodeURIComponent(filter)}`;
  return { url: link ?? expandRoute({ ...list, query }, ids), route: list.route, ids, replies: true };
}

/** True when an earlier run landed something of one of these places. */
export function isReadBefore({ positions, resource }: Stored, places: readonly (Place | undefined)[]): boolean {
  return places.some((place) => {
    if (place === undefined) return false;
    return positions.has(positionKey(resource, partitionOf(place))) || hasStretch({ positions, resource }, place);
  });
}

/** What is known of a place that its parent is, or may be, exported with. */
export function standingOf(stored: Stored, place: Place): Standing {
  const { parent } = place;
  return {
    own: listPositionOf(stored, place),
    team: parent ? rangesPositionOf(stored, parent) : parseRangesPosition(positionKey('', ''), undefined),
    cover: parent && coverOf(stored, parent),
  };
}

export function rangesPositionOf({ resource, positions }: Stored, place: Place): RangesPosition {
  const key = positionKey(resource, partitionOf(place));
  return parseRangesPosition(key, positions.get(key));
}

export function listPositionOf({ resource, positions }: Stored, place: Place): ListPosition {
  const key = positionKey(resource, partitionOf(place));
  return parseListPosition(key, positions.get(key));
}

export const coverPartition = ({ path }: Pick<Place, 'path'>): string => partitionName(COVER, ...path);

export function coverOf({ resource, positions }: Stored, place: Place): Cover | undefined {
  const key = positionKey(resource, coverPartition(place));
  return parseCover(key, positions.get(key));
}
