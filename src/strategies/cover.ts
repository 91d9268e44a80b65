import {
  type ChannelState,
  type Cover,
  instant,
  type ListPosition,
  laterInstant,
  newListPosition,
  type RangesPosition,
  unfilledOf,
} from './position.ts';
import type { Item } from './strategy.ts';

/** The documentation of getAllMessages names public and private channels only. */
export function isOutsideExport(channel: Item): boolean {
  return channel.membershipType === 'shared';
}

/**
 * What a mark can cover of a channel. While old messages are brought in, nothing is whole; afterwards the channel holds
 * messages that are older than any mark.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/resources/channel
 */
export function stateOf({ migrationMode }: Item): ChannelState | undefined {
  if (migrationMode === 'inProgress') return undefined;
  return migrationMode === 'completed' ? 'migrated' : 'made';
}

/** What is known of a channel: its own position, its team's, and which channels that one covers. */
export interface Standing {
  readonly own: ListPosition;
  readonly team: RangesPosition;
  readonly cover: Cover | undefined;
}

/** True when the team's mark holds for the channel: it could be seen when the team was exported. */
export function isCovered(channel: Item, { own, team, cover }: Standing): boolean {
  if (isOutsideExport(channel) || team.through === undefined) return false;
  if (cover === undefined) return !isReadTooEarly(channel, own);
  if (isMadeAfter(channel, team.through)) return true;
  const { channels, unlisted } = cover;
  if (unlisted !== undefined) return unlisted === 'none' || (unlisted === 'possible' && stateOf(channel) === 'made');
  return channels[channel.id] === (stateOf(channel) ?? channels[channel.id]);
}

/** What was made after the mark holds nothing older, unless old messages are brought in. */
function isMadeAfter(channel: Item, through: string): boolean {
  return stateOf(channel) === 'made' && Date.parse(String(channel['createdDateTime'] ?? '')) > Date.parse(through);
}

/** True when a channel was read on its own before its migration ended. */
function isReadTooEarly(channel: Item, own: ListPosition): boolean {
  const isRead = own.listed !== undefined || own.through !== undefined;
  return isRead && stateOf(channel) === 'migrated' && !own.migrated;
}

/** True when something of a channel is only found by its own list. */
export function isOpen({ through, listed, rest, threads }: ListPosition): boolean {
  if (rest.length > 0 || threads.length > 0) return true;
  return listed !== undefined && (through === undefined || Date.parse(through) < Date.parse(listed));
}

/**
 * Which channels of an exported team are read by their lists too: those that export leaves out, those that could not
 * be seen yet when the team was exported, and those of which a list has left something open.
 */
export function isListedToo(channel: Item, standing: Standing): boolean {
  if (isOutsideExport(channel)) return true;
  if (standing.team.through === undefined || stateOf(channel) === undefined) return false;
  return isOpen(standing.own) || !isCovered(channel, standing);
}

/** Where the list of a channel begins to read: its own position, or its team's, whichever reaches further. */
export function listPosition(channel: Item, standing: Standing): ListPosition {
  const { own, team } = standing;
  const isMigrated = stateOf(channel) === 'migrated';
  const isNew = own.listed === undefined && own.through === undefined;
  const { deltaRefusedAt } = own;
  if (isReadTooEarly(channel, own)) {
    return { ...newListPosition, since: own.since, deltaRefusedAt, migrated: true };
  }
  const exported = isCovered(channel, standing) ? lowestOpen(team) : undefined;
  if (exported === undefined || isOpen(own))
    return isNew ? { ...own, since: own.since ?? team.since, migrated: isMigrated } : own;
  const through = laterInstant(own.through, exported)!;
  if (through === own.through) return own;
  const { seen = team.seen } = own;
  return {
    ...own,
    through,
    listed: through,
    seen: laterInstant(seen, team.seen),
    since: team.since,
    migrated: isMigrated,
    ...unfilledOf(own, team),
  };
}

/** Down to where a team's mark holds without a gap; undefined when something is open at the beginning. */
function lowestOpen({ through, ranges }: RangesPosition): string | undefined {
  if (through === undefined || ranges.some(({ from }) => from === undefined)) return undefined;
  return instant(Math.min(Date.parse(through), ...ranges.map(({ from }) => Date.parse(from!))));
}

/** Where the export of a team begins when its channels were read one by one: at the earliest of their marks. */
export function exportPositionOf(channels: readonly ListPosition[]): RangesPosition | undefined {
  const marks = channels.map(({ through }) => through);
  if (marks.length === 0 || marks.includes(undefined)) return undefined;
  const through = instant(Math.min(...marks.map((mark) => Date.parse(mark!))));
  const latest = (times: readonly (string | undefined)[]) => times.reduce(laterInstant, undefined);
  return {
    version: 2,
    ranges: [],
    through,
    since: latest(channels.map(({ since }) => since)),
    seen: latest(channels.map(({ seen }) => seen)),
    ...unfilledOf(...channels),
  };
}
