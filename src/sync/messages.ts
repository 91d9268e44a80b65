import { allowsOtherRead } from '../errors/graph-error.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import type { PartitionKey } from '../lake/types.ts';
import type { StrategyName } from '../resources/types.ts';
import { forEachLimited } from './concurrency.ts';
import {
  exportPositionOf,
  isCovered,
  isListedToo,
  isOpen,
  isOutsideExport,
  listPosition,
  type Standing,
  stateOf,
} from './cover.ts';
import type { DiscoveredChannel } from './discovery.ts';
import type { ResourceRead } from './plan.ts';
import {
  type ChannelPosition,
  type Cover,
  channelPartition,
  coverPartition,
  parseChannelPosition,
  parseCover,
  parseTeamPosition,
  storedPosition,
  type TeamPosition,
  teamPartition,
} from './position.ts';
import { readBefore } from './standing.ts';
import { type ChannelPartition, RESOURCE, type TeamPartition } from './strategies/context.ts';
import { readDelta } from './strategies/delta.ts';
import { readExport, type Untimed } from './strategies/export.ts';
import { readRecent } from './strategies/recent.ts';
import type { SyncContext } from './sync-context.ts';

/** Channels of one team read side by side; Graph allows one request a second for each. */
const PARALLEL_CHANNELS = 16;

type Stored = Pick<SyncContext, 'positions'>;

/** Reads the messages of one team with the planned strategy. Partitions that cannot be read become outcomes. */
export async function readTeamMessages(context: SyncContext, plan: ResourceRead, teamId: string): Promise<void> {
  try {
    await readTeam(context, plan, teamId);
  } catch (error) {
    context.skip(error, RESOURCE, teamPartition(teamId));
  }
}

async function readTeam(outer: SyncContext, plan: ResourceRead, teamId: string): Promise<void> {
  const { strategy } = plan.read;
  const channels = await outer.channelsOf(teamId, RESOURCE);
  if (strategy !== 'export') {
    await readChannels(outer, channels, strategy);
    return;
  }
  const context = await closeLists(outer, teamId, channels);
  const listed = channels.filter((channel) => isListedBesideExport(context, channel, channels));
  let read: ReadonlySet<string> = new Set();
  let untimed: Untimed | undefined;
  const parts = [
    async (inner: SyncContext) => {
      untimed = await readExported(inner, plan, { teamId, channels, listed });
    },
    async (inner: SyncContext) => {
      read = await readChannels(inner, listed, 'recent');
    },
  ];
  await forEachLimited(parts, parts.length, context.signal, (part, signal) => part({ ...context, signal }));
  if (untimed === undefined) return;
  if (channels.length === 0) saveUnlisted(context, teamId, untimed);
  else saveCover(context, channels, (channel) => !listed.includes(channel) || read.has(channel.id));
}

/** @returns what export may have left out; undefined: the team was not read by export */
async function readExported(
  context: SyncContext,
  plan: ResourceRead,
  {
    teamId,
    channels,
    listed,
  }: { teamId: string; channels: readonly DiscoveredChannel[]; listed: readonly DiscoveredChannel[] },
): Promise<Untimed | undefined> {
  const key = teamPartition(teamId);
  const fallback = plan.fallbacks[0];
  const others = channels.filter((channel) => !listed.includes(channel) && !isOutsideExport(channel));
  try {
    const partition = exportRead(context, teamId, channels);
    const isFirst = partition.position.through === undefined;
    // A run that dies before the channels are listed leaves that to the next one.
    const { untimed } = await readExport(context, partition, (left) => saveUnlisted(context, teamId, left));
    const open = isFirst ? others.filter((channel) => isOpen(ownPosition(context, channel))) : [];
    const closed = isFirst ? others.filter((channel) => !open.includes(channel)) : [];
    for (const { id } of closed) forget(context, channelPartition(teamId, id));
    // No range of time holds messages without a time: their channels are read to the end.
    const isUnreached = (channel: DiscoveredChannel) => untimed === 'seen' || stateOf(channel) === 'migrated';
    const unreached = others.filter((channel) => untimed !== 'none' && isUnreached(channel));
    await readChannels(context, [...new Set([...open, ...unreached])], 'recent');
    return untimed;
  } catch (error) {
    if (!allowsOtherRead(error) || !fallback) {
      context.skip(error, RESOURCE, key);
      return undefined;
    }
    context.fallback(error, { resource: RESOURCE, partition: key, from: 'export', to: fallback.strategy });
    await readChannels(context, others, fallback.strategy);
    return undefined;
  }
}

/** @returns ids of the channels that were read to their end, gaps excepted */
async function readChannels(
  context: SyncContext,
  channels: readonly DiscoveredChannel[],
  strategy: StrategyName,
): Promise<ReadonlySet<string>> {
  const read = new Set<string>();
  await forEachLimited(channels, PARALLEL_CHANNELS, context.signal, async (channel, signal) => {
    try {
      await readChannel({ ...context, signal }, channelRead(context, channel), strategy);
      read.add(channel.id);
    } catch (error) {
      context.skip(error, RESOURCE, channelPartition(channel.teamId, channel.id));
    }
  });
  return read;
}

async function readChannel(context: SyncContext, partition: ChannelPartition, strategy: StrategyName): Promise<void> {
  if (strategy !== 'delta') {
    await readRecent(context, partition, { full: strategy === 'full' });
    return;
  }
  if ((await readDelta(context, partition)) === 'refused') {
    context.fallback(undefined, { resource: RESOURCE, partition: partition.key, from: 'delta', to: 'recent' });
  }
}

/**
 * Channels of a team that were read one by one before may still miss, for an export, what moved while they were listed:
 * they are listed once more.
 *
 * @returns the context with what they have earned
 */
async function closeLists(
  context: SyncContext,
  teamId: string,
  channels: readonly DiscoveredChannel[],
): Promise<SyncContext> {
  const exported = channels.filter((channel) => !isOutsideExport(channel));
  const isRead = exported.every((channel) => ownPosition(context, channel).listed !== undefined);
  if (teamPosition(context, teamId).through !== undefined || !isRead) return context;
  const unclosed = exported.filter((channel) => ownPosition(context, channel).through === undefined);
  const positions = new Map(context.positions);
  await forEachLimited(unclosed, PARALLEL_CHANNELS, context.signal, async (channel, signal) => {
    const partition = channelRead(context, channel);
    try {
      const position = await readRecent({ ...context, signal }, partition);
      positions.set(`${RESOURCE}/${partition.key}`, storedPosition(position));
    } catch (error) {
      // The team is then exported from the beginning.
      if (signal.aborted || !isSluiceError(error)) throw error;
    }
  });
  return { ...context, positions };
}

/** Where the export of a team begins, as far as the stored positions tell. */
export function exportRead(context: Stored, teamId: string, channels: readonly DiscoveredChannel[]): TeamPartition {
  const key = teamPartition(teamId);
  const own = teamPosition(context, teamId);
  const readBefore = isReadBefore(context, teamId, channels);
  if (own.through !== undefined) return { key, teamId, readBefore, position: own };
  const exported = channels.filter((channel) => !isOutsideExport(channel));
  return {
    key,
    teamId,
    readBefore,
    position: exportPositionOf(exported.map((channel) => ownPosition(context, channel))) ?? own,
  };
}

/** Where the list of a channel begins. */
export function channelRead(context: Stored, channel: DiscoveredChannel): ChannelPartition {
  const { teamId, id } = channel;
  const position = listPosition(channel, standingOf(context, channel));
  const readBefore = isReadBefore(context, teamId, [channel]);
  return { key: channelPartition(teamId, id), teamId, channelId: id, readBefore, position };
}

/** True when an earlier run landed something of these channels. */
function isReadBefore({ positions }: Stored, teamId: string, channels: readonly DiscoveredChannel[]): boolean {
  const keys = [teamPartition(teamId), ...channels.map(({ id }) => channelPartition(teamId, id))];
  return keys.some((key) => positions.has(`${RESOURCE}/${key}`));
}

function standingOf(context: Stored, channel: DiscoveredChannel): Standing {
  const { teamId } = channel;
  return { own: ownPosition(context, channel), team: teamPosition(context, teamId), cover: coverOf(context, teamId) };
}

/** True when a channel of an exported team is read by its list too. @param channels - all of the team */
export function isListedBesideExport(
  context: Stored,
  channel: DiscoveredChannel,
  channels: readonly DiscoveredChannel[],
): boolean {
  const team = exportRead(context, channel.teamId, channels).position;
  return isListedToo(channel, { ...standingOf(context, channel), team });
}

/** Writes down that a team was exported and its channels were not listed yet: what the export may have left out. What is known of them stays. */
function saveUnlisted(context: SyncContext, teamId: string, unlisted: Untimed): void {
  if (coverOf(context, teamId) !== undefined) return;
  context.load.advance(RESOURCE, coverPartition(teamId), storedPosition({ version: 2, channels: {}, unlisted }));
}

/** Writes down which channels the mark of a team covers now. */
function saveCover(
  context: SyncContext,
  channels: readonly DiscoveredChannel[],
  isRead: (channel: DiscoveredChannel) => boolean,
): void {
  const teamId = channels[0]?.teamId;
  if (teamId === undefined) return;
  const covered = channels.flatMap((channel) => {
    const state = stateOf(channel);
    if (state === undefined || isOutsideExport(channel)) return [];
    return isRead(channel) || isCovered(channel, standingOf(context, channel)) ? [[channel.id, state] as const] : [];
  });
  const cover: Cover = { version: 2, channels: Object.fromEntries(covered) };
  context.load.advance(RESOURCE, coverPartition(teamId), storedPosition(cover));
}

/** A team that is not listed any more covers nothing: when it comes back, its channels are read to the end. */
export function uncover(context: Pick<SyncContext, 'positions' | 'load'>, listedTeams: ReadonlySet<string>): void {
  for (const teamId of readBefore(context.positions, RESOURCE).teams) {
    if (listedTeams.has(teamId)) continue;
    context.load.advance(RESOURCE, coverPartition(teamId), storedPosition({ version: 2, channels: {} }));
  }
}

function forget(context: SyncContext, partition: string): void {
  if (context.positions.has(`${RESOURCE}/${partition}`)) context.load.advance(RESOURCE, partition, null);
}

function teamPosition(context: Stored, teamId: string): TeamPosition {
  const key: PartitionKey = `${RESOURCE}/${teamPartition(teamId)}`;
  return parseTeamPosition(key, context.positions.get(key));
}

function coverOf(context: Stored, teamId: string): Cover | undefined {
  const key: PartitionKey = `${RESOURCE}/${coverPartition(teamId)}`;
  return parseCover(key, context.positions.get(key));
}

function ownPosition(context: Stored, channel: DiscoveredChannel): ChannelPosition {
  const key: PartitionKey = `${RESOURCE}/${channelPartition(channel.teamId, channel.id)}`;
  return parseChannelPosition(key, context.positions.get(key));
}
