import type { Meter } from '@opentelemetry/api';
import { Command, Option } from 'commander';
import { unstartedRun } from '../../sync/outcomes.ts';
import type { RunReport } from '../../sync/report.ts';
import { exitCodeOf } from '../exit-code.ts';
import type { ExitCode, Io } from '../io.ts';
import { lakeOption, lakeOptionOff, readKeys, withLakeOptions } from '../lake-options.ts';
import { lakeSettings, verifyOf } from '../lake-settings.ts';
import { configOption, jsonOption, limitsOption } from '../options.ts';
import { runShown } from '../run-sync.ts';
import { runSyncJob, type SyncJob } from '../sync-job.ts';
import { printPlan } from './plan.ts';

/** What a command line says of a run beside the keys of the section `lake`. */
export type JobOptions = Pick<SyncJob, 'json' | 'dryRun' | 'allowShrink' | 'limits'> & {
  readonly config?: string | undefined;
};

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
    return await readTenant(io, { ...options, ...(await lakeSettings(io, options)), meter });
  } catch (error) {
    if (options.json && !options.dryRun) io.out(`${JSON.stringify(unstartedRun(error, io.signal))}\n`);
    throw error;
  }
}

async function readTenant(io: Io, options: SyncJob): Promise<ExitCode> {
  const shown = { json: options.json, heartbeatSeconds: options.heartbeat_seconds };
  return runSyncJob(io, options, {
    plan: ({ graph, runtime, tables, ...planned }) =>
      printPlan(io, { graph, runtime, tables, options: { ...options, ...planned, verify: verifyOf(options) } }),
    fresh: (report) => showReport(io, report, options),
    run: (run) => runShown(io, run, shown),
  });
}

function showReport(io: Io, report: RunReport, options: JobOptions): ExitCode {
  io.out(
    options.json
      ? `${JSON.stringify(report)}\n`
      : `Nothing to do: a run that began at ${report.freshSince} has read it all.\n`,
  );
  return exitCodeOf(report.outcome);
}
