import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { allRows, allTruth, withFolder } from '../support/lake.ts';
import { reportOf, runSluice, startSluice } from '../support/sluice.ts';
import { ofTeamTables } from '../support/team-tables.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let twin: TestTwin;
beforeEach(async () => {
  twin = await startTwin({ teams: 2, channels: 3, messages: 250, users: 10, seed: 4, limits: 'none' });
});
afterEach(() => twin.close());

const args = (lake: string) => [
  ...['sync', '--lake', lake, '--limits', 'none', '--json', '--commit-seconds', '1'],
  ...ofTeamTables,
];

/** Starts a first load that is slowed down, and waits until rows have been committed. */
async function startSlowly(lake: string) {
  await twin.post('/faults', { kind: 'slow', delayMs: 400, route: '/teams/{id}/channels/getAllMessages' });
  const run = startSluice(args(lake), twin.env);
  for await (const line of createInterface({ input: run.child.stdout! })) {
    const event = JSON.parse(line) as { event: string; rows?: number };
    if (event.event === 'progress' && event.rows! > 0) break;
  }
  return run;
}

describe.each(['SIGINT', 'SIGTERM'] as const)('%s in the middle of a first load', (signal) => {
  it('ends cleanly, and the next run goes on where it was', async () => {
    await withFolder(async (lake) => {
      const { child, finished } = await startSlowly(lake);
      child.kill(signal);
      const stopped = await finished;
      await twin.delete('/faults');
      expect(stopped, stopped.err).toMatchObject({ code: 3, signal: null });
      expect(reportOf(stopped)).toMatchObject({ outcome: 'partial', error: { code: 'interrupted' } });
      expect(stopped.err).not.toMatch(/\n\s+at /);

      const rest = reportOf(await runSluice(args(lake), twin.env));
      expect(rest.outcome).toBe('ok');
      expect(await allRows(lake)).toEqual(await allTruth(twin.ledger));
      await withFolder(async (fresh) => {
        const whole = reportOf(await runSluice(args(fresh), twin.env));
        // Its requests may be more: a read that was interrupted goes on to now before it says so.
        expect(rest.tables['messages']!.rows).toBeLessThan(whole.tables['messages']!.rows);
      });
    });
  });
});

it('a command that only asks says that it was stopped', async () => {
  await twin.post('/faults', { kind: 'hang', route: '/teams/{id}/channels' });
  const { child, finished } = startSluice(['plan', '--lake', './nowhere'], twin.env);
  await expect
    .poll(() => twin.get<{ faults: [{ hits: number }] }>('/faults').then(({ faults }) => faults[0].hits), {
      timeout: 60_000,
    })
    .toBeGreaterThan(0);
  child.kill('SIGINT');
  expect(await finished).toMatchObject({ code: 3, out: '', err: 'interrupted: Stopped on request.\n' });
});

it('a second signal ends at once', async () => {
  await withFolder(async (lake) => {
    const { child, finished } = await startSlowly(lake);
    // The first one waits for the commit; the second does not. Two equal signals at once would arrive as one.
    child.kill('SIGINT');
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect((await finished).code).toBe(1);
    await twin.delete('/faults');
    expect(reportOf(await runSluice(args(lake), twin.env)).outcome).toBe('ok');
    expect(await allRows(lake)).toEqual(await allTruth(twin.ledger));
  });
});
