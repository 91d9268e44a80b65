import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { allRows, allTruth, withFolder } from '../support/lake.ts';
import { runSluice, startSluice } from '../support/sluice.ts';
import { ofTeamTables } from '../support/team-tables.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let twin: TestTwin;
beforeEach(async () => {
  twin = await startTwin({ teams: 1, channels: 2, messages: 20, users: 5, seed: 9, limits: 'none' });
});
afterEach(() => twin.close());

interface Line {
  readonly event: string;
  readonly url?: string;
  readonly outcome?: string;
}

/** As when a secret has just been replaced. */
const signInRefused = {
  ...{ kind: 'status', service: 'login', status: 401 },
  body: { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided.' },
};

const args = (lake: string) => [
  ...['run', '--every', '1s', '--lake', lake, '--limits', 'none', '--json', '--port', '0'],
  ...ofTeamTables,
];

it('reads what came since, tells a round that failed, goes on after it, and ends cleanly when it is told to', async () => {
  await withFolder(async (lake) => {
    const { child, finished } = startSluice(args(lake), twin.env);
    let url = '';
    const outcomes: string[] = [];
    for await (const text of createInterface({ input: child.stdout! })) {
      const line = JSON.parse(text) as Line;
      if (line.event === 'listening') url = line.url!;
      if (line.event === 'run') outcomes.push(line.outcome!);
      if (line.event !== 'waiting') continue;
      if (outcomes.length === 1) await twin.post('/faults', signInRefused);
      if (outcomes.at(-1) === 'failed') await twin.delete('/faults');
      if (outcomes.length > 1 && outcomes.at(-1) === 'ok') break;
    }
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^sluice_run_rounds_total\{outcome="ok"\} \d+/m);
    expect(metrics).toMatch(/^sluice_run_last_ok\S* \d{10}/m);
    expect(metrics).toMatch(/^sluice_sync_rows_total\{table="messages"\} \d+/m);
    expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: 'running', last: { outcome: 'ok' } });
    child.kill('SIGTERM');
    const ended = await finished;
    expect(ended, ended.err).toMatchObject({ code: 0, signal: null });
    expect(outcomes).toContain('failed');
    expect(await allRows(lake)).toEqual(await allTruth(twin.ledger));
  });
});

it('refuses at once what the command line says wrongly', async () => {
  const never = await runSluice(['run', '--every', '0s'], twin.env);
  expect(never).toMatchObject({ code: 2 });
  expect(never.err).toContain('Give at least 1s.');
  expect(await runSluice(['run', '--every', '1s', '--tables', 'nothing'], twin.env)).toMatchObject({ code: 2 });
});
