import { Command, Option } from 'commander';
import { currentWriter } from '../../lake/lease.ts';
import { systemLeaseHost } from '../../lake/lease-host.ts';
import { readRuns } from '../../lake/runs.ts';
import { fileStore } from '../../lake/stores/file.ts';
import { systemRuntime } from '../../runtime/runtime.ts';
import { endedRuns, loggedRuns, MOST_RUNS } from '../../sync/run-log.ts';
import { exitCodeOfRun } from '../exit-code.ts';
import type { ExitCode, Io } from '../io.ts';
import { rememberedLake } from '../lake.ts';
import { jsonOption, lakeOption, wholeNumber } from '../options.ts';
import { rowsOf, troubleOf } from '../render/history.ts';
import { count, duration, renderTable } from '../render/table.ts';

interface Options {
  readonly lake: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** `sluice history`: the runs of a lake, newest first. */
export function historyCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('history')
    .description(
      `Lists the runs of a lake, newest first: when, how long, how they ended, what they landed, what failed. The last ${MOST_RUNS} are remembered. A run that neither ended nor runs any more is "killed".`,
    )
    .addOption(lakeOption())
    .addOption(
      new Option('--limit <n>', 'at most this many').argParser(wholeNumber({ min: 1, max: MOST_RUNS })).default(20),
    )
    .addOption(jsonOption('one run a line, as JSON'))
    .addHelpText('after', '\nExample:\n  sluice history --limit 5')
    .action(async (options: Options) => {
      const store = fileStore(rememberedLake(options.lake));
      const runs = loggedRuns(await readRuns(store, io.signal));
      const isOpen = runs.some(({ outcome }) => outcome === 'running');
      const writer = isOpen
        ? await currentWriter({ store, host: systemLeaseHost(), sleep: systemRuntime.sleep }, io.signal)
        : undefined;
      const shown = (writer?.is === 'nobody' ? endedRuns(runs) : runs).slice(0, options.limit);
      if (options.json) {
        for (const run of shown)
          io.out(`${JSON.stringify({ event: 'logged_run', ...run, exitCode: exitCodeOfRun(run.outcome) })}\n`);
      } else if (shown.length === 0) io.out('No run is written down.\n');
      else {
        const rows = shown.map((run) => [
          run.startedAt,
          run.command,
          run.outcome,
          exitCodeOfRun(run.outcome) ?? '',
          run.elapsedMs === undefined ? '' : duration(run.elapsedMs),
          count(run.requests),
          rowsOf(run),
          troubleOf(run),
        ]);
        const heads = ['began', 'command', 'outcome', 'exit', 'took', 'requests', 'change rows', 'trouble'];
        io.out(`${renderTable(heads, rows, { ...io, wrap: true })}\n`);
      }
      exit(0);
    });
}
