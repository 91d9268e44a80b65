import { isSluiceError } from '../errors/sluice-error.ts';
import type { GraphClient, GraphSource } from '../graph/types.ts';
import type { Lake, Load } from '../lake/types.ts';
import { resources } from '../resources/index.ts';
import type { Resource, StrategyName } from '../resources/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { TableShape } from '../schema/column.ts';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { forEachLimited, sharedSignal } from './concurrency.ts';
import { type DiscoveredChannel, type DiscoveredTeam, Discovery } from './discovery.ts';
import { distinctById, distinctIds } from './ids.ts';
import { isOwnLake, refuseAnotherTenant, sourceFact, sourceOf } from './lake-source.ts';
import { Listings, TENANT } from './listings.ts';
import { readTeamMessages, uncover } from './messages.ts';
import { observeReport } from './observe.ts';
import { channelNotFound, failureOf, outcomeOf, skippedPartition, unreadablePartition } from './outcomes.ts';
import { planReads, type ReadPlan, type ResourceRead } from './plan.ts';
import { ProgressReporter } from './progress.ts';
import type { Fallback, Gap, RunReport, SkippedPartition, SyncEvent } from './report.ts';
import { CountingGraph, planOf } from './request-plan.ts';
import { snapshotChannels, snapshotList, snapshotTeams } from './snapshots.ts';
import { RESOURCE } from './strategies/context.ts';
import type { SyncContext } from './sync-context.ts';

export interface SyncOptions {
  readonly graph: GraphClient;
  readonly lake: Lake;
  readonly tables: readonly TableShape[];
  readonly runtime: Runtime;
  /** Read strategy for resources that offer it; default: the planner's choice. */
  readonly strategy?: string;
  /** Only these teams; default: all. They are not listed then, and no team's rows are deleted. */
  readonly teams?: readonly string[];
  /** Only these channels. */
  readonly channels?: readonly string[];
  /** A first load begins here, ms since 1970. */
  readonly sinceMs?: number;
  /** Listings that shrank are believed: what they no longer name is deleted. */
  readonly allowShrink?: boolean | undefined;
  /** How far an incremental read goes back behind its mark, ms. Default 300,000. */
  readonly overlapMs?: number;
  /** Teams in flight at a time. Default 48: the governor decides what is sent. */
  readonly parallelTeams?: number;
  readonly segmentPages?: number;
  readonly segmentMs?: number;
  readonly onEvent?: (event: SyncEvent) => void;
  /** Default: the OpenTelemetry API, which goes nowhere without an SDK. */
  readonly telemetry?: Telemetry;
}

const DEFAULT_OVERLAP_MS = 300_000;
const DEFAULT_PARALLEL_TEAMS = 48;

/**
 * One run: reads what the tables need and lands it. Never throws for what went wrong at a single partition: that is in
 * the report. An abort commits what is complete and reports `partial`.
 *
 * @throws SluiceError for wrong options and a refused sign-in, before anything is read; later failures of lake or Graph
 * as a whole are in the report (`failed`).
 */
export async function sync(options: SyncOptions, outer: AbortSignal): Promise<RunReport> {
  const signal = sharedSignal(outer);
  const startedAtMs = options.runtime.now();
  const permissions = await options.graph.permissions(signal);
  const source = await options.graph.source?.(signal);
  refuseAnotherTenant(options.lake.facts, source);
  const plan = planReads({
    tables: options.tables,
    permissions,
    perChannel: options.channels !== undefined,
    ...(options.strategy !== undefined && { strategy: options.strategy }),
  });
  const telemetry = options.telemetry ?? createTelemetry();
  telemetry.log('sync.started', { tables: options.tables.map(({ name }) => name) });
  const before = options.lake.version;
  const report = await telemetry.span('sluice.sync.run', {}, async (annotate) => {
    const finished = await new SyncRun(options, plan, startedAtMs, source).execute(signal);
    annotate({ outcome: finished.outcome });
    return finished;
  });
  observeReport(telemetry, report, report.version - before);
  options.onEvent?.(report);
  return report;
}

class SyncRun {
  readonly #options: SyncOptions;
  readonly #plan: ReadPlan;
  readonly #source: GraphSource | undefined;
  readonly #startedAtMs: number;
  readonly #skipped: SkippedPartition[];
  readonly #fallbacks: Fallback[] = [];
  readonly #gaps: Gap[] = [];
  readonly #progress: ProgressReporter;
  readonly #pages: CountingGraph;
  /** Channels that were asked for and have not been met. */
  readonly #unseenChannels: Set<string>;

  constructor(options: SyncOptions, plan: ReadPlan, startedAtMs: number, source: GraphSource | undefined) {
    this.#options = options;
    this.#source = source;
    this.#plan = plan;
    this.#startedAtMs = startedAtMs;
    this.#skipped = [];
    this.#unseenChannels = new Set(options.channels);
    this.#pages = new CountingGraph(options.graph);
    this.#progress = new ProgressReporter({
      graph: this.#pages,
      runtime: options.runtime,
      startedAtMs,
      emit: this.#emit,
    });
  }

  readonly #emit = (event: SyncEvent): void => this.#options.onEvent?.(event);

  async execute(signal: AbortSignal): Promise<RunReport> {
    const { lake, runtime, segmentMs, segmentPages } = this.#options;
    const load = await lake.begin({
      loadId: runtime.id(),
      ...(segmentPages !== undefined && { segmentPages }),
      ...(segmentMs !== undefined && { segmentMs }),
      // An empty lake is whose rows come first.
      facts: this.#source && lake.version === 0 ? sourceFact(this.#source) : undefined,
    });
    this.#progress.start(load);
    let failure: unknown;
    try {
      await this.#read(load, signal);
    } catch (error) {
      failure = error;
    } finally {
      this.#progress.stop();
    }
    failure = (await this.#close(load, failure)) ?? failure;
    return this.#report(load, failure, signal);
  }

  async #read(load: Load, signal: AbortSignal): Promise<void> {
    const listings = this.#listings(load, signal);
    const discovery = new Discovery(listings);
    const teams = await this.#teams(discovery);
    await this.#adopt(teams);
    const context = this.#context(load, discovery, signal);
    this.#emit({ event: 'plan', strategies: this.#strategies() });
    const tasks = [
      ...this.#plan.reads
        .filter(({ read }) => read.partition === 'tenant')
        .map((plan) => () => this.#readTenant(context, listings, plan, teams)),
      ...teams.map(
        ({ id }) =>
          (inner: AbortSignal) =>
            this.#readTeam({ ...context, signal: inner }, { listings, discovery }, id),
      ),
    ];
    this.#progress.expect(tasks.length);
    await forEachLimited(tasks, this.#options.parallelTeams ?? DEFAULT_PARALLEL_TEAMS, signal, async (task, inner) => {
      await task(inner);
      this.#progress.partitionDone();
    });
    for (const id of this.#unseenChannels) this.#skip(channelNotFound(id));
    await this.#retain(context, discovery, teams);
  }

  /** A lake that was written before lakes said whose rows they hold. */
  async #adopt(teams: readonly DiscoveredTeam[]): Promise<void> {
    const { lake, teams: asked } = this.#options;
    if (this.#source === undefined || lake.version === 0 || sourceOf(lake.facts) !== undefined) return;
    const listed = { ids: teams.map(({ id }) => id), isComplete: asked === undefined };
    if (isOwnLake(lake.positions(), listed, this.#source)) await lake.note(sourceFact(this.#source));
  }

  /** The teams to read: those asked for, or all. */
  async #teams(discovery: Discovery): Promise<readonly DiscoveredTeam[]> {
    if (this.#options.teams) return distinctIds(this.#options.teams).map((id) => ({ id, displayName: id }));
    const needed = this.#plan.reads.some(({ resource, read }) => resource.details || read.partition !== 'tenant');
    return needed ? distinctById((await discovery.teams()).items) : [];
  }

  async #readTenant(
    context: SyncContext,
    listings: Listings,
    { resource }: ResourceRead,
    teams: readonly DiscoveredTeam[],
  ): Promise<void> {
    if (resource.details) return snapshotTeams(context, resource, teams);
    return snapshotList(context, listings, resource, { partition: TENANT, ids: {} });
  }

  async #readTeam(
    context: SyncContext,
    { listings, discovery }: { readonly listings: Listings; readonly discovery: Discovery },
    teamId: string,
  ): Promise<void> {
    const ids = { 'team-id': teamId };
    for (const plan of this.#plan.reads.filter(({ read }) => read.partition !== 'tenant')) {
      const { resource, read } = plan;
      if (read.strategy !== 'snapshot') await readTeamMessages(context, plan, teamId);
      else if (read.partition === 'channel') await this.#readChannelLists(context, listings, resource, teamId);
      else if (resource.name === 'channels') await snapshotChannels(context, discovery, resource, teamId);
      else await snapshotList(context, listings, resource, { partition: teamId, ids, context: { team_id: teamId } });
    }
  }

  async #readChannelLists(context: SyncContext, listings: Listings, resource: Resource, teamId: string): Promise<void> {
    const types = resource.membershipTypes;
    for (const channel of await context.channelsOf(teamId, resource.name)) {
      if (types && !types.includes(channel.membershipType)) continue;
      await snapshotList(context, listings, resource, {
        partition: `${teamId}/${channel.id}`,
        ids: { 'team-id': teamId, 'channel-id': channel.id },
        context: { team_id: teamId, channel_id: channel.id },
      });
    }
  }

  /** Deletes the rows of teams and channels that a complete listing no longer names. */
  async #retain(context: SyncContext, discovery: Discovery, teams: readonly DiscoveredTeam[]): Promise<void> {
    if (this.#options.teams || this.#options.channels || (await discovery.teams()).held) return;
    const { load } = context;
    const teamIds = new Set(teams.map(({ id }) => id));
    if (this.#plan.reads.some(({ resource }) => resource.name === RESOURCE)) uncover(context, teamIds);
    for (const { resource, read } of this.#plan.reads.filter((plan) => plan.read.strategy === 'snapshot')) {
      if (resource.details || read.partition === 'team') await load.retain(resource.name, teamIds);
      const channels = read.partition === 'channel' ? await this.#allChannels(discovery, teams) : undefined;
      if (channels) await load.retain(resource.name, new Set(channels.map(({ teamId, id }) => `${teamId}/${id}`)));
    }
  }

  /** Every channel of every team, or undefined when one listing is not complete. */
  async #allChannels(
    discovery: Discovery,
    teams: readonly DiscoveredTeam[],
  ): Promise<readonly DiscoveredChannel[] | undefined> {
    const listings = await Promise.allSettled(teams.map(({ id }) => discovery.channels(id)));
    const complete = listings.flatMap((listing) =>
      listing.status === 'fulfilled' && !listing.value.held ? [listing.value.items] : [],
    );
    return complete.length === teams.length ? complete.flat() : undefined;
  }

  /** Listings are compared with what stands, unless the user says that they are true. */
  #listings(load: Load, signal: AbortSignal): Listings {
    return new Listings({
      graph: this.#pages,
      signal,
      load: this.#options.allowShrink ? undefined : load,
      byTeam: resources.filter(isBelowTeams).map(({ name }) => name),
      hold: (error, resource, partition) => this.#skip(skippedPartition(error, resource, partition, signal)),
    });
  }

  #context(load: Load, discovery: Discovery, signal: AbortSignal): SyncContext {
    const { channels, lake, overlapMs, sinceMs } = this.#options;
    const positions = lake.positions();
    const context: SyncContext = {
      graph: this.#pages,
      load,
      signal,
      positions,
      overlapMs: overlapMs ?? DEFAULT_OVERLAP_MS,
      ...(sinceMs !== undefined && { sinceMs }),
      now: () => this.#options.runtime.now(),
      gap: (gap) => this.#gap(gap),
      channelsOf: async (teamId, resource) => {
        try {
          const { items } = await discovery.channels(teamId);
          for (const { id } of items) this.#unseenChannels.delete(id);
          return channels ? items.filter(({ id }) => channels.includes(id)) : items;
        } catch (error) {
          context.skip(error, resource, teamId);
          return [];
        }
      },
      skip: (error, resource, partition) => this.#skip(skippedPartition(error, resource, partition, signal)),
      fallback: (error, fallback) =>
        this.#fallback({ ...fallback, code: isSluiceError(error) ? error.code : 'refused' }),
    };
    return context;
  }

  #skip(skipped: SkippedPartition): void {
    this.#skipped.push(skipped);
    this.#emit({ event: 'skipped', ...skipped });
  }

  #gap(gap: Gap): void {
    this.#gaps.push(gap);
    this.#emit({ event: 'gap', ...gap });
  }

  /** A listing that was held back for the same page, or a gap, is named once. */
  #unreadable(skipped: SkippedPartition): void {
    const { resource, partition, code } = skipped;
    const named = [...this.#skipped, ...this.#gaps];
    if (named.some((one) => one.resource === resource && one.partition === partition && one.code === code)) return;
    this.#skip(skipped);
  }

  #fallback(fallback: Fallback): void {
    this.#fallbacks.push(fallback);
    this.#emit({ event: 'fallback', ...fallback });
  }

  /** Commits what is complete: rows and positions are consistent at every moment, also after an error or Ctrl-C. */
  async #close(load: Load, failure: unknown): Promise<unknown> {
    const lakeFailed = isSluiceError(failure) && failure.surface === 'lake';
    try {
      await (lakeFailed ? load.abandon() : load.close());
      for (const key of load.unreadable) this.#unreadable(unreadablePartition(key));
      if (failure === undefined) await this.#options.lake.publish();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #report(load: Load, failure: unknown, signal: AbortSignal): RunReport {
    const { requests, retried, throttled } = this.#pages.counts;
    const interrupted = signal.aborted;
    const setAside = Object.values(load.counts).some(({ quarantined }) => quarantined > 0);
    return {
      event: 'run',
      outcome: outcomeOf({
        interrupted,
        failed: failure !== undefined,
        incomplete: this.#skipped.length > 0 || this.#gaps.length > 0 || setAside,
      }),
      tables: load.counts,
      requests: { total: requests, throttled, retried },
      plan: planOf(this.#pages, load),
      elapsedMs: Math.round(this.#options.runtime.now() - this.#startedAtMs),
      skipped: this.#skipped,
      fallbacks: this.#fallbacks,
      gaps: this.#gaps,
      strategies: this.#strategies(),
      version: this.#options.lake.version,
      ...(failure !== undefined && { error: failureOf(failure, signal) }),
    };
  }

  #strategies(): Record<string, StrategyName> {
    return Object.fromEntries(this.#plan.reads.map(({ resource, read }) => [resource.name, read.strategy]));
  }
}

/** True when the rows of the resource go with their team. */
const isBelowTeams = ({ reads: [read], details }: Resource): boolean =>
  read.strategy === 'snapshot' && (details !== undefined || read.partition !== 'tenant');
