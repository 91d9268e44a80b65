import { Command } from 'commander';
import type { GraphClient } from '../../graph/types.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { TableShape } from '../../schema/column.ts';
import { estimateRun, type ResourceEstimate, type RunEstimate } from '../../sync/estimate.ts';
import { refuseAnotherTenant } from '../../sync/lake-source.ts';
import { configInput } from '../configuration.ts';
import { withConnection } from '../connect.ts';
import type { ExitCode, Io } from '../io.ts';
import { readLakeState } from '../lake-state.ts';
import {
  chosenTables,
  configOption,
  jsonOption,
  lakeOption,
  type ReadOptions,
  sinceOption,
  strategyOption,
  tablesOption,
  teamOption,
} from '../options.ts';
import { skippedLines } from '../render/report.ts';
import { count, duration, renderTable } from '../render/table.ts';

/** `sluice plan`: what a sync would read, with how many requests, and how long the published limits make it take. */
export function planCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('plan')
    .description(
      'Says for each resource: the read strategy, the requests, and the time the published limits allow them in. The size of a first load is estimated from a sample of teams.',
    )
    .addOption(tablesOption())
    .addOption(lakeOption())
    .addOption(teamOption())
    .addOption(sinceOption())
    .addOption(strategyOption())
    .addOption(configOption())
    .addOption(jsonOption('print the plan as JSON'))
    .addHelpText('after', '\nExample:\n  sluice plan --tables messages,message_replies')
    .action(async (options: ReadOptions) => {
      const tables = chosenTables(options.tables);
      const input = configInput(io, { config: options.config });
      exit(await withConnection(input, ({ graph, runtime }) => printPlan(io, { graph, runtime, tables, options })));
    });
}

/** Prints the plan of a run; also what `sync --dry-run` does. */
export async function printPlan(
  io: Io,
  run: { graph: GraphClient; runtime: Runtime; tables: readonly TableShape[]; options: ReadOptions },
): Promise<ExitCode> {
  const { options } = run;
  const state = await readLakeState(options.lake);
  refuseAnotherTenant(state.meta, await run.graph.source?.(io.signal));
  const estimate = await estimateRun(
    {
      graph: run.graph,
      runtime: run.runtime,
      tables: run.tables,
      positions: state.positions,
      ...(options.strategy !== undefined && { strategy: options.strategy }),
      ...(options.team && { teams: options.team }),
      ...(options.channel && { channels: options.channel }),
      ...(options.since !== undefined && { sinceMs: options.since }),
    },
    io.signal,
  );
  io.out(options.json ? `${JSON.stringify({ event: 'plan', ...estimate })}\n` : `${render(estimate, io)}\n`);
  return estimate.skipped.length > 0 ? 3 : 0;
}

function render(estimate: RunEstimate, io: Io): string {
  const rows = estimate.resources.map((resource: ResourceEstimate) => [
    resource.tables.join(', '),
    resource.strategy,
    `${resource.basis === 'sampled' ? '~' : ''}${count(resource.requests)}`,
    duration(resource.lowerBoundMs),
    resource.basis,
  ]);
  return [
    renderTable(['tables', 'strategy', 'requests', 'at least', 'basis'], rows, { ...io, wrap: true }),
    '',
    `In all ${count(estimate.requests)} requests; the published limits allow them in ${duration(estimate.lowerBoundMs)} (${count(estimate.teams)} ${estimate.teams === 1 ? 'team' : 'teams'}).`,
    ...estimate.doubts.map(({ message }) => `In doubt: ${message}`),
    ...skippedLines(estimate.skipped),
  ].join('\n');
}
