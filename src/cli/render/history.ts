import type { LoggedRun } from '../../sync/run-log.ts';
import { count, duration } from './table.ts';

/** One run in a line. */
export function runLine(run: LoggedRun): string {
  const { command, startedAt, outcome, elapsedMs, requests, error } = run;
  const took = elapsedMs === undefined ? '' : `, ${duration(elapsedMs)}`;
  return `${command} of ${startedAt}: ${outcome}${took}, ${rowsOf(run)}, ${count(requests)} requests${error ? ` (${error.code})` : ''}.`;
}

/** What a run landed, by table. */
export function rowsOf({ rows }: LoggedRun): string {
  const landed = Object.entries(rows).map(([table, landedRows]) => `${table} ${count(landedRows)}`);
  return landed.length > 0 ? landed.join(', ') : 'no rows';
}

/** Why it did not end well. */
export function troubleOf({ outcome, error, skipped, gaps, notFilled, quarantined, failures }: LoggedRun): string {
  const codes = [...new Set(failures.map(({ code }) => code))].join(', ');
  const parts = [
    ...(error ? [error.code] : []),
    ...(skipped > 0 ? [`${count(skipped)} skipped`] : []),
    ...(gaps > 0 ? [`${count(gaps)} gaps`] : []),
    ...(notFilled > 0 ? [`${count(notFilled)} not filled`] : []),
    ...(quarantined > 0 ? [`${count(quarantined)} set aside`] : []),
    ...(codes ? [`(${codes})`] : []),
    ...(outcome === 'killed' ? ['it did not end by itself'] : []),
  ];
  return parts.join(', ').replaceAll(', (', ' (');
}
