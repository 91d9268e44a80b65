import { positionKey } from '../lake/log/partition-key.ts';
import {
  instant,
  type ListPosition,
  newListPosition,
  newRangesPosition,
  parseListPosition,
  parseRangesPosition,
  parseWindowsPosition,
  type RangesPosition,
  type WindowsPosition,
} from './position.ts';
import { partitionName } from './position-key.ts';
import { STRETCH } from './positions.ts';
import type { Place, ReadContext, Stored } from './strategy.ts';

// A run with an upper edge (`--until`) reads a stretch of time. Marks say that all up to them was read, so it has none to
// move: how far it came is written down beside them, for a run of the same stretch that goes on, and for whoever has to
// know that rows may be there.

/** The edges of a run. */
type Edges = Pick<ReadContext, 'sinceMs' | 'untilMs'>;

export const stretchPartition = ({ path }: Pick<Place, 'path'>): string =>
  partitionName(STRETCH, ...(path.length > 0 ? path : ['tenant']));

const keyOf = ({ resource }: Stored, place: Pick<Place, 'path'>) => positionKey(resource, stretchPartition(place));

/** True when a run read a stretch of the place, whichever. */
export const hasStretch = (stored: Stored, place: Pick<Place, 'path'>): boolean =>
  stored.positions.has(keyOf(stored, place));

/** Where the export of a stretch goes on, or begins. */
export function stretchRanges(stored: Stored & Edges, place: Place): RangesPosition {
  const key = keyOf(stored, place);
  const before = parseRangesPosition(key, stored.positions.get(key));
  const edges = edgesOf(stored);
  return isOf(edges, before) && before.ranges.length > 0 ? before : { ...newRangesPosition, ...edges };
}

/** Where the list of a stretch goes on, or begins. */
export function stretchList(stored: Stored & Edges, place: Place): ListPosition {
  const key = keyOf(stored, place);
  const before = parseListPosition(key, stored.positions.get(key));
  const edges = edgesOf(stored);
  const isOpen = before.rest.length + before.threads.length > 0;
  return isOf(edges, before) && isOpen ? before : { ...newListPosition, ...edges };
}

/** How far the windows of a stretch were read; undefined: it begins, or was read to its end. */
export function stretchWindows(stored: Stored & Edges, place: Place): WindowsPosition | undefined {
  const key = keyOf(stored, place);
  const before = parseWindowsPosition(key, stored.positions.get(key));
  if (before?.until === undefined || Date.parse(before.until) !== stored.untilMs) return undefined;
  const isAsked = stored.sinceMs === undefined || Date.parse(before.since) <= stored.sinceMs;
  return isAsked && Date.parse(before.through) < Date.parse(before.until) ? before : undefined;
}

const edgesOf = ({ sinceMs, untilMs }: Edges) => ({
  since: sinceMs === undefined ? undefined : instant(sinceMs),
  until: instant(untilMs!),
});

const isOf = (edges: ReturnType<typeof edgesOf>, position: Pick<ListPosition, 'since' | 'until'>): boolean =>
  position.until === edges.until && position.since === edges.since;
