import { sharedSignal } from '../runtime/concurrency.ts';
import { createTelemetry } from '../telemetry/telemetry.ts';
import { idsOfNames } from './by-name.ts';
import { checkEdges } from './edges.ts';
import { refuseAnotherTenant } from './lake-source.ts';
import { observeReport } from './observe.ts';
import type { SyncOptions } from './options.ts';
import { failureOf, unstartedRun } from './outcomes.ts';
import { planReads } from './plan.ts';
import type { RunReport } from './report.ts';
import { CountingGraph } from './request-plan.ts';
import { logRun } from './run-log.ts';
import { askedOf, namesOf } from './scope.ts';
import { SyncRun } from './sync-run.ts';

/**
 * One run: reads what the tables need and lands it. Never throws for what went wrong at a single partition: that is in
 * the report. An abort commits what is complete and reports `partial`.
 *
 * @throws SluiceError for wrong options and a refused sign-in, before anything is read; later failures of lake or Graph
 * as a whole are in the report (`failed`).
 */
export async function sync(options: SyncOptions, outer: AbortSignal): Promise<RunReport> {
  const signal = sharedSignal(outer);
  const { lake, runtime, tables, sinceMs, untilMs, onlyGranted, filter, command = 'sync' } = options;
  checkEdges(options, runtime.now());
  const scope = { ...namesOf(options), tables: tables.map(({ name }) => name), sinceMs, untilMs, onlyGranted, filter };
  const finish = await logRun(lake, runtime, { command, scope });
  try {
    const report = await withExports(await readAndLand(options, signal), options, signal);
    await finish(report);
    options.onEvent?.(report);
    return report;
  } catch (error) {
    await finish(unstartedRun(error, signal));
    throw error;
  }
}

/** What the run landed is in the lake, whatever becomes of what is written for others. */
async function withExports(
  report: RunReport,
  { exportsAfter }: Pick<SyncOptions, 'exportsAfter'>,
  signal: AbortSignal,
): Promise<RunReport> {
  if (exportsAfter === undefined || signal.aborted || report.version === 0) return report;
  const notExported = await exportsAfter(signal).catch((error: unknown) => [failureOf(error, signal)]);
  if (notExported.length === 0) return report;
  return { ...report, outcome: report.outcome === 'ok' ? 'partial' : report.outcome, notExported };
}

async function readAndLand(given: SyncOptions, signal: AbortSignal): Promise<RunReport> {
  const startedAtMs = given.runtime.now();
  const permissions = await given.graph.permissions(signal);
  const source = await given.graph.source?.(signal);
  refuseAnotherTenant(given.lake.facts, source);
  const { tables, strategy, filter } = given;
  // Before anything is asked for, names neither: what cannot be read so is refused.
  const plan = planReads({ tables, permissions, strategy, asked: askedOf(namesOf(given)), filter });
  const pages = new CountingGraph(given.graph);
  const { names, ids, skipped: unnamed } = await idsOfNames(pages, namesOf(given), signal);
  given.onNames?.(ids);
  const options = { ...given, ...names };
  const telemetry = options.telemetry ?? createTelemetry();
  telemetry.log('sync.started', { tables: options.tables.map(({ name }) => name) });
  const before = options.lake.version;
  const report = await telemetry.span('sluice.sync.run', {}, async (annotate) => {
    const facts = { plan, startedAtMs, source, permissions, pages, unnamed: [...(given.unfound ?? []), ...unnamed] };
    const finished = await new SyncRun(options, facts, signal).execute();
    annotate({ outcome: finished.outcome });
    return finished;
  });
  observeReport(telemetry, report, report.version - before);
  return report;
}
