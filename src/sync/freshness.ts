import { NOTHING_READ } from './outcomes.ts';
import type { RunReport } from './report.ts';
import type { LoggedRun, RunScope } from './run-log.ts';
import { askedOf } from './scope.ts';

/** Which runs will do. */
export interface Freshness {
  /** They began then or later. */
  readonly sinceMs: number;
  /** Also those that could read only a part: another one now would not read more. */
  readonly takesPartial?: boolean | undefined;
}

/** A run that began at `sinceMs` or later, has ended well, and read all that is asked for now. */
export function freshRun(
  runs: readonly LoggedRun[],
  scope: RunScope,
  { sinceMs, takesPartial = false }: Freshness,
): LoggedRun | undefined {
  const isGood = ({ outcome }: LoggedRun) => outcome === 'ok' || (takesPartial && outcome === 'partial');
  // What was put back after a run is to be read again, whatever that run has read.
  const since = runs.findIndex(({ command, outcome }) => command !== 'sync' && outcome !== 'ok');
  const reset = runs.findIndex(({ command }) => command === 'reset');
  const last = Math.min(...[since, reset].map((index) => (index < 0 ? runs.length : index)));
  return runs.slice(0, last).find((run) => isGood(run) && Date.parse(run.startedAt) >= sinceMs && covers(run, scope));
}

/** The report of a run that had nothing to do. */
export function freshReport(run: LoggedRun, version: number): RunReport {
  return {
    ...NOTHING_READ,
    outcome: run.outcome === 'partial' ? 'partial' : 'ok',
    skipped: run.failures.map((failure) => ({ ...failure, message: failure.code })),
    version,
    freshSince: run.startedAt,
  };
}

function covers({ scope: done, notPermitted }: LoggedRun, wanted: RunScope): boolean {
  const within = (all: readonly string[], some: readonly string[] | undefined) =>
    some?.every((id) => all.includes(id)) ?? false;
  const asked = askedOf(wanted);
  // What a run left out is no answer to whoever names it.
  const read = wanted.onlyGranted ? done.tables : done.tables.filter((table) => !notPermitted.includes(table));
  return (
    within(read, wanted.tables) &&
    (done.filter === undefined || done.filter === wanted.filter) &&
    [...askedOf(done)].every(([name, ids]) => within(ids, asked.get(name))) &&
    (done.sinceMs === undefined || (wanted.sinceMs !== undefined && wanted.sinceMs >= done.sinceMs)) &&
    (done.untilMs === undefined || (wanted.untilMs !== undefined && wanted.untilMs <= done.untilMs))
  );
}
