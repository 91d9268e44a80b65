import { isSluiceError } from '../errors/sluice-error.ts';
import type { GraphClient, GraphSource } from '../graph/types.ts';
import type { Load } from '../lake/types.ts';
import { resources } from '../resources/index.ts';
import { sharedSignal } from '../runtime/concurrency.ts';
import {
  CONDITION_PARTITION,
  conditionPosition,
  filteredResources,
  positionsWith,
} from '../strategies/filtered-positions.ts';
import type { Positions } from '../strategies/positions.ts';
import type { StrategyName } from '../strategies/strategy.ts';
import { adopt } from './adopt.ts';
import { beginCycle, type Cycle, cycleOf, endCycle } from './cycle.ts';
import { declaredFact } from './declared.ts';
import { addCounts, notFilled } from './filling.ts';
import { FilteredLoad } from './filtered-load.ts';
import { Findings } from './findings.ts';
import { sourceFact } from './lake-source.ts';
import { Listings } from './listings.ts';
import { Grantable } from './not-permitted.ts';
import type { SyncOptions } from './options.ts';
import {
  failureOf,
  hostedElsewhere,
  outcomeOf,
  recordNotFound,
  skippedPartition,
  unreadablePartition,
} from './outcomes.ts';
import { Places } from './places.ts';
import type { ReadPlan, ResourceRead } from './plan.ts';
import { ProgressReporter } from './progress.ts';
import type { NotFilled, RunReport, SkippedPartition, SyncEvent, Verified } from './report.ts';
import { type CountingGraph, planOf } from './request-plan.ts';
import { RunFilling } from './run-filling.ts';
import { type Outcomes, outcomesOf } from './run-outcomes.ts';
import { type Asked, areAsked, askedOf, isAsked } from './scope.ts';
import { levelsOf } from './tree.ts';
import { verify } from './verify.ts';
import { Walk } from './walk.ts';

const DEFAULT_OVERLAP_MS = 300_000;
const DEFAULT_PARALLEL = 48;
const MEGABYTE = 1024 * 1024;
const DEFAULT_CONTENT_LIMIT_MB = 20;

/** What is known before a run begins. */
export interface RunFacts {
  readonly plan: ReadPlan;
  readonly startedAtMs: number;
  readonly source: GraphSource | undefined;
  /** The roles of the token. */
  readonly permissions: ReadonlySet<string>;
  /** The client of the options. */
  readonly pages: CountingGraph;
  /** What was asked for by a name that nobody could find. */
  readonly unnamed: readonly SkippedPartition[];
}

/** A run under way: what it walks, what it finds, what it reports. */
export class SyncRun {
  readonly #options: SyncOptions;
  readonly #signal: AbortSignal;
  readonly #plan: ReadPlan;
  readonly #source: GraphSource | undefined;
  readonly #startedAtMs: number;
  readonly #findings: Findings;
  readonly #filled: RunFilling;
  readonly #asked: Asked;
  #walk: Walk | undefined;
  /** Set for one of several runs with caps that are one read. */
  #cycle: Cycle | undefined;
  #verified: Verified | undefined;
  readonly #progress: ProgressReporter;
  readonly #pages: CountingGraph;
  /** What may be left out; undefined: the tables were named. */
  readonly #grantable: Grantable | undefined;
  /** Whose the lake was found to be, when it did not say so. */
  #adoptedFor: string | undefined;

  constructor(options: SyncOptions, facts: RunFacts, signal: AbortSignal) {
    const { plan, startedAtMs, source, permissions } = facts;
    this.#signal = signal;
    this.#options = options;
    this.#source = source;
    this.#plan = plan;
    this.#startedAtMs = startedAtMs;
    this.#findings = new Findings(this.#emit);
    for (const skipped of facts.unnamed) this.#findings.skip(skipped);
    this.#asked = askedOf(options);
    this.#filled = new RunFilling(options, this.#emit);
    this.#pages = facts.pages;
    const { reads } = plan;
    const isPart = this.#asked.size > 0;
    this.#grantable = options.onlyGranted
      ? new Grantable({ graph: this.#pages, reads, shown: permissions, lake: options.lake, isPart })
      : undefined;
    this.#progress = new ProgressReporter({
      graph: this.#pages,
      runtime: options.runtime,
      startedAtMs,
      emit: this.#emit,
    });
  }

  readonly #emit = (event: SyncEvent): void => this.#options.onEvent?.(event);

  async execute(): Promise<RunReport> {
    const signal = this.#signal;
    const { lake, runtime, segmentMs, segmentPages } = this.#options;
    const { filter } = this.#plan;
    const begun = await lake.begin({
      loadId: runtime.id(),
      segmentPages,
      segmentMs,
      only: filter?.tested && new Map([[filter.resource, filter.tested]]),
      // An empty lake is whose rows come first, and made for the tables of today.
      facts:
        lake.version === 0
          ? { ...(this.#source && sourceFact(this.#source)), ...declaredFact(lake.tables) }
          : undefined,
    });
    const load = new FilteredLoad(begun, { filter, compared: filteredResources(lake.positions()) });
    this.#progress.start(load);
    let failure: unknown;
    try {
      await this.#read(load, signal);
    } catch (error) {
      failure = error;
    } finally {
      this.#progress.stop();
    }
    const ungranted = this.#settle();
    failure = (await this.#close(load, failure)) ?? failure ?? ungranted;
    return this.#report(load, failure, signal);
  }

  async #read(load: Load, signal: AbortSignal): Promise<void> {
    // What still reads listings when the walk has ended is stopped.
    const stop = new AbortController();
    const { lake } = this.#options;
    const listings = this.#listings(load, sharedSignal(signal, stop.signal));
    const places = new Places(listings, this.#asked, this.#source?.tenantId);
    try {
      this.#adoptedFor = await adopt(
        { lake, source: this.#source, places, levels: levelsOf(this.#plan.reads) },
        signal,
      );
      await this.#filled.run(signal);
      this.#begin(load);
      this.#walk = this.#walkOf(load, listings, places);
      this.#emit({ event: 'plan', strategies: this.#strategies() });
      await this.#walk.run(signal);
      if (this.#cycle && this.#findings.all.unfinished.length === 0) endCycle(load, this.#cycle);
      await this.#verify(this.#walk, { load, places }, signal);
    } finally {
      stop.abort();
    }
    for (const [id, collection] of places.elsewhere) this.#findings.leaveOut(hostedElsewhere(collection, id));
    for (const { collection, id } of places.unmet(levelsOf(this.#plan.reads)))
      this.#findings.skip(recordNotFound(collection, id));
  }

  /** Writes down what the run is one of, before anything is read. */
  #begin(load: Load): void {
    const { reads, filter } = this.#plan;
    const run = { ...this.#options, reads, asked: this.#asked, filter: filter?.name, nowMs: this.#startedAtMs };
    this.#cycle = cycleOf(this.#positions(), run);
    if (this.#cycle) beginCycle(load, this.#cycle);
    if (filter) load.advance(filter.resource, CONDITION_PARTITION, conditionPosition(filter.report.filter));
  }

  /** Looks once more at what may have changed unseen, when it is asked for. */
  async #verify(
    walk: Walk,
    { load, places }: { readonly load: Load; readonly places: Places },
    signal: AbortSignal,
  ): Promise<void> {
    const { verify: options, lake, runtime } = this.#options;
    const reads = this.#plan.reads.filter(({ resource }) => resource.mayChangeUnseen);
    if (!options || reads.length === 0) return;
    const context = {
      reads,
      places,
      load,
      positions: lake.positions(),
      now: () => runtime.now(),
      contextOf: (read: ResourceRead, inner: AbortSignal) => walk.contextOf(read, inner),
      failed: (error: unknown, resource: string, partition: string) => this.#outcomes.skip(error, resource, partition),
    };
    this.#verified = await verify(options, context, signal);
  }

  #walkOf(load: Load, listings: Listings, places: Places): Walk {
    const { lake, overlapMs = DEFAULT_OVERLAP_MS, parallel = DEFAULT_PARALLEL, runtime, sinceMs } = this.#options;
    const { maxPages, maxRecords, untilMs } = this.#options;
    return new Walk({
      graph: this.#graph,
      load,
      contents: lake.contents,
      contentLimitBytes: (this.#options.contentLimitMb ?? DEFAULT_CONTENT_LIMIT_MB) * MEGABYTE,
      listings,
      places,
      reads: this.#plan.reads,
      isAsked: (ids) => areAsked(this.#asked, ids),
      isPart: this.#asked.size > 0,
      isFiltered: this.#plan.filter !== undefined,
      positions: this.#positions(),
      overlapMs,
      sinceMs,
      untilMs,
      caps: maxPages === undefined && maxRecords === undefined ? undefined : { maxPages, maxRecords },
      cycle: this.#cycle?.begunAt,
      now: () => runtime.now(),
      tenantId: this.#source?.tenantId,
      parallel,
      outcomes: this.#outcomes,
      progress: this.#progress,
    });
  }

  get #outcomes(): Outcomes {
    return outcomesOf({
      findings: this.#findings,
      grantable: this.#grantable,
      tablesOf: (resource) => this.#tablesOf(resource),
      signal: this.#signal,
    });
  }

  /** Those that the run goes on with: of what it reads only a part, the marks of that part. */
  #positions(): Positions {
    const { filter } = this.#plan;
    const positions = this.#options.lake.positions();
    return filter ? positionsWith(positions, filter) : positions;
  }

  #tablesOf(resource: string): readonly string[] {
    return this.#plan.reads.find((read) => read.resource.name === resource)?.tables.map(({ name }) => name) ?? [];
  }

  /** What is still not filled of the partitions that this run is about. */
  #notFilled(): readonly NotFilled[] {
    const { lake } = this.#options;
    const tops = this.#walk?.tops ?? new Set();
    return notFilled(lake.positions(), lake.tables, (place, name) => {
      const read = this.#plan.reads.find(({ resource }) => resource.name === name);
      return read !== undefined && tops.has(place.ids[0]!) && isAsked(this.#asked, read.resource, place);
    });
  }

  /** Listings are compared with what stands, unless the user says that they are true. */
  #listings(load: Load, signal: AbortSignal): Listings {
    return new Listings({
      graph: this.#graph,
      signal,
      load: this.#options.allowShrink ? undefined : load,
      positions: this.#positions(),
      filter: this.#plan.filter,
      shared: levelsOf(this.#plan.reads),
      resources,
      hold: (error, resource, partition) =>
        this.#findings.skip(skippedPartition(error, resource, partition, this.#signal)),
    });
  }

  get #graph(): GraphClient {
    return this.#grantable?.graph ?? this.#pages;
  }

  /** Names what was not granted. @returns why nothing at all was read, when nothing is */
  #settle(): unknown {
    const settled = this.#grantable?.settle();
    for (const skipped of settled?.skipped ?? []) this.#findings.skip(skipped);
    for (const fallback of settled?.fallbacks ?? []) this.#findings.fallback(fallback);
    for (const one of settled?.notPermitted ?? []) this.#findings.notPermit(one);
    return settled?.nothing;
  }

  /** Commits what is complete: rows and positions are consistent at every moment, also after an error or Ctrl-C. */
  async #close(load: Load, failure: unknown): Promise<unknown> {
    const lakeFailed = isSluiceError(failure) && failure.surface === 'lake';
    try {
      await (lakeFailed ? load.abandon() : load.close());
      for (const key of load.unreadable) this.#findings.unreadable(unreadablePartition(key));
      if (failure === undefined) await this.#options.lake.publish();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #report(load: Load, failure: unknown, signal: AbortSignal): RunReport {
    const { requests, retried, throttled } = this.#pages.counts;
    const interrupted = signal.aborted;
    const tables = { ...this.#filled.counts };
    addCounts(tables, load.counts);
    const setAside = Object.values(tables).some(({ quarantined }) => quarantined > 0);
    const notFilled = this.#notFilled();
    return {
      event: 'run',
      outcome: outcomeOf({
        interrupted,
        failed: failure !== undefined,
        incomplete: this.#findings.isIncomplete(this.#pages.delivered) || notFilled.length > 0 || setAside,
      }),
      tables,
      requests: { total: requests, throttled, retried },
      plan: planOf(this.#pages, load, { reads: this.#plan.reads, tables: this.#options.lake.tables }),
      elapsedMs: Math.round(this.#options.runtime.now() - this.#startedAtMs),
      ...this.#findings.all,
      fillings: this.#filled.fillings,
      notFilled,
      adopted: this.#filled.isAdopted || undefined,
      adoptedFor: this.#adoptedFor,
      strategies: this.#strategies(),
      filter: this.#plan.filter?.report,
      verified: this.#verified,
      version: this.#options.lake.version,
      error: failure === undefined ? undefined : failureOf(failure, signal),
    };
  }

  #strategies(): Record<string, StrategyName> {
    return Object.fromEntries(this.#plan.reads.map(({ resource, read }) => [resource.name, read.strategy.name]));
  }
}
