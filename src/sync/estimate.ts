import type { GraphClient } from '../graph/types.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import { lowerBound } from '../limits/lower-bound.ts';
import type { StrategyName } from '../resources/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { TableShape } from '../schema/column.ts';
import { Discovery } from './discovery.ts';
import { estimateTeamMessages } from './message-density.ts';
import { planReads, type ResourceRead } from './plan.ts';
import { fromPosition, teamPartition } from './position.ts';
import type { SkippedPartition } from './report.ts';
import type { PlannedRequests } from './request-plan.ts';
import { RESOURCE } from './strategies/context.ts';
import { EPOCH_MS } from './time-slices.ts';

/** Teams looked at to estimate what all of them hold. */
const SAMPLE_TEAMS = 5;

/** How sure a number is: listed = counted just now; sampled = extrapolated from some teams; unknown = at least this. */
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

/** Predicts the requests of a run. Costs the team listing and, for a first load, some requests for each sampled team. */
export async function estimateRun(options: EstimateOptions, signal: AbortSignal): Promise<RunEstimate> {
  const { reads, skipped } = planReads({
    tables: options.tables,
    permissions: await options.graph.permissions(signal),
    perChannel: options.channels !== undefined,
    ...(options.strategy !== undefined && { strategy: options.strategy }),
  });
  const discovery = new Discovery({ graph: options.graph, signal });
  const teamIds = options.teams ?? (await discovery.teams()).items.map(({ id }) => id);
  const estimator = new Estimator(options, discovery, teamIds, signal);
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
    skipped,
  };
}

interface Planned {
  readonly planned: readonly PlannedRequests[];
  readonly basis: EstimateBasis;
}

class Estimator {
  readonly #options: EstimateOptions;
  readonly #discovery: Discovery;
  readonly #teamIds: readonly string[];
  readonly #sample: readonly string[];
  readonly #signal: AbortSignal;

  constructor(options: EstimateOptions, discovery: Discovery, teamIds: readonly string[], signal: AbortSignal) {
    this.#options = options;
    this.#discovery = discovery;
    this.#teamIds = teamIds;
    const step = Math.max(1, Math.floor(teamIds.length / SAMPLE_TEAMS));
    this.#sample = teamIds.filter((_, index) => index % step === 0).slice(0, SAMPLE_TEAMS);
    this.#signal = signal;
  }

  async resource({ resource, read }: ResourceRead): Promise<Planned> {
    const { route } = read;
    if (read.strategy === 'export') return this.#export(route);
    if (read.strategy !== 'snapshot') return this.#list(route);
    if (read.partition === 'team') return { planned: perTeam(route, this.#teamIds), basis: 'listed' };
    if (read.partition === 'channel') return this.#channelLists(route, resource.membershipTypes);
    const details = resource.details ? perTeam(resource.details.route, this.#teamIds) : [];
    return {
      planned: [{ method: 'GET', route, count: 1 }, ...details],
      basis: resource.details ? 'listed' : 'at least',
    };
  }

  /** One list per channel: as many as the sampled teams have on average. */
  async #channelLists(route: string, types: readonly string[] | undefined): Promise<Planned> {
    const count = await this.#average(async (teamId) => {
      const { items } = await this.#discovery.channels(teamId);
      return items.filter(({ membershipType }) => types === undefined || types.includes(membershipType)).length;
    });
    const lists = Math.round(count * this.#teamIds.length);
    const planned = [
      { method: 'GET', route, count: lists },
      ...perTeam('/teams/{team-id}/channels', this.#teamIds),
    ] as const;
    return { planned, basis: this.#basis() };
  }

  /** An incremental export is one request per team; a first load is as many pages as the sampled teams fill. */
  async #export(route: string): Promise<Planned> {
    const fresh = this.#teamIds.filter((id) => this.#mark(teamPartition(id)) === undefined);
    const pages = fresh.length === 0 ? 0 : await this.#average((teamId) => this.#pagesOf(teamId));
    const planned = this.#teamIds.map((id) => ({
      method: 'GET',
      route,
      ids: { 'team-id': id },
      count: fresh.includes(id) ? Math.max(1, Math.round(pages)) : 1,
    }));
    return { planned, basis: fresh.length > 0 ? this.#basis() : 'at least' };
  }

  /** One request per channel, and one more for every further page that is new. */
  async #list(route: string): Promise<Planned> {
    const channels = await this.#average(async (teamId) => (await this.#discovery.channels(teamId)).items.length);
    const count = Math.round(channels * this.#teamIds.length);
    const planned = [...perTeam('/teams/{team-id}/channels', this.#teamIds), { method: 'GET', route, count }];
    return { planned, basis: 'at least' };
  }

  async #pagesOf(teamId: string): Promise<number> {
    const fromMs = this.#options.sinceMs ?? EPOCH_MS;
    return (
      (await estimateTeamMessages(
        this.#options.graph,
        { teamId, fromMs, random: this.#options.runtime.random, nowMs: this.#options.runtime.now() },
        this.#signal,
      )) / 50
    );
  }

  async #average(measure: (teamId: string) => Promise<number>): Promise<number> {
    const counts = await Promise.all(this.#sample.map(measure));
    return counts.reduce((sum, value) => sum + value, 0) / Math.max(1, counts.length);
  }

  #basis(): EstimateBasis {
    return this.#sample.length === this.#teamIds.length ? 'listed' : 'sampled';
  }

  #mark(partition: string): string | undefined {
    return fromPosition(this.#options.positions.get(`${RESOURCE}/${partition}` satisfies PartitionKey)).through;
  }
}

function perTeam(route: string, teamIds: readonly string[]): PlannedRequests[] {
  return teamIds.map((id) => ({ method: 'GET', route, ids: { 'team-id': id }, count: 1 }));
}

const total = (planned: readonly PlannedRequests[]) => planned.reduce((sum, { count }) => sum + count, 0);
