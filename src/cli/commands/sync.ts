import { Command, Option } from 'commander';
import { unstartedRun } from '../../sync/outcomes.ts';
import type { SyncEvent } from '../../sync/report.ts';
import { type SyncOptions, sync } from '../../sync/run.ts';
import { configInput } from '../configuration.ts';
import { withConnection } from '../connect.ts';
import { exitCodeOf } from '../exit-code.ts';
import type { ExitCode, Io } from '../io.ts';
import { withLake } from '../lake.ts';
import {
  chosenTables,
  configOption,
  jsonOption,
  lakeOption,
  limitsOption,
  type ReadOptions,
  sinceOption,
  strategyOption,
  tablesOption,
  teamOption,
  wholeNumber,
} from '../options.ts';
import { LiveProgress } from '../render/progress.ts';
import { renderReport } from '../render/report.ts';
import { printPlan } from './plan.ts';

interface Options extends ReadOptions {
  readonly dryRun?: boolean;
  readonly raw?: boolean;
  readonly keepRaw?: boolean;
  readonly lookbackSeconds?: number;
  readonly commitSeconds: number;
  readonly limits: 'published' | 'none';
}

/** `sluice sync`: reads the tenant and lands it. */
export function syncCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('sync')
    .summary('read the tenant into the lake')
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
  const input = { ...configInput(io, { config: options.config }), limits: options.limits };
  return withConnection(input, async ({ graph, runtime, telemetry }) => {
    if (options.dryRun) return printPlan(io, { graph, runtime, tables, options });
    return withLake(options, async (lake) => {
      const progress = new LiveProgress(io);
      const onEvent = (event: SyncEvent) =>
        options.json ? io.out(`${JSON.stringify(event)}\n`) : progress.show(event);
      const report = await sync(
        { graph, lake, tables, runtime, telemetry, onEvent, ...syncOptions(options) },
        io.signal,
      );
      progress.clear();
      if (!options.json) io.out(renderReport(report, io));
      return exitCodeOf(report.outcome);
    });
  });
}

function syncOptions(options: Options): Partial<SyncOptions> {
  return {
    segmentMs: options.commitSeconds * 1000,
    ...(options.strategy !== undefined && { strategy: options.strategy }),
    ...(options.team && { teams: options.team }),
    ...(options.channel && { channels: options.channel }),
    ...(options.since !== undefined && { sinceMs: options.since }),
    ...(options.lookbackSeconds !== undefined && { overlapMs: options.lookbackSeconds * 1000 }),
  };
}
