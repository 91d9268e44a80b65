import { Command } from 'commander';
import type { GraphClient } from '../../graph/types.ts';
import { readState } from '../../lake/log/log.ts';
import { writtenTables } from '../../lake/log/row-counts.ts';
import type { ObjectStore } from '../../lake/stores/object-store.ts';
import type { PartitionKey, Position } from '../../lake/types.ts';
import { resourceNamed } from '../../resources/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { TableShape } from '../../schema/column.ts';
import { idsOfNames } from '../../sync/by-name.ts';
import { estimateRun } from '../../sync/estimate.ts';
import type { ResourceEstimate, RunEstimate } from '../../sync/estimated.ts';
import { type FillingPlan, notFilled, planFilling, positionsAfter } from '../../sync/filling.ts';
import { refuseAnotherTenant } from '../../sync/lake-source.ts';
import type { Filling, NotFilled } from '../../sync/report.ts';
import { type AskedNames, askedOf, isAsked, namesOf } from '../../sync/scope.ts';
import type { VerifyOptions } from '../../sync/verify.ts';
import { configInput } from '../configuration.ts';
import { withConnection } from '../connect.ts';
import type { ExitCode, Io } from '../io.ts';
import { lakeAt } from '../lake.ts';
import { lakeOptionOff, readKeys, withLakeOptions } from '../lake-options.ts';
import { lakeSettings, verifyOf } from '../lake-settings.ts';
import { inspectLake } from '../lake-state.ts';
import { chosenTables, configOption, jsonOption } from '../options.ts';
import { absentLines, fillingLine, filterLines, notFilledLines, skippedLines } from '../render/report.ts';
import { count, duration, renderTable } from '../render/table.ts';
import { lakeOfConnection, sayTenant } from '../tenants.ts';
import { unkeptContents } from '../unkept-contents.ts';

/** What a plan is about. */
export interface PlanOptions extends AskedNames {
  readonly store: ObjectStore;
  /** Milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly strategy?: string | undefined;
  readonly filter?: string | undefined;
  readonly max_pages?: number | undefined;
  readonly max_records?: number | undefined;
  readonly verify?: VerifyOptions | undefined;
  readonly json?: boolean | undefined;
  /** The tables were not named. */
  readonly onlyGranted?: boolean | undefined;
}

/** `sluice plan`: what a sync would read, with how many requests, and how long the published limits make it take. */
export function planCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return withLakeOptions(new Command('plan'), readKeys)
    .description(
      'Says for each resource: the read strategy, the requests, and the time the published limits allow them in. The size of a first load is estimated from a sample of teams.',
    )
    .addOption(lakeOptionOff('hosted_contents'))
    .addOption(configOption())
    .addOption(jsonOption('print the plan as JSON'))
    .addHelpText('after', '\nExample:\n  sluice plan --tables messages,message_replies')
    .action(async (options: { readonly config?: string; readonly json?: boolean }) => {
      const settings = await lakeSettings(io, options);
      const tables = chosenTables(settings.tables, settings);
      const onlyGranted = settings.tables === undefined;
      const named = await lakeAt(io, settings);
      const input = configInput(io, { config: options.config });
      exit(
        await withConnection(input, async ({ graph, runtime }) => {
          const lake = await lakeOfConnection(io, graph, { lake: named, isReadOnly: true });
          sayTenant(io, lake, options);
          const plan = { ...settings, store: lake.store, json: options.json, onlyGranted, verify: verifyOf(settings) };
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
    positions?: Readonly<Record<PartitionKey, Position | null>> | undefined;
  },
): Promise<ExitCode> {
  const { names, skipped } = await idsOfNames(run.graph, namesOf(run.options), io.signal);
  const options = { ...run.options, ...names };
  const stored = await readState(options.store, io.signal);
  const state = { ...stored, positions: positionsAfter(stored.positions, run.positions ?? {}) };
  refuseAnotherTenant(state.meta, await run.graph.source?.(io.signal));
  const filling = await planFilling(inspectLake(options.store, state));
  const positions = positionsAfter(state.positions, filling.positions);
  const found = await estimateRun(
    {
      graph: run.graph,
      runtime: run.runtime,
      tables: run.tables,
      positions,
      strategy: options.strategy,
      filter: options.filter,
      maxPages: options.max_pages,
      maxRecords: options.max_records,
      verify: options.verify,
      ...namesOf(options),
      sinceMs: options.since,
      onlyGranted: options.onlyGranted,
      written: writtenTables(stored),
      unkept: (contents) => unkeptContents(options.store, contents, io.signal),
      untilMs: options.until,
    },
    io.signal,
  );
  const estimate = { ...found, skipped: [...skipped, ...found.skipped] };
  const { records, ...rest } = estimate;
  const news = newsOf({ tables: run.tables, options }, { ...filling, positions });
  io.out(
    options.json
      ? `${JSON.stringify({ event: 'plan', ...records, ...rest, ...news })}\n`
      : `${[render(estimate, io, !options.onlyGranted), ...news.fillings.map(fillingLine), ...notFilledLines(news.notFilled)].join('\n')}\n`,
  );
  return estimate.skipped.length + news.notFilled.length > 0 ? 3 : 0;
}

/** What came after the rows of the lake, of the tables and teams that the run is about. */
function newsOf(
  { tables, options }: { readonly tables: readonly TableShape[]; readonly options: PlanOptions },
  filling: Pick<FillingPlan, 'fillings' | 'landings'> & { readonly positions: ReadonlyMap<PartitionKey, Position> },
): { readonly fillings: readonly Filling[]; readonly notFilled: readonly NotFilled[] } {
  const resources = new Set(tables.map(({ resource }) => resource));
  const asked = askedOf(options);
  const landed = filling.landings.flatMap((landing) => [...landing.positions]);
  return {
    fillings: filling.fillings.filter(({ resource }) => resources.has(resource)),
    notFilled: notFilled(new Map([...filling.positions, ...landed]), tables, (place, resource) => {
      return resources.has(resource) && isAsked(asked, resourceNamed(resource), place);
    }),
  };
}

const LEFT_OUT =
  'What is not granted is asked for once; a sync leaves it out when Graph refuses, and reads it when it is granted.';

/** What a cap leaves for the next run. */
function cutLine({ tables, unfinished }: ResourceEstimate): string[] {
  if (unfinished === 0) return [];
  const places = `${count(unfinished)} ${unfinished === 1 ? 'place' : 'places'}`;
  return [`A cap ends the run before the end of ${tables.join(', ')} of ${places}: the next run goes on.`];
}

/** ` (12 teams)`. */
function sayRecords(records: RunEstimate['records']): string {
  const parts = Object.entries(records).map(([name, n]) => `${count(n)} ${n === 1 ? name.replace(/s$/, '') : name}`);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

/** The permission that a resource lacks, by what Graph said, else by what the token shows. */
function lackingOf({ doubts, notPermitted }: RunEstimate, { resource, tables }: ResourceEstimate): string {
  const refused = notPermitted.find(({ table }) => tables.includes(table));
  const doubted = doubts.flatMap((doubt) => (doubt.resource === resource ? doubt.permission : []));
  return (refused?.missing ?? doubted).join(', ');
}

function render(estimate: RunEstimate, io: Io, isNamed: boolean): string {
  const lacking = estimate.resources.map((resource) => lackingOf(estimate, resource));
  const isAnyLacking = lacking.some((permissions) => permissions !== '');
  const rows = [...estimate.resources, ...estimate.verified].map((resource, at) => [
    `${resource.tables.join(', ')}${at < lacking.length ? '' : ' once more (--verify-reactions)'}`,
    resource.strategy,
    `${resource.basis === 'sampled' ? '~' : ''}${count(resource.requests)}`,
    duration(resource.lowerBoundMs),
    resource.basis,
    ...(isAnyLacking ? [lacking[at] ?? ''] : []),
  ]);
  const heads = ['tables', 'strategy', 'requests', 'at least', 'basis', ...(isAnyLacking ? ['not granted'] : [])];
  return [
    renderTable(heads, rows, { ...io, wrap: true }),
    '',
    `In all ${count(estimate.requests)} requests; the published limits allow them in ${duration(estimate.lowerBoundMs)}${sayRecords(estimate.records)}.`,
    ...filterLines(estimate.filter),
    ...estimate.resources.flatMap(cutLine),
    ...(isNamed ? estimate.doubts.map(({ message }) => `In doubt: ${message}`) : []),
    ...(isAnyLacking && !isNamed ? [LEFT_OUT] : []),
    ...absentLines(estimate.absent),
    ...skippedLines(estimate.skipped),
  ].join('\n');
}
