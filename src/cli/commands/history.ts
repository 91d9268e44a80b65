import { Command, Option } from 'commander';
import { readRuns } from '../../lake/load/runs.ts';
import { currentWriter } from '../../lake/log/lease.ts';
import { systemLeaseHost } from '../../lake/log/lease-host.ts';
import { systemRuntime } from '../../runtime/runtime.ts';
import { endedRuns, type LoggedRun, loggedRuns, MOST_RUNS } from '../../sync/run-log.ts';
import { exitCodeOfRun } from '../exit-code.ts';
import type { ExitCode, Io } from '../io.ts';
import { type CommandLake, lakeAt, remembered } from '../lake.ts';
import { lakeOption } from '../lake-options.ts';
import { lakeSettings } from '../lake-settings.ts';
import { configOption, jsonOption, tenantOption, wholeNumber } from '../options.ts';
import { rowsOf, troubleOf } from '../render/history.ts';
import { count, duration, renderTable } from '../render/table.ts';
import { lakesOf } from '../tenants.ts';

interface Options {
  readonly lake?: string;
  readonly config?: string;
  readonly tenant?: string[];
  readonly limit: number;
  readonly json?: boolean;
}

/** `sluice history`: the runs of a lake, newest first. */
export function historyCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('history')
    .description(
      `Lists the runs of a lake, newest first: when, how long, how they ended, what they landed, what failed. The last ${MOST_RUNS} are remembered. A run that neither ended nor runs any more is "killed".`,
    )
    .addOption(lakeOption('url'))
    .addOption(tenantOption())
    .addOption(
      new Option('--limit <n>', 'at most this many').argParser(wholeNumber({ min: 1, max: MOST_RUNS })).default(20),
    )
    .addOption(configOption())
    .addOption(jsonOption('one run a line, as JSON'))
    .addHelpText('after', '\nExample:\n  sluice history --limit 5')
    .action(async (options: Options) => {
      const settings = await lakeSettings(io, options);
      const lake = await remembered(await lakeAt(io, settings), io.signal);
      const lakes = await lakesOf(lake, options.tenant, { remembered: true });
      const runs = (await Promise.all(lakes.map((lake) => runsOf(lake, io.signal)))).flat();
      const shown = runs.sort((one, other) => compare(other.startedAt, one.startedAt)).slice(0, options.limit);
      if (options.json) {
        for (const run of shown)
          io.out(`${JSON.stringify({ event: 'logged_run', ...run, exitCode: exitCodeOfRun(run.outcome) })}\n`);
      } else if (shown.length === 0) io.out('No run is written down.\n');
      else io.out(`${render(shown, io)}\n`);
      exit(0);
    });
}

type TenantRun = LoggedRun & Pick<CommandLake, 'tenantId'>;

const compare = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);

async function runsOf({ store, tenantId }: CommandLake, signal: AbortSignal): Promise<TenantRun[]> {
  const runs = loggedRuns(await readRuns(store, signal));
  const isOpen = runs.some(({ outcome }) => outcome === 'running');
  const writer = isOpen
    ? await currentWriter({ store, host: systemLeaseHost(), sleep: systemRuntime.sleep }, signal)
    : undefined;
  return (writer?.is === 'nobody' ? endedRuns(runs) : runs).map((run) => ({ ...run, tenantId }));
}

function render(shown: readonly TenantRun[], io: Io): string {
  const isOfSeveral = shown.some(({ tenantId }) => tenantId !== undefined);
  const rows = shown.map((run) => [
    ...(isOfSeveral ? [run.tenantId] : []),
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
  return renderTable([...(isOfSeveral ? ['tenant'] : []), ...heads], rows, { ...io, wrap: true });
}
