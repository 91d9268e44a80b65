import type { Meter } from '@opentelemetry/api';
import { readRuns } from '../lake/load/runs.ts';
import { readState } from '../lake/log/log.ts';
import type { ObjectStore } from '../lake/stores/object-store.ts';
import type { Lake } from '../lake/types.ts';
import { isDeclared } from '../sync/declared.ts';
import { freshReport, freshRun } from '../sync/freshness.ts';
import type { SyncOptions } from '../sync/options.ts';
import type { RunReport } from '../sync/report.ts';
import { loggedRuns, type RunScope } from '../sync/run-log.ts';
import { namesOf } from '../sync/scope.ts';
import { configInput } from './configuration.ts';
import { withConnection } from './connect.ts';
import { deltaAfter } from './delta-after.ts';
import { cliErrors } from './errors.ts';
import type { Io } from './io.ts';
import { lakeAt, withLake } from './lake.ts';
import { type CommandSettings, verifyOf } from './lake-settings.ts';
import { inspectLake } from './lake-state.ts';
import { chosenTables } from './options.ts';
import { lakeOfConnection, sayTenant } from './tenants.ts';

/** A run: what a command line says, and the job. */
export interface SyncJob extends CommandSettings {
  readonly json?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly allowShrink?: boolean | undefined;
  readonly limits: 'published' | 'none';
  /** Where the requests of the run are counted. */
  readonly meter?: Meter | undefined;
  /** With `fresh_since`: a run that read only a part of it will do too. */
  readonly takesPartial?: boolean | undefined;
}

/** What is only looked at: nothing is written. */
export type PlannedRun = Pick<SyncOptions, 'graph' | 'runtime' | 'tables'> & {
  readonly store: ObjectStore;
  readonly onlyGranted: boolean;
};

/** What becomes of a job. */
export interface JobEnds<T> {
  /** There is nothing to do: a run has read it all. */
  fresh(report: RunReport): T | Promise<T>;
  run(run: Omit<SyncOptions, 'onEvent'>): Promise<T>;
  plan?(run: PlannedRun): Promise<T>;
}

/** Reads the tenant of the configuration into the lake of the job. */
export async function runSyncJob<T>(io: Io, options: SyncJob, ends: JobEnds<T>): Promise<T> {
  if (options.filter !== undefined && options.keep_raw) throw cliErrors.filter_keeps_raw();
  const tables = chosenTables(options.tables, options);
  const onlyGranted = options.tables === undefined;
  const scope: RunScope = {
    tables: tables.map(({ name }) => name),
    ...namesOf(options),
    sinceMs: options.since,
    onlyGranted,
    untilMs: options.until,
    filter: options.filter,
  };
  const named = await lakeAt(io, options);
  const input = { ...configInput(io, { config: options.config }), limits: options.limits, meter: options.meter };
  return withConnection(input, async ({ graph, runtime, telemetry }) => {
    const { several_tenants: severalTenants } = options;
    const isReadOnly = options.dryRun && ends.plan !== undefined;
    const own = await lakeOfConnection(io, graph, { lake: named, severalTenants, isReadOnly });
    sayTenant(io, own, options);
    if (isReadOnly) return ends.plan!({ graph, runtime, tables, store: own.store, onlyGranted });
    const fresh = await freshReportOf(own.store, options, scope);
    if (fresh) return ends.fresh(fresh);
    const { raw, keep_raw: keepRaw, wait: waitMs } = options;
    const access = { lake: own, purpose: 'sync', raw, keepRaw, waitMs } as const;
    return withLake(io, access, async (lake) => {
      // Whoever was waited for may have done it.
      const done = freshIn({ facts: lake.facts, tables: lake.tables, runs: await lake.runs() }, options, scope);
      if (done) return ends.fresh(freshReport(done, lake.version));
      const exportsAfter = options.delta ? deltaAfter(own) : undefined;
      return ends.run({ graph, lake, tables, runtime, telemetry, onlyGranted, exportsAfter, ...syncOptions(options) });
    });
  });
}

/** A lake that was read for other tables than those of today is not fresh, whenever that was. */
function freshIn(
  { facts, tables, runs }: Pick<Lake, 'facts' | 'tables'> & { readonly runs: unknown },
  { fresh_since: freshSince, takesPartial }: SyncJob,
  scope: RunScope,
) {
  if (freshSince === undefined || !isDeclared(facts, tables)) return undefined;
  return freshRun(loggedRuns(runs), scope, { sinceMs: freshSince, takesPartial });
}

/** Looks before the lake is opened to write: another run may be at work, and nothing is to be done all the same. */
async function freshReportOf(store: ObjectStore, options: SyncJob, scope: RunScope): Promise<RunReport | undefined> {
  if (options.fresh_since === undefined) return undefined;
  const { facts, tables, version } = inspectLake(store, await readState(store));
  const run = freshIn({ facts, tables, runs: await readRuns(store) }, options, scope);
  return run && freshReport(run, version);
}

function syncOptions(options: SyncJob): Partial<SyncOptions> {
  return {
    segmentMs: options.commit_seconds * 1000,
    allowShrink: options.allowShrink,
    strategy: options.strategy,
    filter: options.filter,
    verify: verifyOf(options),
    ...namesOf(options),
    sinceMs: options.since,
    contentLimitMb: options.hosted_content_mb,
    untilMs: options.until,
    maxPages: options.max_pages,
    maxRecords: options.max_records,
    overlapMs: options.lookback_seconds && options.lookback_seconds * 1000,
  };
}
