import { Command } from 'commander';
import type { GraphClient } from '../../graph/types.ts';
import { readState } from '../../lake/log/log.ts';
import type { ObjectStore } from '../../lake/stores/object-store.ts';
import type { PartitionKey, Position } from '../../lake/types.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { TableShape } from '../../schema/column.ts';
import { estimateRun, type ResourceEstimate, type RunEstimate } from '../../sync/estimate.ts';
import { type FillingPlan, notFilled, planFilling, positionsAfter } from '../../sync/filling.ts';
import { refuseAnotherTenant } from '../../sync/lake-source.ts';
import type { Filling, NotFilled } from '../../sync/report.ts';
import { configInput } from '../configuration.ts';
import { withConnection } from '../connect.ts';
import type { ExitCode, Io } from '../io.ts';
import { lakeAt } from '../lake.ts';
import { lakeOption } from '../lake-options.ts';
import { lakeSettings } from '../lake-settings.ts';
import { inspectLake } from '../lake-state.ts';
import { chosenTables, configOption, jsonOption } from '../options.ts';
import { fillingLine, notFilledLines, skippedLines } from '../render/report.ts';
import { count, duration, renderTable } from '../render/table.ts';
import { lakeOfConnection, sayTenant } from '../tenants.ts';

/** What a plan is about. */
export interface PlanOptions {
  readonly store: ObjectStore;
  readonly teams?: readonly string[] | undefined;
  readonly channels?: readonly string[] | undefined;
  /** Milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly strategy?: string | undefined;
  readonly json?: boolean | undefined;
}

/** `sluice plan`: what a sync would read, with how many requests, and how long the published limits make it take. */
export function planCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('plan')
    .description(
      'Says for each resource: the read strategy, the requests, and the time the published limits allow them in. The size of a first load is estimated from a sample of teams.',
    )
    .addOption(lakeOption('tables'))
    .addOption(lakeOption('url'))
    .addOption(lakeOption('teams'))
    .addOption(lakeOption('channels'))
    .addOption(lakeOption('since'))
    .addOption(lakeOption('strategy'))
    .addOption(configOption())
    .addOption(jsonOption('print the plan as JSON'))
    .addHelpText('after', '\nExample:\n  sluice plan --tables messages,message_replies')
    .action(async (options: { readonly config?: string; readonly json?: boolean }) => {
      const settings = await lakeSettings(io, options);
      const tables = chosenTables(settings.tables);
      const named = await lakeAt(settings.url);
      const input = configInput(io, { config: options.config });
      exit(
        await withConnection(input, async ({ graph, runtime }) => {
          const lake = await lakeOfConnection(io, graph, { lake: named, isReadOnly: true });
          sayTenant(io, lake, options);
          const plan = { ...settings, store: lake.store, json: options.json };
          return printPlan(io, { graph, runtime, tables, options: plan });
        }),
      );
    });
}

/** Prints the plan of a run; also what `sync --dry-run` does. */
export async function printPlan(
  io: Io,
  run: {
    graph: GraphClient;
    runtime: Runtime;
    tables: readonly TableShape[];
    options: PlanOptions;
    /** Positions that the run would begin with, beside those of the lake. */
    positions?: Readonly<Record<PartitionKey, Position>> | undefined;
  },
): Promise<ExitCode> {
  const { options } = run;
  const stored = await readState(options.store, io.signal);
  const asked = Object.entries(run.positions ?? {}) as [PartitionKey, Position | null][];
  const state = { ...stored, positions: withPositions(stored.positions, asked) };
  refuseAnotherTenant(state.meta, await run.graph.source?.(io.signal));
  const filling = await planFilling(inspectLake(options.store, state));
  const positions = positionsAfter(state.positions, filling);
  const estimate = await estimateRun(
    {
      graph: run.graph,
      runtime: run.runtime,
      tables: run.tables,
      positions,
      strategy: options.strategy,
      teams: options.teams,
      channels: options.channels,
      sinceMs: options.since,
    },
    io.signal,
  );
  const { records, ...rest } = estimate;
  const news = newsOf(run, { ...filling, positions });
  io.out(
    options.json
      ? `${JSON.stringify({ event: 'plan', ...records, ...rest, ...news })}\n`
      : `${[render(estimate, io), ...news.fillings.map(fillingLine), ...notFilledLines(news.notFilled)].join('\n')}\n`,
  );
  return estimate.skipped.length + news.notFilled.length > 0 ? 3 : 0;
}

function withPositions(
  stored: ReadonlyMap<PartitionKey, Position>,
  changes: readonly (readonly [PartitionKey, Position | null])[],
): ReadonlyMap<PartitionKey, Position> {
  const positions = new Map(stored);
  for (const [key, position] of changes) {
    if (position === null) positions.delete(key);
    else positions.set(key, position);
  }
  return positions;
}

/** What came after the rows of the lake, of the tables and teams that the run is about. */
function newsOf(
  { tables, options }: { readonly tables: readonly TableShape[]; readonly options: PlanOptions },
  filling: Pick<FillingPlan, 'fillings' | 'landings'> & { readonly positions: ReadonlyMap<PartitionKey, Position> },
): { readonly fillings: readonly Filling[]; readonly notFilled: readonly NotFilled[] } {
  const resources = new Set(tables.map(({ resource }) => resource));
  const landed = filling.landings.flatMap((landing) => [...landing.positions]);
  return {
    fillings: filling.fillings.filter(({ resource }) => resources.has(resource)),
    notFilled: notFilled(new Map([...filling.positions, ...landed]), tables, ({ ids }, resource) => {
      return resources.has(resource) && (options.teams?.includes(ids[0]!) ?? true);
    }),
  };
}

/** ` (12 teams)`. */
function sayRecords(records: RunEstimate['records']): string {
  const parts = Object.entries(records).map(([name, n]) => `${count(n)} ${n === 1 ? name.replace(/s$/, '') : name}`);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
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
    `In all ${count(estimate.requests)} requests; the published limits allow them in ${duration(estimate.lowerBoundMs)}${sayRecords(estimate.records)}.`,
    ...estimate.doubts.map(({ message }) => `In doubt: ${message}`),
    ...skippedLines(estimate.skipped),
  ].join('\n');
}
