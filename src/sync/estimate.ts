import type { GraphClient } from '../graph/types.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import { lowerBound } from '../limits/lower-bound.ts';
import { channels as channelsResource } from '../resources/channels.ts';
import { teams as teamsResource } from '../resources/teams.ts';
import type { StrategyName } from '../resources/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { TableShape } from '../schema/column.ts';
import { sharedSignal } from './concurrency.ts';
import { type DiscoveredChannel, Discovery } from './discovery.ts';
import { distinctIds } from './ids.ts';
import { Listings } from './listings.ts';
import { type EstimatedRequests, estimateTeamMessages } from './message-estimate.ts';
import { skippedPartition } from './outcomes.ts';
import { type Doubt, planReads, type ResourceRead } from './plan.ts';
import { teamsReadBefore } from './position.ts';
import type { SkippedPartition } from './report.ts';
import type { PlannedRequests } from './request-plan.ts';
import { RESOURCE } from './strategies/context.ts';

/** Teams looked at to estimate what all of them hold. */
const SAMPLE_TEAMS = 5;

/** How sure a number is: listed = counted just now; sampled = extrapolated from a part; at least = more if more changed. */
export type EstimateBasis = 'listed' | 'sampled' | 'at least';

export interface ResourceEstimate {
  readonly resource: string;
  readonly tables: readonly string[];
  readonly strategy: StrategyName;
  readonly requests: number;
  readonly lowerBoundMs: number;
  readonly basis: EstimateBasis;
}

export interface RunEstimate {
  readonly teams: number;
  readonly requests: number;
  readonly lowerBoundMs: number;
  readonly resources: readonly ResourceEstimate[];
  /** What the token does not seem to allow; Graph decides in the run. */
  readonly doubts: readonly Doubt[];
  readonly skipped: readonly SkippedPartition[];
}

export interface EstimateOptions {
  readonly graph: GraphClient;
  readonly runtime: Runtime;
  readonly tables: readonly TableShape[];
  readonly positions: ReadonlyMap<PartitionKey, Position>;
  readonly strategy?: string;
  readonly teams?: readonly string[];
  readonly channels?: readonly string[];
  readonly sinceMs?: number;
}

/**
 * Predicts the requests of a run. Costs the team listing, a channel listing for each sampled team, and for a first load
 * some requests more for each of them. A team that cannot be read is in `skipped`, as it would be after a run.
 */
export async function estimateRun(options: EstimateOptions, outer: AbortSignal): Promise<RunEstimate> {
  const signal = sharedSignal(outer);
  const { reads, doubts } = planReads({
    tables: options.tables,
    permissions: await options.graph.permissions(signal),
    perChannel: options.channels !== undefined,
    ...(options.strategy !== undefined && { strategy: options.strategy }),
  });
  const discovery = new Discovery(new Listings({ graph: options.graph, signal }));
  const listing = options.teams ? undefined : await discovery.teams();
  const teamIds = distinctIds(options.teams ?? listing!.items.map(({ id }) => id));
  const estimator = new Estimator(options, discovery, { teamIds, listPages: listing?.pages.length ?? 0 }, signal);
  const resources: ResourceEstimate[] = [];
  const all: PlannedRequests[] = [];
  for (const plan of reads) {
    const { planned, basis } = await estimator.resource(plan);
    all.push(...planned);
    resources.push({
      resource: plan.resource.name,
      tables: plan.tables.map(({ name }) => name),
      strategy: plan.read.strategy,
      requests: total(planned),
      lowerBoundMs: Math.ceil(lowerBound(planned)),
      basis,
    });
  }
  return {
    teams: teamIds.length,
    requests: total(all),
    lowerBoundMs: Math.ceil(lowerBound(all)),
    resources,
    doubts,
    skipped: estimator.skipped,
  };
}

interface Planned {
  readonly planned: readonly PlannedRequests[];
  readonly basis: EstimateBasis;
}

class Estimator {
  readonly skipped: SkippedPartition[] = [];
  readonly #options: EstimateOptions;
  readonly #discovery: Discovery;
  readonly #teamIds: readonly string[];
  readonly #signal: AbortSignal;
  /** Listings that several resources share, until the first of them has counted them. */
  #listings: { teams: readonly PlannedRequests[]; channels: readonly PlannedRequests[] };

  constructor(
    options: EstimateOptions,
    discovery: Discovery,
    { teamIds, listPages }: { teamIds: readonly string[]; listPages: number },
    signal: AbortSignal,
  ) {
    this.#options = options;
    this.#discovery = discovery;
    this.#teamIds = teamIds;
    this.#signal = signal;
    this.#listings = {
      teams: [{ method: 'GET', route: teamsResource.reads[0].route, count: listPages }],
      channels: perTeam(channelsResource.reads[0].route, teamIds),
    };
  }

  async resource(plan: ResourceRead): Promise<Planned> {
    const { resource, read } = plan;
    if (read.partition === 'tenant' && !resource.details)
      return { planned: [{ method: 'GET', route: read.route, count: 1 }], basis: 'at least' };
    const listed = this.#take('teams');
    if (resource.details)
      return { planned: [...listed, ...perTeam(resource.details.route, this.#teamIds)], basis: 'listed' };
    if (resource.name === channelsResource.name)
      return { planned: [...listed, ...this.#take('channels')], basis: 'listed' };
    if (read.strategy === 'snapshot' && read.partition === 'team')
      return { planned: [...listed, ...perTeam(read.route, this.#teamIds)], basis: 'listed' };
    const { planned, basis } = await (read.strategy === 'snapshot' ? this.#channelLists(plan) : this.#messages(plan));
    return { planned: [...listed, ...this.#take('channels'), ...planned], basis };
  }

  #take(listing: 'teams' | 'channels'): readonly PlannedRequests[] {
    const requests = this.#listings[listing];
    this.#listings = { ...this.#listings, [listing]: [] };
    return requests;
  }

  /** One list per channel. */
  async #channelLists({ resource, read }: ResourceRead): Promise<Planned> {
    const types = resource.membershipTypes;
    const planned = await this.#extrapolate(resource.name, this.#teamIds, async (teamId) => {
      const channels = await this.#channelsOf(teamId);
      return channels
        .filter(({ membershipType }) => types === undefined || types.includes(membershipType))
        .map(({ id }) => ({
          method: 'GET',
          route: read.route,
          ids: { 'team-id': teamId, 'channel-id': id },
          count: 1,
        }));
    });
    return { planned, basis: this.#sampleOf(this.#teamIds).length === this.#teamIds.length ? 'listed' : 'sampled' };
  }

  /** Teams that were read before and teams that were not are looked at apart: they cost differently. */
  async #messages(plan: ResourceRead): Promise<Planned> {
    const before = teamsReadBefore(this.#options.positions);
    const fresh = this.#teamIds.filter((id) => !before.has(id));
    const { graph, runtime, positions, sinceMs } = this.#options;
    const channelsOf = (teamId: string) => this.#channelsOf(teamId);
    const context = { graph, runtime, positions, sinceMs, channelsOf, signal: this.#signal };
    const planned: EstimatedRequests[] = [];
    for (const teamIds of [fresh, this.#teamIds.filter((id) => before.has(id))]) {
      planned.push(
        ...(await this.#extrapolate(RESOURCE, teamIds, (teamId) => estimateTeamMessages(context, plan, teamId))),
      );
    }
    return { planned, basis: planned.some(({ isSize }) => isSize) ? 'sampled' : 'at least' };
  }

  /** What the sampled teams need. Each of the others stands for one of them, in turn. */
  async #extrapolate<Requests extends PlannedRequests>(
    resource: string,
    teamIds: readonly string[],
    measure: (teamId: string) => Promise<readonly Requests[]>,
  ): Promise<Requests[]> {
    const sample = this.#sampleOf(teamIds);
    const measured = new Map<string, readonly Requests[]>();
    await Promise.all(
      sample.map(async (teamId) => {
        try {
          measured.set(teamId, await measure(teamId));
        } catch (error) {
          this.skipped.push(skippedPartition(error, resource, teamId, this.#signal));
        }
      }),
    );
    const models = [...measured.values()];
    const others = teamIds.filter((id) => !sample.includes(id));
    return [
      ...models.flat(),
      ...others.flatMap((id, index) => asOf(id, models.length > 0 ? models[index % models.length]! : [])),
    ];
  }

  /** Some teams from all over the listing; all of them when channels were asked for, whose teams nobody knows. */
  #sampleOf(teamIds: readonly string[]): readonly string[] {
    if (this.#options.channels) return teamIds;
    const step = Math.max(1, Math.floor(teamIds.length / SAMPLE_TEAMS));
    return teamIds.filter((_, index) => index % step === 0).slice(0, SAMPLE_TEAMS);
  }

  async #channelsOf(teamId: string): Promise<readonly DiscoveredChannel[]> {
    const { items } = await this.#discovery.channels(teamId);
    return this.#options.channels ? items.filter(({ id }) => this.#options.channels!.includes(id)) : items;
  }
}

/** The requests of one team as those of another: limits are counted per team and per channel. */
function asOf<Requests extends PlannedRequests>(teamId: string, model: readonly Requests[]): Requests[] {
  return model.map((request) => ({
    ...request,
    ids: Object.fromEntries(
      Object.entries(request.ids ?? {}).map(([name, id]) => [name, name === 'team-id' ? teamId : `${teamId} ${id}`]),
    ),
  }));
}

function perTeam(route: string, teamIds: readonly string[]): PlannedRequests[] {
  return teamIds.map((id) => ({ method: 'GET', route, ids: { 'team-id': id }, count: 1 }));
}

const total = (planned: readonly PlannedRequests[]) => planned.reduce((sum, { count }) => sum + count, 0);
