import { describe, expect, it } from 'vitest';
import { unstartedRun } from './outcomes.ts';
import { begunRun, finishedRun, loggedRuns, MOST_RUNS, withRun } from './run-log.ts';

const begun = (id: string) =>
  begunRun({ id, command: 'sync', startedAt: '2026-01-01T00:00:00.000Z', scope: { tables: ['teams'] } });
const report = unstartedRun(new Error('no'), new AbortController().signal);

describe('the log of runs', () => {
  it('keeps a run once, as what is known of it now', () => {
    const first = withRun(undefined, begun('a'));
    const ended = withRun(first, finishedRun(begun('a'), report, '2026-01-01T00:01:00.000Z'));
    expect(loggedRuns(ended).map(({ id, outcome }) => [id, outcome])).toEqual([['a', 'failed']]);
  });

  it('calls a run killed that did not end before the next one began', () => {
    const log = withRun(withRun(undefined, begun('a')), begun('b'));
    expect(loggedRuns(log).map(({ id, outcome }) => [id, outcome])).toEqual([
      ['b', 'running'],
      ['a', 'killed'],
    ]);
  });

  it('has an end', () => {
    let log: unknown;
    for (let at = 0; at < MOST_RUNS + 3; at += 1) log = withRun(log, begun(String(at)));
    expect(loggedRuns(log)).toHaveLength(MOST_RUNS);
    expect(loggedRuns(log)[0]!.id).toBe(String(MOST_RUNS + 2));
  });

  it.each([undefined, null, 'none', {}, { runs: 1 }, { runs: [null, 1, { id: 'a' }] }])(
    'holds nothing in %j',
    (stored) => {
      expect(loggedRuns(JSON.parse(JSON.stringify(stored ?? null)))).toEqual([]);
    },
  );

  it('comes back from JSON as it was', () => {
    const log = withRun(undefined, finishedRun(begun('a'), report, '2026-01-01T00:01:00.000Z'));
    expect(loggedRuns(JSON.parse(JSON.stringify(log)))).toEqual(loggedRuns(log));
  });
});
