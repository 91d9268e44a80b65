import type { PartitionKey, Position } from '../lake/types.ts';
import { type ReadPosition, readPositions } from './filling.ts';
import { gapOf } from './gaps.ts';
import { parseCover, placeOf } from './position.ts';
import type { Gap } from './report.ts';

type Positions = ReadonlyMap<PartitionKey, Position>;

/** How far one team, or one channel, was read. */
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

/** How far the partitions of a resource were read. Teams that are gone are left out: nothing can be read of them. */
export function partitionStandings(positions: Positions, resource: string): readonly PartitionStanding[] {
  const gone = goneTeams(positions, resource);
  const read = [...readPositions(positions, resource)];
  const byChannel = new Set(
    read.flatMap(([key, one]) => ('listed' in one && one.listed ? [placeOf(key)!.teamId] : [])),
  );
  return read.flatMap(([key, position]) => {
    const { teamId } = placeOf(key)!;
    // A team that is read by its channels needs no mark of its own.
    const isSpare = 'ranges' in position && position.through === undefined && byChannel.has(teamId);
    return isSpare || gone.has(teamId) ? [] : [standingOf(resource, key, position)];
  });
}

function standingOf(resource: string, key: PartitionKey, position: ReadPosition): PartitionStanding {
  const partition = key.slice(resource.length + 1);
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

/** Teams that the last complete listing did not name: they cover no channel any more. */
export function goneTeams(positions: Positions, resource: string): ReadonlySet<string> {
  const gone = new Set<string>();
  for (const [key, stored] of positions) {
    const [, teamId] = key.startsWith(`${resource}/`) ? (/^[^/]+\/cover:(.+)$/.exec(key) ?? []) : [];
    if (teamId !== undefined && coversNothing(key, stored)) gone.add(teamId);
  }
  return gone;
}

/** What messages were read of before and is not known to be gone. */
export interface ReadBefore {
  readonly teams: ReadonlySet<string>;
  /** Channels by team. */
  readonly channels: ReadonlyMap<string, readonly string[]>;
}

/** The teams and channels that the positions of a resource name, without teams that are gone. */
export function readBefore(positions: Positions, resource: string): ReadBefore {
  const gone = goneTeams(positions, resource);
  const teams = new Set<string>();
  const channels = new Map<string, Set<string>>();
  for (const [key, stored] of positions) {
    const place = key.startsWith(`${resource}/`) ? placeOf(key) : undefined;
    const teamId = place?.teamId ?? coveredTeam(key, resource);
    if (teamId === undefined || gone.has(teamId)) continue;
    teams.add(teamId);
    const known = channels.get(teamId) ?? new Set();
    if (place?.channelId !== undefined) known.add(place.channelId);
    else if (place === undefined) for (const id of channelsCovered(key, stored)) known.add(id);
    channels.set(teamId, known);
  }
  return { teams, channels: new Map([...channels].map(([id, known]) => [id, [...known]])) };
}

const coveredTeam = (key: string, resource: string): string | undefined =>
  key.startsWith(`${resource}/cover:`) ? key.slice(`${resource}/cover:`.length) : undefined;

function channelsCovered(key: PartitionKey, stored: Position): readonly string[] {
  try {
    return Object.keys(parseCover(key, stored)?.channels ?? {});
  } catch {
    return [];
  }
}

function coversNothing(key: PartitionKey, stored: Position): boolean {
  try {
    const cover = parseCover(key, stored);
    return cover !== undefined && cover.unlisted === undefined && Object.keys(cover.channels).length === 0;
  } catch {
    return false;
  }
}
