import { splitKey } from '../lake/log/partition-key.ts';
import { type Gap, gapOf } from './gaps.ts';
import { covers, type PlacedPosition, type Positions, placeRead, readPositions, windowPositions } from './positions.ts';
import { windowGapOf } from './window-gaps.ts';

/** How far one partition was read. */
export interface PartitionStanding {
  readonly partition: string;
  /** Everything last changed at or before it was read, except what is open; absent: nothing is sure yet. */
  readonly through?: string | undefined;
  /** What was last changed before it was never asked for. */
  readonly since?: string | undefined;
  /** Something is to be read that did not fail: a run was interrupted, or it was put back. */
  readonly isOpen: boolean;
  readonly gaps: readonly Gap[];
}

/** How far the partitions of a resource were read. Places that are gone are left out: nothing can be read of them. */
export function partitionStandings(positions: Positions, resource: string): readonly PartitionStanding[] {
  const gone = goneTops(positions, resource);
  const read = readPositions(positions, resource);
  const byList = new Set(
    read.flatMap(({ place, position }) => ('listed' in position && position.listed ? [place.ids[0]!] : [])),
  );
  const byWindows = windowPositions(positions, resource).map(({ key, position: { through, since, gaps = [] } }) => {
    const { partition } = splitKey(key);
    const named = gaps.map((gap) => windowGapOf(resource, partition, gap));
    return { partition, through, since, isOpen: false, gaps: named };
  });
  const byPlace = read.flatMap((one) => {
    const top = one.place.ids[0]!;
    // What is read by its lists needs no mark of its own.
    const isSpare = 'ranges' in one.position && one.position.through === undefined && byList.has(top);
    return isSpare || gone.has(top) ? [] : [standingOf(one)];
  });
  return [...byPlace, ...byWindows];
}

function standingOf({ key, position }: PlacedPosition): PartitionStanding {
  const { resource, partition } = splitKey(key);
  const parts = 'ranges' in position ? position.ranges : [...position.rest, ...position.threads];
  const isUnread = 'ranges' in position ? position.through === undefined : position.listed === undefined;
  const { since } = position;
  return {
    partition,
    through: position.through ?? ('listed' in position ? position.listed : undefined),
    since,
    isOpen: isUnread || parts.some(({ failed }) => failed === undefined),
    gaps: parts.flatMap((part) =>
      part.failed ? [gapOf({ resource, partition }, { ...part, failed: part.failed })] : [],
    ),
  };
}

/** Places that the last complete listing did not name: they cover nothing any more. */
export function goneTops(positions: Positions, resource: string): ReadonlySet<string> {
  const gone = covers(positions, resource).filter(
    ({ cover }) => cover.unlisted === undefined && !cover.empty && Object.keys(cover.channels).length === 0,
  );
  return new Set(gone.map(({ path }) => path[0]!));
}

/**
 * The paths of what the positions of a resource name, without what is gone.
 *
 * @param kinds - only of these kinds: not every path begins at the same level
 */
export function pathsRead(
  positions: Positions,
  resource: string,
  kinds?: ReadonlySet<string>,
): readonly (readonly string[])[] {
  const gone = goneTops(positions, resource);
  const read = [...positions.keys()].flatMap((key) => {
    const place = placeRead(key, resource);
    return place && (kinds?.has(place.kind) ?? true) ? [place.ids] : [];
  });
  const covered = covers(positions, resource).flatMap(({ path, cover }) => [
    path,
    ...Object.keys(cover.channels).map((id) => [...path, id]),
  ]);
  return [...read, ...covered].filter(([top]) => !gone.has(top!));
}
