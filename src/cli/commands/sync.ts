import type { Meter } from '@opentelemetry/api';
import { Command, Option } from 'commander';
import { readRuns } from '../../lake/load/runs.ts';
import { readState } from '../../lake/log/log.ts';
import type { ObjectStore } from '../../lake/stores/object-store.ts';
import type { Lake } from '../../lake/types.ts';
import { isDeclared } from '../../sync/declared.ts';
import { freshReport, freshRun } from '../../sync/freshness.ts';
import type { SyncOptions } from '../../sync/options.ts';
import { unstartedRun } from '../../sync/outcomes.ts';
import type { RunReport } from '../../sync/report.ts';
import { loggedRuns, type RunScope } from '../../sync/run-log.ts';
import { namesOf } from '../../sync/scope.ts';
import { configInput } from '../configuration.ts';
import { withConnection } from '../connect.ts';
import { deltaAfter } from '../delta-after.ts';
import { cliErrors } from '../errors.ts';
import { exitCodeOf } from '../exit-code.ts';
import type { ExitCode, Io } from '../io.ts';
import { lakeAt, withLake } from '../lake.ts';
import { lakeOption, lakeOptionOff, readKeys, withLakeOptions } from '../lake-options.ts';
import { type CommandSettings, lakeSettings } from '../lake-settings.ts';
import { inspectLake } from '../lake-state.ts';
import { chosenTables, configOption, jsonOption, limitsOption } from '../options.ts';
import { runShown } from '../run-sync.ts';
import { lakeOfConnection, sayTenant } from '../tenants.ts';
import { printPlan } from './plan.ts';

/** What a command line says of a run beside the keys of the section `lake`. */
export interface JobOptions {
  readonly config?: string | undefined;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly allowShrink?: boolean;
  readonly limits: 'published' | 'none';
}

/** A run: what this command line says, and the job. */
type Job = JobOptions & CommandSettings;

/** `sluice sync`: reads the tenant and lands it. */
export function syncCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return withJobOptions(new Command('sync'))
    .description(
      'Reads the tenant into the lake: everything at first, then what changed. Stops cleanly on Ctrl-C; the next run goes on.',
    )
    .addOption(lakeOption('fresh_since'))
    .addOption(new Option('--dry-run', 'only say what would be read'))
    .addHelpText(
      'after',
      '\nExamples:\n  sluice sync --tables messages,message_replies --lake ./lake\n  sluice sync                    # the job of the section lake in sluice.yaml',
    )
    .action(async (options: JobOptions) => exit(await runJob(io, options)));
}

/** The options that say what a run reads, and how. */
export function withJobOptions(command: Command): Command {
  return withLakeOptions(command, readKeys)
    .addOption(limitsOption())
    .addOption(lakeOptionOff('hosted_contents'))
    .addOption(lakeOption('hosted_content_mb'))
    .addOption(lakeOption('verify_reactions'))
    .addOption(lakeOption('verify_reactions_days'))
    .addOption(lakeOption('verify_reactions_messages'))
    .addOption(lakeOption('max_pages'))
    .addOption(lakeOption('max_records'))
    .addOption(lakeOption('lookback_seconds'))
    .addOption(lakeOption('commit_seconds'))
    .addOption(lakeOption('raw'))
    .addOption(lakeOptionOff('raw'))
    .addOption(lakeOption('keep_raw'))
    .addOption(lakeOptionOff('keep_raw'))
    .addOption(lakeOption('wait'))
    .addOption(lakeOption('heartbeat_seconds'))
    .addOption(new Option('--allow-shrink', 'believe listings that shrank: what they no longer name is deleted'))
    .addOption(lakeOption('delta'))
    .addOption(lakeOptionOff('delta'))
    .addOption(lakeOption('several_tenants'))
    .addOption(lakeOptionOff('several_tenants'))
    .addOption(configOption())
    .addOption(jsonOption('one JSON event a line; the last of a run is its report'));
}

/** With `--json` the last line is a report, also of a run that could not begin. */
export async function runJob(io: Io, options: JobOptions, meter?: Meter): Promise<ExitCode> {
  try {
    return await readTenant(io, { ...options, ...(await lakeSettings(io, options)) }, meter);
  } catch (error) {
    if (options.json && !options.dryRun) io.out(`${JSON.stringify(unstartedRun(error, io.signal))}\n`);
    throw error;
  }
}

async function readTenant(io: Io, options: Job, meter: Meter | undefined): Promise<ExitCode> {
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
  const input = { ...configInput(io, { config: options.config }), limits: options.limits, meter };
  const shown = { json: options.json, heartbeatSeconds: options.heartbeat_seconds };
  return withConnection(input, async ({ graph, runtime, telemetry }) => {
    const { several_tenants: severalTenants, dryRun: isReadOnly } = options;
    const own = await lakeOfConnection(io, graph, { lake: named, severalTenants, isReadOnly });
    sayTenant(io, own, options);
    if (isReadOnly)
      return printPlan(io, { graph, runtime, tables, options: { ...options, store: own.store, onlyGranted } });
    const fresh = await freshReportOf(own.store, options, scope);
    if (fresh) return showReport(io, fresh, options);
    const { raw, keep_raw: keepRaw, wait: waitMs } = options;
    const access = { lake: own, purpose: 'sync', raw, keepRaw, waitMs } as const;
    return withLake(io, access, async (lake) => {
      // Whoever was waited for may have done it.
      const done = freshIn({ facts: lake.facts, tables: lake.tables, runs: await lake.runs() }, options, scope);
      if (done) return showReport(io, freshReport(done, lake.version), options);
      const exportsAfter = options.delta ? deltaAfter(own) : undefined;
      const run = { graph, lake, tables, runtime, telemetry, onlyGranted, exportsAfter, ...syncOptions(options) };
      return runShown(io, run, shown);
    });
  });
}

/** A lake that was read for other tables than those of today is not fresh, whenever that was. */
function freshIn(
  { facts, tables, runs }: Pick<Lake, 'facts' | 'tables'> & { readonly runs: unknown },
  { fresh_since: freshSince }: Job,
  scope: RunScope,
) {
  if (freshSince === undefined || !isDeclared(facts, tables)) return undefined;
  return freshRun(loggedRuns(runs), scope, freshSince);
}

/** Looks before the lake is opened to write: another run may be at work, and nothing is to be done all the same. */
async function freshReportOf(store: ObjectStore, options: Job, scope: RunScope): Promise<RunReport | undefined> {
  if (options.fresh_since === undefined) return undefined;
  const { facts, tables, version } = inspectLake(store, await readState(store));
  const run = freshIn({ facts, tables, runs: await readRuns(store) }, options, scope);
  return run && freshReport(run, version);
}

function showReport(io: Io, report: RunReport, options: JobOptions): ExitCode {
  io.out(
    options.json
      ? `${JSON.stringify(report)}\n`
      : `Nothing to do: a run that began at ${report.freshSince} has read it all.\n`,
  );
  return exitCodeOf(report.outcome);
}

function syncOptions(options: Job): Partial<SyncOptions> {
  return {
    segmentMs: options.commit_seconds * 1000,
    allowShrink: options.allowShrink,
    strategy: options.strategy,
    filter: options.filter,
    verify: options.verify_reactions
      ? {
          windowMs: options.verify_reactions_days * 86_400_000,
          maxRecords: options.verify_reactions_messages,
        }
      : undefined,
    ...namesOf(options),
    sinceMs: options.since,
    contentLimitMb: options.hosted_content_mb,
    untilMs: options.until,
    maxPages: options.max_pages,
    maxRecords: options.max_records,
    overlapMs: options.lookback_seconds && options.lookback_seconds * 1000,
  };
}
