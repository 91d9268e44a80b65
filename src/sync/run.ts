import { isSluiceError } from '../errors/sluice-error.ts';
import type { GraphClient, GraphSource } from '../graph/types.ts';
import type { Lake, Load, TableCounts } from '../lake/types.ts';
import { resources } from '../resources/index.ts';
import type { Resource, StrategyName } from '../resources/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { TableShape } from '../schema/column.ts';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { forEachLimited, sharedSignal } from './concurrency.ts';
import { declaredFact } from './declared.ts';
import { type DiscoveredTeam, Discovery } from './discovery.ts';
import { sinceInTheFuture } from './errors.ts';
import { addCounts, type FillingPlan, fill, notFilled, planFilling } from './filling.ts';
import { distinctById, distinctIds } from './ids.ts';
import { isOwnLake, nameOf, refuseAnotherTenant, sourceFact, sourceOf } from './lake-source.ts';
import { Listings } from './listings.ts';
import { observeReport } from './observe.ts';
import {
  channelNotFound,
  failureOf,
  outcomeOf,
  skippedPartition,
  unreadablePartition,
  unstartedRun,
} from './outcomes.ts';
import { readTeam, readTenant, retainListed } from './partitions.ts';
import { planReads, type ReadPlan } from './plan.ts';
import { ProgressReporter } from './progress.ts';
import { type PutBack, putBack } from './put-back.ts';
import type { Fallback, Gap, NotFilled, RunReport, SkippedPartition, SyncEvent } from './report.ts';
import { CountingGraph, planOf } from './request-plan.ts';
import { logRun } from './run-log.ts';
import { readBefore } from './standing.ts';
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
  /** What is read once more from its beginning; rows stay until newer ones are there. */
  readonly again?: readonly PutBack[] | undefined;
  /** How the run is called where runs are remembered. Default `sync`. */
  readonly command?: string | undefined;
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
  const { lake, runtime, tables, teams, channels, sinceMs, command = 'sync' } = options;
  // Not a number neither.
  if (sinceMs !== undefined && !(sinceMs <= runtime.now())) throw sinceInTheFuture(sinceMs);
  const scope = { tables: tables.map(({ name }) => name), teams, channels, sinceMs };
  const finish = await logRun(lake, runtime, { command, scope });
  try {
    const report = await readAndLand(options, signal);
    await finish(report);
    options.onEvent?.(report);
    return report;
  } catch (error) {
    await finish(unstartedRun(error, signal));
    throw error;
  }
}

async function readAndLand(options: SyncOptions, signal: AbortSignal): Promise<RunReport> {
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
  #filling: FillingPlan | undefined;
  readonly #filledCounts: Record<string, TableCounts> = {};
  #teamIds: readonly string[] = [];
  readonly #progress: ProgressReporter;
  readonly #pages: CountingGraph;
  /** Channels that were asked for and have not been met. */
  readonly #unseenChannels: Set<string>;
  /** Whose the lake was found to be, when it did not say so. */
  #adoptedFor: string | undefined;

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
      // An empty lake is whose rows come first, and made for the tables of today.
      facts:
        lake.version === 0
          ? { ...(this.#source && sourceFact(this.#source)), ...declaredFact(lake.tables) }
          : undefined,
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
    this.#teamIds = teams.map(({ id }) => id);
    await this.#adopt(teams);
    await this.#fill(signal);
    const context = this.#context(load, discovery, signal);
    this.#emit({ event: 'plan', strategies: this.#strategies() });
    const tasks = [
      ...this.#plan.reads
        .filter(({ read }) => read.partition === 'tenant')
        .map((plan) => () => readTenant(context, listings, plan, teams)),
      ...teams.map(
        ({ id }) =>
          (inner: AbortSignal) =>
            readTeam({ ...context, signal: inner }, { listings, discovery, plan: this.#plan }, id),
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
    if (!isOwnLake(lake.positions(), listed, this.#source)) return;
    await lake.note(sourceFact(this.#source));
    this.#adoptedFor = nameOf(this.#source);
  }

  /** What came after the rows of the lake is filled, or known not to be. */
  async #fill(signal: AbortSignal): Promise<void> {
    const { lake, runtime } = this.#options;
    if (lake.version === 0) return;
    this.#filling = await planFilling(lake);
    for (const filling of this.#filling.fillings) this.#emit({ event: 'filling', ...filling });
    addCounts(this.#filledCounts, await fill(lake, this.#filling, runtime.id(), signal));
    for (const part of this.#options.again ?? []) {
      const positions = putBack(lake.positions(), part);
      if (Object.keys(positions).length > 0) await lake.note({}, positions);
    }
  }

  /** What is still not filled of the partitions that this run is about. */
  #notFilled(): readonly NotFilled[] {
    const { lake, channels } = this.#options;
    const resources = new Set(this.#plan.reads.map(({ resource }) => resource.name));
    return notFilled(lake.positions(), lake.tables, ({ teamId, channelId }, resource) => {
      const isAsked = channels === undefined || (channelId !== undefined && channels.includes(channelId));
      return resources.has(resource) && this.#teamIds.includes(teamId) && isAsked;
    });
  }

  /** The teams to read: those asked for, or all. */
  async #teams(discovery: Discovery): Promise<readonly DiscoveredTeam[]> {
    if (this.#options.teams) return distinctIds(this.#options.teams).map((id) => ({ id, displayName: id }));
    const needed = this.#plan.reads.some(({ resource, read }) => resource.details || read.partition !== 'tenant');
    return needed ? distinctById((await discovery.teams()).items) : [];
  }

  /** Deletes what complete listings no longer name, when they were all asked for. */
  async #retain(context: SyncContext, discovery: Discovery, teams: readonly DiscoveredTeam[]): Promise<void> {
    if (this.#options.teams || this.#options.channels || (await discovery.teams()).held) return;
    await retainListed(context, discovery, teams, this.#plan);
  }

  /** Listings are compared with what stands, unless the user says that they are true. */
  #listings(load: Load, signal: AbortSignal): Listings {
    return new Listings({
      graph: this.#pages,
      signal,
      load: this.#options.allowShrink ? undefined : load,
      readBefore: readBefore(this.#options.lake.positions(), RESOURCE),
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
    const tables = { ...this.#filledCounts };
    addCounts(tables, load.counts);
    const setAside = Object.values(tables).some(({ quarantined }) => quarantined > 0);
    const notFilled = this.#notFilled();
    return {
      event: 'run',
      outcome: outcomeOf({
        interrupted,
        failed: failure !== undefined,
        incomplete: this.#skipped.length + this.#gaps.length + notFilled.length > 0 || setAside,
      }),
      tables,
      requests: { total: requests, throttled, retried },
      plan: planOf(this.#pages, load),
      elapsedMs: Math.round(this.#options.runtime.now() - this.#startedAtMs),
      skipped: this.#skipped,
      fallbacks: this.#fallbacks,
      gaps: this.#gaps,
      fillings: this.#filling?.fillings ?? [],
      notFilled,
      ...(this.#filling?.isAdopted && { adopted: true }),
      ...(this.#adoptedFor !== undefined && { adoptedFor: this.#adoptedFor }),
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
