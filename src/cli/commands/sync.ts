import { Command, Option } from 'commander';
import { readState } from '../../lake/log.ts';
import { readRuns } from '../../lake/runs.ts';
import { fileStore } from '../../lake/stores/file.ts';
import type { Lake } from '../../lake/types.ts';
import { systemRuntime } from '../../runtime/runtime.ts';
import { isDeclared } from '../../sync/declared.ts';
import { freshReport, freshRun } from '../../sync/freshness.ts';
import { unstartedRun } from '../../sync/outcomes.ts';
import type { RunReport } from '../../sync/report.ts';
import type { SyncOptions } from '../../sync/run.ts';
import { loggedRuns, type RunScope } from '../../sync/run-log.ts';
import { configInput } from '../configuration.ts';
import { withConnection } from '../connect.ts';
import { exitCodeOf } from '../exit-code.ts';
import type { ExitCode, Io } from '../io.ts';
import { withLake } from '../lake.ts';
import { inspectLake } from '../lake-state.ts';
import {
  chosenTables,
  configOption,
  heartbeatOption,
  instantOrAge,
  jsonOption,
  lakeOption,
  limitsOption,
  type ReadOptions,
  sinceOption,
  strategyOption,
  tablesOption,
  teamOption,
  wholeNumber,
  writerWaitOption,
} from '../options.ts';
import { runShown } from '../run-sync.ts';
import { lakeOfConnection, sayTenant } from '../tenants.ts';
import { printPlan } from './plan.ts';

interface Options extends ReadOptions {
  readonly dryRun?: boolean;
  /** Ms to wait for another writer. */
  readonly wait?: number;
  /** Ms since 1970. */
  readonly freshSince?: number;
  readonly raw?: boolean;
  readonly keepRaw?: boolean;
  readonly allowShrink?: boolean;
  readonly severalTenants?: boolean;
  readonly lookbackSeconds?: number;
  readonly commitSeconds: number;
  readonly heartbeatSeconds: number;
  readonly limits: 'published' | 'none';
}

/** `sluice sync`: reads the tenant and lands it. */
export function syncCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('sync')
    .description(
      'Reads the tenant into the lake: everything at first, then what changed. Stops cleanly on Ctrl-C; the next run goes on.',
    )
    .addOption(tablesOption())
    .addOption(lakeOption())
    .addOption(teamOption())
    .addOption(new Option('--channel <id...>', 'only these channels, by id'))
    .addOption(sinceOption())
    .addOption(strategyOption())
    .addOption(limitsOption())
    .addOption(
      new Option('--lookback-seconds <n>', 'how far an incremental read goes back behind its mark').argParser(
        wholeNumber({ min: 0, max: 86_400 }),
      ),
    )
    .addOption(
      new Option('--commit-seconds <n>', 'commit at least this often')
        .argParser(wholeNumber({ min: 1, max: 600 }))
        .default(10),
    )
    .addOption(new Option('--raw', 'add the raw JSON of each record as the column _raw; a lake keeps it from then on'))
    .addOption(new Option('--keep-raw', 'keep the pages as received under raw/'))
    .addOption(writerWaitOption('default: not; without a duration: until it ends'))
    .addOption(
      new Option(
        '--fresh-since <when>',
        'do nothing if a run that began since then (a date, or an age such as 15m) has read it all',
      ).argParser(instantOrAge(systemRuntime.now())),
    )
    .addOption(heartbeatOption())
    .addOption(new Option('--allow-shrink', 'believe listings that shrank: what they no longer name is deleted'))
    .addOption(
      new Option(
        '--several-tenants',
        'with the first sync of a lake: it holds several tenants, each in its own rows; it stays so, and later syncs need not say it',
      ),
    )
    .addOption(configOption())
    .addOption(new Option('--dry-run', 'only say what would be read'))
    .addOption(jsonOption('one JSON event a line; the last is the run report'))
    .addHelpText('after', '\nExample:\n  sluice sync --tables messages,message_replies --lake ./lake')
    .action(async (options: Options) => exit(await run(io, options)));
}

/** With `--json` the last line is a report, also of a run that could not begin. */
async function run(io: Io, options: Options): Promise<ExitCode> {
  try {
    return await readTenant(io, options);
  } catch (error) {
    if (options.json && !options.dryRun) io.out(`${JSON.stringify(unstartedRun(error, io.signal))}\n`);
    throw error;
  }
}

async function readTenant(io: Io, options: Options): Promise<ExitCode> {
  const tables = chosenTables(options.tables);
  const scope: RunScope = {
    tables: tables.map(({ name }) => name),
    teams: options.team,
    channels: options.channel,
    sinceMs: options.since,
  };
  const input = { ...configInput(io, { config: options.config }), limits: options.limits };
  return withConnection(input, async ({ graph, runtime, telemetry }) => {
    const { lake: named, severalTenants, dryRun: isReadOnly } = options;
    const own = await lakeOfConnection(io, graph, { lake: named, severalTenants, isReadOnly });
    sayTenant(io, own, options);
    if (isReadOnly) return printPlan(io, { graph, runtime, tables, options: { ...options, lake: own.root } });
    const fresh = await freshReportOf(own.root, options, scope);
    if (fresh) return showReport(io, fresh, options);
    const access = { ...options, lake: own.root, purpose: 'sync', waitMs: options.wait } as const;
    return withLake(io, access, async (lake) => {
      // Whoever was waited for may have done it.
      const done = freshIn({ facts: lake.facts, tables: lake.tables, runs: await lake.runs() }, options, scope);
      if (done) return showReport(io, freshReport(done, lake.version), options);
      return runShown(io, { graph, lake, tables, runtime, telemetry, ...syncOptions(options) }, options);
    });
  });
}

/** A lake that was read for other tables than those of today is not fresh, whenever that was. */
function freshIn(
  { facts, tables, runs }: Pick<Lake, 'facts' | 'tables'> & { readonly runs: unknown },
  { freshSince }: Options,
  scope: RunScope,
) {
  if (freshSince === undefined || !isDeclared(facts, tables)) return undefined;
  return freshRun(loggedRuns(runs), scope, freshSince);
}

/** Looks before the lake is opened to write: another run may be at work, and nothing is to be done all the same. */
async function freshReportOf(root: string, options: Options, scope: RunScope): Promise<RunReport | undefined> {
  if (options.freshSince === undefined) return undefined;
  const store = fileStore(root);
  const { facts, tables, version } = inspectLake(root, await readState(store));
  const run = freshIn({ facts, tables, runs: await readRuns(store) }, options, scope);
  return run && freshReport(run, version);
}

function showReport(io: Io, report: RunReport, options: Options): ExitCode {
  io.out(
    options.json
      ? `${JSON.stringify(report)}\n`
      : `Nothing to do: a run that began at ${report.freshSince} has read it all.\n`,
  );
  return exitCodeOf(report.outcome);
}

function syncOptions(options: Options): Partial<SyncOptions> {
  return {
    segmentMs: options.commitSeconds * 1000,
    allowShrink: options.allowShrink,
    strategy: options.strategy,
    teams: options.team,
    channels: options.channel,
    sinceMs: options.since,
    overlapMs: options.lookbackSeconds && options.lookbackSeconds * 1000,
  };
}
