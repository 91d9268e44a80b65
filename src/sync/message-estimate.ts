import { allowsOtherRead } from '../errors/graph-error.ts';
import type { GraphClient } from '../graph/types.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { DiscoveredChannel } from './discovery.ts';
import { estimateExportPages, estimateListPages } from './message-density.ts';
import { channelRead, exportRead, isListedBesideExport } from './messages.ts';
import type { ResourceRead } from './plan.ts';
import { msOf } from './position.ts';
import type { PlannedRequests } from './request-plan.ts';
import { channelIds } from './strategies/context.ts';
import { REPLIES_ROUTE } from './strategies/replies.ts';

/** Requests of a run; `isSize` says that their number is the estimated size of a first load. */
export type EstimatedRequests = PlannedRequests & { readonly isSize: boolean };

/** What the estimate of a team's messages works with. */
export interface MessageEstimateContext {
  readonly graph: GraphClient;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  readonly positions: ReadonlyMap<PartitionKey, Position>;
  readonly sinceMs?: number | undefined;
  channelsOf(teamId: string): Promise<readonly DiscoveredChannel[]>;
}

/**
 * The requests that a run makes for the messages of one team, decided as the run decides: what was read before costs one
 * request (at least), a first load as many as its pages, and a team that refuses export is read by channel.
 */
export async function estimateTeamMessages(
  context: MessageEstimateContext,
  plan: ResourceRead,
  teamId: string,
): Promise<EstimatedRequests[]> {
  if (plan.read.strategy !== 'export') return estimateChannels(context, plan, teamId, () => true);
  const channels = await context.channelsOf(teamId);
  const isListed = (channel: DiscoveredChannel) => isListedBesideExport(context, channel, channels);
  const parts = [estimateExport(context, plan, teamId), estimateChannels(context, plan, teamId, isListed)];
  return (await Promise.all(parts)).flat();
}

async function estimateExport(
  context: MessageEstimateContext,
  plan: ResourceRead,
  teamId: string,
): Promise<EstimatedRequests[]> {
  const { graph, runtime, sinceMs, signal } = context;
  const channels = await context.channelsOf(teamId);
  const { position } = exportRead(context, teamId, channels);
  const request = { method: 'GET', route: plan.read.route, ids: { 'team-id': teamId } } as const;
  const probe = { teamId, nowMs: runtime.now(), random: runtime.random };
  const open = position.ranges.filter(({ done, failed }) => !done && failed === undefined);
  const isFirst = position.through === undefined;
  if (!isFirst && open.length === 0) return [{ ...request, count: 1, isSize: false }];
  try {
    const edgeMs = position.again ? msOf(position.since) : sinceMs;
    const size = isFirst ? { fromMs: edgeMs === undefined ? undefined : edgeMs - 1 } : { ranges: open };
    return [{ ...request, count: await estimateExportPages(graph, { ...probe, ...size }, signal), isSize: true }];
  } catch (error) {
    if (!allowsOtherRead(error) || plan.fallbacks.length === 0) throw error;
    return estimateChannels(context, plan, teamId, (channel) => !isListedBesideExport(context, channel, channels));
  }
}

async function estimateChannels(
  context: MessageEstimateContext,
  plan: ResourceRead,
  teamId: string,
  chosen: (channel: DiscoveredChannel) => boolean,
): Promise<EstimatedRequests[]> {
  const channels = (await context.channelsOf(teamId)).filter(chosen);
  const list =
    plan.read.strategy === 'export' ? plan.resource.reads.find(({ strategy }) => strategy === 'recent')! : plan.read;
  const estimates = await Promise.all(
    channels.map(async (channel) => {
      const partition = channelRead(context, channel);
      const { listed, rest } = partition.position;
      const isDone = listed !== undefined && rest.every(({ failed }) => failed !== undefined);
      const isKnown = isDone && list.strategy !== 'full';
      const { pages, replyPages } = isKnown
        ? { pages: 1, replyPages: 0 }
        : await estimateListPages(context.graph, { channel, fromMs: context.sinceMs }, context.signal);
      const request = { method: 'GET', ids: channelIds(partition), isSize: !isKnown } as const;
      return [
        { ...request, route: list.route, count: pages },
        { ...request, route: REPLIES_ROUTE, count: replyPages },
      ];
    }),
  );
  return estimates.flat();
}
