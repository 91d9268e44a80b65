import { isDeepStrictEqual } from 'node:util';
import type { RunReport } from './report.ts';

/** What a run was asked to read. Absent: everything. */
export interface RunScope {
  readonly tables: readonly string[];
  readonly teams?: readonly string[] | undefined;
  readonly channels?: readonly string[] | undefined;
  /** Ms since 1970. */
  readonly sinceMs?: number | undefined;
}

/** A run that ended with "ok", as the lake remembers it. */
export interface FinishedRun {
  readonly scope: RunScope;
  /** ISO 8601, by the clock of the host that ran it. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** The fact of a lake that holds its finished runs. */
const FACT = 'finishedRuns';
const MOST_RUNS = 20;

/** Facts that remember one more run: the latest of each scope. */
export function withFinishedRun(
  facts: Readonly<Record<string, unknown>>,
  run: FinishedRun,
): Readonly<Record<string, unknown>> {
  const others = finishedRuns(facts).filter(({ scope }) => !isDeepStrictEqual(plain(scope), plain(run.scope)));
  return { [FACT]: [plain(run), ...others].slice(0, MOST_RUNS) };
}

/** A run that began at `sinceMs` or later, has ended well, and read all that is asked for now. */
export function freshRun(
  facts: Readonly<Record<string, unknown>>,
  scope: RunScope,
  sinceMs: number,
): FinishedRun | undefined {
  return finishedRuns(facts).find((run) => Date.parse(run.startedAt) >= sinceMs && covers(run.scope, scope));
}

/** The report of a run that had nothing to do. */
export function freshReport(run: FinishedRun, version: number): RunReport {
  return {
    event: 'run',
    outcome: 'ok',
    tables: {},
    requests: { total: 0, throttled: 0, retried: 0 },
    plan: { requests: 0, lowerBoundMs: 0 },
    elapsedMs: 0,
    skipped: [],
    fallbacks: [],
    gaps: [],
    strategies: {},
    version,
    freshSince: run.startedAt,
  };
}

function covers(done: RunScope, wanted: RunScope): boolean {
  const within = (all: readonly string[] | undefined, some: readonly string[] | undefined) =>
    all === undefined || (some?.every((id) => all.includes(id)) ?? false);
  return (
    within(done.tables, wanted.tables) &&
    within(done.teams, wanted.teams) &&
    within(done.channels, wanted.channels) &&
    (done.sinceMs === undefined || (wanted.sinceMs !== undefined && wanted.sinceMs >= done.sinceMs))
  );
}

/** What a lake holds is parsed: a run that cannot be read is none. */
function finishedRuns(facts: Readonly<Record<string, unknown>>): readonly FinishedRun[] {
  const runs = facts[FACT];
  return Array.isArray(runs) ? runs.filter(isFinishedRun) : [];
}

function isFinishedRun(value: unknown): value is FinishedRun {
  if (typeof value !== 'object' || value === null || !('scope' in value) || !('startedAt' in value)) return false;
  const { scope, startedAt } = value;
  const hasTables = typeof scope === 'object' && scope !== null && 'tables' in scope && Array.isArray(scope.tables);
  return hasTables && typeof startedAt === 'string';
}

/** As JSON keeps it. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
