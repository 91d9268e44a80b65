import { isOfAccount, isUnlicensed } from '../errors/graph-refusals.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import type { GraphClient, GraphSource } from '../graph/types.ts';
import type { Load, TableCounts } from '../lake/types.ts';
import { resources } from '../resources/index.ts';
import { sharedSignal } from '../runtime/concurrency.ts';
import { filteredResources, positionsWith } from '../strategies/filtered-positions.ts';
import type { Positions } from '../strategies/positions.ts';
import { putBack } from '../strategies/put-back.ts';
import type { StrategyName } from '../strategies/strategy.ts';
import { createTelemetry } from '../telemetry/telemetry.ts';
import { adopt } from './adopt.ts';
import { idsOfNames } from './by-name.ts';
import { declaredFact } from './declared.ts';
import { checkEdges } from './edges.ts';
import { addCounts, type FillingPlan, fill, notFilled, planFilling } from './filling.ts';
import { FilteredLoad } from './filtered-load.ts';
import { Findings } from './findings.ts';
import { refuseAnotherTenant, sourceFact } from './lake-source.ts';
import { Listings } from './listings.ts';
import { Grantable } from './not-permitted.ts';
import { observeReport } from './observe.ts';
import type { SyncOptions } from './options.ts';
import {
  failureOf,
  hostedElsewhere,
  outcomeOf,
  recordNotFound,
  skippedPartition,
  unreadablePartition,
  unstartedRun,
} from './outcomes.ts';
import { Places } from './places.ts';
import { planReads, type ReadPlan, type ResourceRead } from './plan.ts';
import { ProgressReporter } from './progress.ts';
import type { NotFilled, RunReport, SkippedPartition, SyncEvent, Verified } from './report.ts';
import { CountingGraph, planOf } from './request-plan.ts';
import { logRun } from './run-log.ts';
import { type Asked, areAsked, askedOf, isAsked, namesOf } from './scope.ts';
import { levelsOf } from './tree.ts';
import { verify } from './verify.ts';
import { Walk } from './walk.ts';

const DEFAULT_OVERLAP_MS = 300_000;
const DEFAULT_PARALLEL = 48;
const MEGABYTE = 1024 * 1024;
export const DEFAULT_CONTENT_LIMIT_MB = 20;

/**
 * One run: reads what the tables need and lands it. Never throws for what went wrong at a single partition: that is in
 * the report. An abort commits what is complete and reports `partial`.
 *
 * @throws SluiceError for wrong options and a refused sign-in, before anything is read; later failures of lake or Graph
 * as a whole are in the report (`failed`).
 */
export async function sync(options: SyncOptions, outer: AbortSignal): Promise<RunReport> {
  const signal = sharedSignal(outer);
  const { lake, runtime, tables, sinceMs, untilMs, onlyGranted, filter, command = 'sync' } = options;
  checkEdges(options, runtime.now());
  const scope = { ...namesOf(options), tables: tables.map(({ name }) => name), sinceMs, untilMs, onlyGranted, filter };
  const finish = await logRun(lake, runtime, { command, scope });
  try {
    const report = await withExports(await readAndLand(options, signal), options, signal);
    await finish(report);
    options.onEvent?.(report);
    return report;
  } catch (error) {
    await finish(unstartedRun(error, signal));
    throw error;
  }
}

/** What the run landed is in the lake, whatever becomes of what is written for others. */
async function withExports(
  report: RunReport,
  { exportsAfter }: Pick<SyncOptions, 'exportsAfter'>,
  signal: AbortSignal,
): Promise<RunReport> {
  if (exportsAfter === undefined || signal.aborted || report.version === 0) return report;
  const notExported = await exportsAfter(signal).catch((error: unknown) => [failureOf(error, signal)]);
  if (notExported.length === 0) return report;
  return { ...report, outcome: report.outcome === 'ok' ? 'partial' : report.outcome, notExported };
}

async function readAndLand(given: SyncOptions, signal: AbortSignal): Promise<RunReport> {
  const startedAtMs = given.runtime.now();
  const permissions = await given.graph.permissions(signal);
  const source = await given.graph.source?.(signal);
  refuseAnotherTenant(given.lake.facts, source);
  const { tables, strategy, filter } = given;
  // Before anything is asked for, names neither: what cannot be read so is refused.
  const plan = planReads({ tables, permissions, strategy, asked: askedOf(namesOf(given)), filter });
  const pages = new CountingGraph(given.graph);
  const { names, ids, skipped: unnamed } = await idsOfNames(pages, namesOf(given), signal);
  given.onNames?.(ids);
  const options = { ...given, ...names };
  const telemetry = options.telemetry ?? createTelemetry();
  telemetry.log('sync.started', { tables: options.tables.map(({ name }) => name) });
  const before = options.lake.version;
  const report = await telemetry.span('sluice.sync.run', {}, async (annotate) => {
    const facts = { plan, startedAtMs, source, permissions, pages, unnamed };
    const finished = await new SyncRun(options, facts, signal).execute();
    annotate({ outcome: finished.outcome });
    return finished;
  });
  observeReport(telemetry, report, report.version - before);
  return report;
}

/** What is known before a run begins. */
interface RunFacts {
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

class SyncRun {
  readonly #options: SyncOptions;
  readonly #signal: AbortSignal;
  readonly #plan: ReadPlan;
  readonly #source: GraphSource | undefined;
  readonly #startedAtMs: number;
  readonly #findings: Findings;
  #filling: FillingPlan | undefined;
  readonly #filledCounts: Record<string, TableCounts> = {};
  readonly #asked: Asked;
  #walk: Walk | undefined;
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
      await this.#fill(signal);
      this.#walk = this.#walkOf(load, listings, places);
      this.#emit({ event: 'plan', strategies: this.#strategies() });
      await this.#walk.run(signal);
      await this.#verify(this.#walk, { load, places }, signal);
    } finally {
      stop.abort();
    }
    for (const [id, collection] of places.elsewhere) this.#findings.leaveOut(hostedElsewhere(collection, id));
    for (const { collection, id } of places.unmet(levelsOf(this.#plan.reads)))
      this.#findings.skip(recordNotFound(collection, id));
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
      failed: (error: unknown, resource: string, partition: string) =>
        this.#findings.skip(skippedPartition(error, resource, partition, this.#signal)),
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
      now: () => runtime.now(),
      tenantId: this.#source?.tenantId,
      parallel,
      outcomes: {
        skip: (error, resource, partition) => {
          const skipped = skippedPartition(error, resource, partition, this.#signal);
          // Policies are granted user by user: where nobody asked for their meetings, most have none.
          const isAbsent = isUnlicensed(error) || (this.#grantable !== undefined && isOfAccount(error));
          if (isAbsent) this.#findings.leaveOut(skipped, levelOf(error));
          else if (!this.#grantable?.keep(error, skipped)) this.#findings.skip(skipped);
        },
        gap: (gap) => this.#findings.gap(gap),
        unfinished: (unfinished) =>
          this.#findings.unfinish({ ...unfinished, tables: this.#tablesOf(unfinished.resource) }),
        fallback: (error, of) => {
          const fallback = { ...of, code: isSluiceError(error) ? error.code : 'refused' };
          if (!this.#grantable?.keepFallback(fallback)) this.#findings.fallback(fallback);
        },
      },
      progress: this.#progress,
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
    const tables = { ...this.#filledCounts };
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
      fillings: this.#filling?.fillings ?? [],
      notFilled,
      adopted: this.#filling?.isAdopted || undefined,
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

/** The beginning of the route that was refused, down to its first id. */
const levelOf = (error: unknown): string | undefined =>
  isSluiceError(error) ? error.request?.route.replace(/\}.*/s, '}') : undefined;
