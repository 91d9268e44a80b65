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

/** The edges of a run, and which runs with caps it is one of. */
type Edges = Pick<ReadContext, 'sinceMs' | 'untilMs' | 'cycle'>;

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
  const isOpen = before.ranges.length > 0;
  return isOf(edges, before) && (isOpen || isOfCycle(stored, before)) ? before : { ...newRangesPosition, ...edges };
}

/** Where the list of a stretch goes on, or begins. */
export function stretchList(stored: Stored & Edges, place: Place): ListPosition {
  const key = keyOf(stored, place);
  const before = parseListPosition(key, stored.positions.get(key));
  const edges = edgesOf(stored);
  const isOpen = before.rest.length + before.threads.length > 0;
  return isOf(edges, before) && (isOpen || isOfCycle(stored, before)) ? before : { ...newListPosition, ...edges };
}

/** How far the windows of a stretch were read; undefined: it begins, or was read to its end. */
export function stretchWindows(stored: Stored & Edges, place: Place): WindowsPosition | undefined {
  const key = keyOf(stored, place);
  const before = parseWindowsPosition(key, stored.positions.get(key));
  if (before?.until === undefined || Date.parse(before.until) !== stored.untilMs) return undefined;
  const isAsked = stored.sinceMs === undefined || Date.parse(before.since) <= stored.sinceMs;
  const isOpen = Date.parse(before.through) < Date.parse(before.until);
  return isAsked && (isOpen || isOfCycle(stored, before)) ? before : undefined;
}

/** True for a stretch that the runs with caps have begun, or read to its end: it does not begin anew before all have ended. */
const isOfCycle = ({ cycle }: Edges, before: { readonly cycle?: string | undefined }): boolean =>
  cycle !== undefined && before.cycle === cycle;

/** True for a stretch that earlier ones of the runs with caps have read to its end: nothing is asked of it. */
export function isStretchRead(edges: Edges, position: ListPosition | RangesPosition): boolean {
  if (edges.untilMs === undefined || !isOfCycle(edges, position)) return false;
  if ('ranges' in position) return position.through !== undefined && position.ranges.length === 0;
  return position.listed !== undefined && position.rest.length + position.threads.length === 0;
}

const edgesOf = ({ sinceMs, untilMs, cycle }: Edges) => ({
  since: sinceMs === undefined ? undefined : instant(sinceMs),
  until: instant(untilMs!),
  cycle,
});

const isOf = (edges: Pick<ListPosition, 'since' | 'until'>, position: Pick<ListPosition, 'since' | 'until'>): boolean =>
  position.until === edges.until && position.since === edges.since;
