import { isSluiceError } from '../errors/sluice-error.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import {
  type Cover,
  isWindowsPosition,
  type ListPosition,
  listReadAgain,
  parseCover,
  parseListPosition,
  parseRangesPosition,
  parseWindowsPosition,
  type RangesPosition,
  rangesReadAgain,
  type WindowsPosition,
} from './position.ts';
import { type PositionPlace, placeOfKey } from './position-key.ts';

export type Positions = ReadonlyMap<PartitionKey, Position>;

export type ReadPosition = RangesPosition | ListPosition;

/** A position that says how far something was read, and of which place. */
export interface PlacedPosition {
  readonly key: PartitionKey;
  readonly place: PositionPlace;
  readonly position: ReadPosition;
}

/** What says which lists an export covers, in the place of a kind. */
export const COVER = 'cover';
/** What says how far a stretch of time was read (`--until`), in the place of a kind: it is no mark. */
export const STRETCH = 'stretch';
/** What says how far the rows that meet a filter were read (`--filter`), in the place of a kind: it is no mark of the rest. */
export const FILTERED = 'filter';
/** What says since when runs with caps read anew, in the place of a kind: {@link ReadContext.cycle}. */
export const CYCLE = 'cycle';
/** What says what a filter is, in the place of a kind. */
export const CONDITION = 'condition';
/** The kind of the places that a cover names. */
export const LISTED = 'channel';

/** The positions of a resource that say how far something was read. One that cannot be read is left to the run, which names it. */
export function readPositions(positions: Positions, resource: string): readonly PlacedPosition[] {
  return [...positions].flatMap(([key, stored]) => {
    const place = placeRead(key, resource);
    const position = place && readable(() => parsePosition(key, place, stored));
    return place && position ? [{ key, place, position }] : [];
  });
}

/** The place of a position that says how far something was read; undefined: it says something else. */
export function placeRead(key: PartitionKey, resource?: string): PositionPlace | undefined {
  const place = placeOfKey(key, resource);
  return place === undefined || BESIDE.has(place.kind) ? undefined : place;
}

/** Kinds that stand beside what says how far a place was read. */
const BESIDE: ReadonlySet<string> = new Set([COVER, STRETCH, FILTERED, CYCLE, CONDITION]);

/** What an export covers, of every place that was exported. What cannot be read covers nothing. */
export function covers(
  positions: Positions,
  resource?: string,
): readonly { readonly path: readonly string[]; readonly cover: Cover }[] {
  return [...positions].flatMap(([key, stored]) => {
    const place = placeOfKey(key, resource);
    const cover = place?.kind === COVER ? readable(() => parseCover(key, stored)) : undefined;
    return place && cover ? [{ path: place.ids, cover }] : [];
  });
}

/** The positions of a resource that is read by windows of time. One that cannot be read is left to the run. */
export function windowPositions(
  positions: Positions,
  resource: string,
): readonly { readonly key: PartitionKey; readonly position: WindowsPosition }[] {
  return [...positions].flatMap(([key, stored]) => {
    const isOwn = placeRead(key, resource) !== undefined && isWindowsPosition(stored);
    return isOwn ? [{ key, position: parseWindowsPosition(key, stored)! }] : [];
  });
}

/** What is known of meetings of which something was looked for. */
export const lookedKeys = (positions: Positions, resource: string): readonly PartitionKey[] =>
  [...positions].flatMap(([key, position]) =>
    placeOfKey(key, resource) !== undefined && 'occurrences' in position ? [key] : [],
  );

/** The paths of so many ids that positions of a resource name. */
export const pathsBelow = (positions: Positions, resource: string, length: number): readonly (readonly string[])[] =>
  [...positions.keys()].flatMap((key) => {
    const ids = placeOfKey(key, resource)?.ids;
    return ids?.length === length ? [ids] : [];
  });

/** True when rows came with it. */
export const isBegun = (position: ReadPosition): boolean =>
  position.through !== undefined || ('rest' in position && (position.listed !== undefined || position.rest.length > 0));

/** To be read once more from its beginning; afterwards nothing is missing. */
export function readAgain(position: ReadPosition): ReadPosition {
  return filled('rest' in position ? listReadAgain(position) : rangesReadAgain(position));
}

export function filled<P extends ReadPosition>({ unfilled: _, ...position }: P): P {
  return position as P;
}

/** The first ids of places that were read: of those whose first load has ended, or that have a position of their own list. */
export function topsRead(positions: Positions): ReadonlySet<string> {
  const read = [...positions].filter(([, position]) => 'through' in position || 'listed' in position);
  return new Set(read.flatMap(([key]) => placeRead(key)?.ids[0] ?? []));
}

/** The first ids of places that a lake has positions of below them. */
export function topsBegun(positions: Positions): ReadonlySet<string> {
  const deep = [...positions.keys()].flatMap((key) => placeRead(key) ?? []).filter(({ ids }) => ids.length > 1);
  return new Set(deep.map(({ ids }) => ids[0]!));
}

/** Positions written before there was a version in them are told apart by what they are of. */
function parsePosition(key: PartitionKey, { ids }: PositionPlace, stored: Position): ReadPosition {
  const isRanges = stored['version'] === undefined ? ids.length === 1 : 'ranges' in stored;
  return isRanges ? parseRangesPosition(key, stored) : parseListPosition(key, stored);
}

function readable<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!isSluiceError(error)) throw error;
    return undefined;
  }
}
