import { z } from 'zod';
import { isSluiceError } from '../errors/sluice-error.ts';
import type { Lake } from '../lake/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { RunReport } from './report.ts';
import { type AskedNames, type ScopeName, scopeNames } from './scope.ts';

/** What a run was asked to read. Absent: everything. */
export interface RunScope extends AskedNames {
  readonly tables: readonly string[];
  /** Ms since 1970. */
  readonly sinceMs?: number | undefined;
  /** The tables were not named: those that are not permitted are left out. */
  readonly onlyGranted?: boolean | undefined;
  readonly untilMs?: number | undefined;
  readonly filter?: string | undefined;
}

const asked = Object.fromEntries(scopeNames.map((name) => [name, z.array(z.string()).optional()])) as Record<
  ScopeName,
  z.ZodOptional<z.ZodArray<z.ZodString>>
>;

const scopeSchema = z.object({
  tables: z.array(z.string()),
  ...asked,
  sinceMs: z.number().optional(),
  onlyGranted: z.boolean().optional(),
  untilMs: z.number().optional(),
  filter: z.string().optional(),
});

const failureSchema = z.object({ resource: z.string(), partition: z.string(), code: z.string() });

const runSchema = z.object({
  id: z.string(),
  /** `sync`, `refresh`, `reset`. */
  command: z.string(),
  scope: scopeSchema,
  /** ISO 8601, by the clock of the host that ran it. */
  startedAt: z.string(),
  /** `running` until it ends: of a run that nobody lets end any more, `killed`. */
  outcome: z.enum(['running', 'ok', 'partial', 'failed', 'killed']),
  finishedAt: z.string().optional(),
  elapsedMs: z.number().optional(),
  /** Change rows that were landed, by table; tables without any are left out. */
  rows: z.record(z.string(), z.number()).default({}),
  quarantined: z.number().default(0),
  requests: z.number().default(0),
  throttled: z.number().default(0),
  skipped: z.number().default(0),
  gaps: z.number().default(0),
  notFilled: z.number().default(0),
  /** Tables that were left out: nobody named them, and they are not permitted. */
  notPermitted: z.array(z.string()).default([]),
  /** Some of what could not be read. */
  failures: z.array(failureSchema).default([]),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** Commit the lake stood at. */
  version: z.number().optional(),
});

/** A run as the lake remembers it. */
export type LoggedRun = z.output<typeof runSchema>;

/** Runs are remembered up to this number. */
export const MOST_RUNS = 100;
const MOST_FAILURES = 5;

/** The runs that were written down, newest first. What cannot be read is left out. */
export function loggedRuns(stored: unknown): readonly LoggedRun[] {
  const parsed = z.object({ runs: z.array(z.unknown()) }).safeParse(stored);
  if (!parsed.success) return [];
  return parsed.data.runs.flatMap((run) => {
    const one = runSchema.safeParse(run);
    return one.success ? [one.data] : [];
  });
}

/** The log with one more run, or with what is known of it now. Runs before it that did not end were killed: one writes at a time. */
export function withRun(stored: unknown, run: LoggedRun): { readonly runs: readonly LoggedRun[] } {
  const others = loggedRuns(stored).filter(({ id }) => id !== run.id);
  return { runs: [run, ...others.map(ended)].slice(0, MOST_RUNS) };
}

const ended = (run: LoggedRun): LoggedRun => (run.outcome === 'running' ? { ...run, outcome: 'killed' } : run);

/** The runs as they are when nobody writes the lake. */
export const endedRuns = (runs: readonly LoggedRun[]): readonly LoggedRun[] => runs.map(ended);

export function begunRun(
  run: Pick<LoggedRun, 'id' | 'command' | 'startedAt'> & { readonly scope: RunScope },
): LoggedRun {
  return runSchema.parse({ ...run, outcome: 'running' });
}

/** The run with what its report says. */
export function finishedRun(
  run: LoggedRun,
  report: Omit<RunReport, 'version'> & { version?: number },
  finishedAt: string,
): LoggedRun {
  const { outcome, elapsedMs, requests, skipped, gaps, notFilled, notPermitted, error, version } = report;
  const tables = Object.entries(report.tables);
  const failures = [...skipped, ...gaps].slice(0, MOST_FAILURES);
  return {
    ...run,
    outcome,
    finishedAt,
    elapsedMs,
    rows: Object.fromEntries(tables.filter(([, { rows }]) => rows > 0).map(([name, { rows }]) => [name, rows])),
    quarantined: tables.reduce((sum, [, { quarantined }]) => sum + quarantined, 0),
    requests: requests.total,
    throttled: requests.throttled,
    skipped: skipped.length,
    gaps: gaps.length,
    notFilled: notFilled.length,
    notPermitted: notPermitted.map(({ table }) => table),
    failures: failures.map(({ resource, partition, code }) => ({ resource, partition, code })),
    error,
    version,
  };
}

/** Writes down that positions were forgotten. */
export async function logReset(
  lake: Pick<Lake, 'runs' | 'keepRuns'>,
  runtime: Pick<Runtime, 'id' | 'now'>,
  scope: RunScope,
): Promise<void> {
  const startedAt = new Date(runtime.now()).toISOString();
  const run = begunRun({ id: runtime.id(), command: 'reset', scope, startedAt });
  await lake.keepRuns(withRun(await lake.runs(), { ...run, outcome: 'ok', finishedAt: startedAt }));
}

/** Writes down that a run began. @returns what writes down how it ended */
export async function logRun(
  lake: Pick<Lake, 'runs' | 'keepRuns'>,
  runtime: Pick<Runtime, 'id' | 'now'>,
  { command, scope }: { readonly command: string; readonly scope: RunScope },
): Promise<(report: Omit<RunReport, 'version'> & { readonly version?: number }) => Promise<void>> {
  const now = () => new Date(runtime.now()).toISOString();
  const begun = begunRun({ id: runtime.id(), command, scope, startedAt: now() });
  const stored = await lake.runs();
  await lake.keepRuns(withRun(stored, begun));
  return async (report) => {
    try {
      await lake.keepRuns(withRun(stored, finishedRun(begun, report, now())));
    } catch (error) {
      // Its rows are committed: a run is not worse for what cannot be written of it. The next one calls it killed.
      if (!isSluiceError(error) || error.surface !== 'lake') throw error;
    }
  };
}
