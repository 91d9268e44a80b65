import { expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import type { Load } from '../lake/types.ts';
import { ProgressReporter } from './progress.ts';
import type { ProgressEvent } from './report.ts';
import type { CountingGraph } from './request-plan.ts';

function setup(rows: number) {
  const clock = new VirtualClock();
  const events: ProgressEvent[] = [];
  const graph = { counts: { requests: 1, throttled: 0 }, stats: { stopped: false } };
  const reporter = new ProgressReporter({
    graph: graph as unknown as CountingGraph,
    runtime: clock,
    startedAtMs: clock.now(),
    emit: (event) => void events.push(event),
  });
  reporter.start({ counts: { messages: { rows, deletes: 0, quarantined: 0 }, teams: { rows: 0 } } } as unknown as Load);
  reporter.expect(4);
  return { clock, events, reporter, graph };
}

it('names the tables that have rows', async () => {
  const { clock, events, reporter } = setup(7);
  await clock.pass(600);
  reporter.stop();
  expect(events[0]).toMatchObject({ rows: 7, tables: { messages: 7 } });
  expect(events[0]!.tables).not.toHaveProperty('teams');
});

it('knows no time left before a row has landed, a partition is done, or while the service lets it wait', async () => {
  const empty = setup(0);
  empty.reporter.partitionDone();
  const early = setup(7);
  const waiting = setup(7);
  waiting.graph.stats.stopped = true;
  for (const { clock, reporter, events } of [empty, early, waiting]) {
    await clock.pass(10_000);
    reporter.stop();
    for (const event of events) expect(event).not.toHaveProperty('etaMs');
  }
});

it('says less time left from event to event, and none when the next partition takes longer than those before', async () => {
  const { clock, events, reporter } = setup(7);
  await clock.pass(2_000);
  reporter.partitionDone();
  await clock.pass(20_000);
  reporter.stop();
  const left = events.flatMap(({ etaMs }) => etaMs ?? []);
  expect(left.length).toBeGreaterThan(3);
  expect(left).toEqual(left.toSorted((a, b) => b - a));
  expect(events.at(-1)).not.toHaveProperty('etaMs');
});
