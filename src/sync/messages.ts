import { allowsOtherRead } from '../errors/graph-error.ts';
import type { PartitionKey } from '../lake/types.ts';
import type { StrategyName } from '../resources/types.ts';
import { forEachLimited } from './concurrency.ts';
import type { DiscoveredChannel } from './discovery.ts';
import type { ResourceRead } from './plan.ts';
import { channelPartition, fromPosition, laterInstant, type MessagePosition, teamPartition } from './position.ts';
import { type MessagePartition, RESOURCE } from './strategies/context.ts';
import { readDelta } from './strategies/delta.ts';
import { readExport } from './strategies/export.ts';
import { readRecent } from './strategies/recent.ts';
import type { SyncContext } from './sync-context.ts';

/** Channels of one team read side by side; Graph allows one request a second for each. */
const PARALLEL_CHANNELS = 16;

/** Reads the messages of one team with the planned strategy. Partitions that cannot be read become outcomes. */
export async function readTeamMessages(context: SyncContext, plan: ResourceRead, teamId: string): Promise<void> {
  if (plan.read.strategy !== 'export') return readChannels(context, teamId, plan.read.strategy, () => true);
  const parts = [
    (inner: SyncContext) => readExported(inner, plan, teamId),
    (inner: SyncContext) => readChannels(inner, teamId, 'recent', isOutsideExport),
  ];
  await forEachLimited(parts, parts.length, context.signal, (part, signal) => part({ ...context, signal }));
}

async function readExported(context: SyncContext, plan: ResourceRead, teamId: string): Promise<void> {
  const partition = teamPartition(teamId);
  const fallback = plan.fallbacks[0];
  try {
    await readExport(context, await exportPartition(context, teamId), context.nowMs);
  } catch (error) {
    if (!allowsOtherRead(error) || !fallback) return context.skip(error, RESOURCE, partition);
    context.fallback(error, { resource: RESOURCE, partition, from: 'export', to: fallback.strategy });
    await readChannels(context, teamId, fallback.strategy, (channel) => !isOutsideExport(channel));
  }
}

/** The documentation of getAllMessages names public and private channels only. */
export function isOutsideExport(channel: DiscoveredChannel): boolean {
  return channel.membershipType === 'shared';
}

async function readChannels(
  context: SyncContext,
  teamId: string,
  strategy: StrategyName,
  chosen: (channel: DiscoveredChannel) => boolean,
): Promise<void> {
  const channels = await context.channelsOf(teamId, RESOURCE);
  await forEachLimited(channels.filter(chosen), PARALLEL_CHANNELS, context.signal, async (channel, signal) => {
    const partition = channelRead(context, channel);
    try {
      await readChannel({ ...context, signal }, partition, strategy);
    } catch (error) {
      context.skip(error, RESOURCE, partition.key);
    }
  });
}

async function readChannel(context: SyncContext, partition: MessagePartition, strategy: StrategyName): Promise<void> {
  if (strategy !== 'delta') return readRecent(context, partition, { full: strategy === 'full' });
  const outcome = await readDelta(context, partition, context.nowMs);
  if (outcome === 'refused') {
    context.fallback(undefined, { resource: RESOURCE, partition: partition.key, from: 'delta', to: 'recent' });
  }
}

/** The team's own position, or the earliest mark of its channels when they were read one by one before. */
export async function exportPartition(
  context: Pick<SyncContext, 'positions' | 'hasChannelPositions' | 'channelsOf'>,
  teamId: string,
): Promise<MessagePartition> {
  const key = teamPartition(teamId);
  const own = storedPosition(context, key);
  if (own.through !== undefined || own.slices || !context.hasChannelPositions(teamId))
    return { key, teamId, position: own };
  const channels = (await context.channelsOf(teamId, RESOURCE)).filter((channel) => !isOutsideExport(channel));
  const marks = channels.map(({ id }) => storedPosition(context, channelPartition(teamId, id)).through);
  const earliest = marks.includes(undefined)
    ? undefined
    : [...marks].sort((a, b) => Date.parse(a!) - Date.parse(b!))[0];
  return { key, teamId, position: earliest === undefined ? {} : { through: earliest } };
}

/** The channel's own position, or its team's mark when the team was exported before. */
export function channelRead(context: Pick<SyncContext, 'positions'>, channel: DiscoveredChannel): MessagePartition {
  const key = channelPartition(channel.teamId, channel.id);
  const own = storedPosition(context, key);
  const exported = isOutsideExport(channel)
    ? undefined
    : storedPosition(context, teamPartition(channel.teamId)).through;
  const through = laterInstant(own.through, exported);
  const position = own.through === through || through === undefined ? own : { through };
  return { key, teamId: channel.teamId, channelId: channel.id, position };
}

function storedPosition(context: Pick<SyncContext, 'positions'>, partition: string): MessagePosition {
  return fromPosition(context.positions.get(`${RESOURCE}/${partition}` satisfies PartitionKey));
}
