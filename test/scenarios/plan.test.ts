import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectionOf } from '../../src/config/connection.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createGraphClient } from '../../src/graph/client.ts';
import { readState } from '../../src/lake/log/log.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { systemRuntime } from '../../src/runtime/runtime.ts';
import { estimateRun } from '../../src/sync/estimate.ts';
import type { EstimateOptions } from '../../src/sync/estimated.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { withFolder } from '../support/lake.ts';
import { reportOf, runSluice } from '../support/sluice.ts';
import { ofTeamTables, TEAM_TABLES } from '../support/team-tables.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let twin: TestTwin;
beforeAll(async () => {
  twin = await startTwin({ teams: 4, channels: 4, messages: 150, users: 20, seed: 7, limits: 'none' });
});
afterEach(() => twin.delete('/faults'));
afterAll(() => twin.close());

const ofTeams = tables.filter(({ name }) => TEAM_TABLES.includes(name));
const messages = tables.filter(({ name }) => name === 'messages');

async function estimate(lake: string, options: Partial<EstimateOptions> = {}) {
  const runtime = { ...systemRuntime, random: () => 0.5 };
  const identity = connectionOf((await loadConfig({ environment: twin.env })).config);
  const urls = { graphUrl: identity.graphUrl!, loginUrl: identity.loginUrl! };
  const graph = createGraphClient({ identity, runtime, limits: [], ...urls });
  try {
    const positions = (await readState(fileStore(lake))).positions;
    return await estimateRun({ graph, runtime, tables: ofTeams, positions, ...options }, new AbortController().signal);
  } finally {
    await graph.close();
  }
}

const syncInto = async (lake: string, ...args: string[]) =>
  reportOf(await runSluice(['sync', '--lake', lake, '--limits', 'none', '--json', ...ofTeamTables, ...args], twin.env));

describe.each(['export', 'recent'])('the plan of a first load by %s', (strategy) => {
  it('is near what the run asks, and exact once the tenant is idle', async () => {
    await withFolder(async (lake) => {
      const first = await estimate(lake, { strategy });
      const run = await syncInto(lake, '--strategy', strategy);
      expect(first.resources.at(-1)).toMatchObject({ resource: 'channel_messages', basis: 'sampled' });
      expect(first.requests).toBeGreaterThan(run.requests.total / 1.5);
      expect(first.requests).toBeLessThan(run.requests.total * 2.5);
      // The list of the largest channel takes the longest: one request a second.
      expect(first.lowerBoundMs).toBeGreaterThan(run.plan.lowerBoundMs / 2);

      const idle = await estimate(lake, { strategy });
      expect(idle.resources.at(-1)).toMatchObject({ basis: 'at least' });
      expect(idle.requests).toBe((await syncInto(lake, '--strategy', strategy)).requests.total);
    });
  });
});

describe('the plan', () => {
  it('of chosen channels counts these', async () => {
    const channel = (await twin.ledger('channels'))[0]!;
    await withFolder(async (lake) => {
      const channels = [String(channel['id'])];
      const plan = await estimate(lake, { channels, tables: messages });
      await syncInto(lake, '--channel', channels[0]!, '--tables', 'messages');
      const idle = await estimate(lake, { channels, tables: messages });
      // The listings of teams and of their channels, and the channel.
      expect(idle.requests).toBe(1 + 4 + 1);
      expect([plan, idle].map(({ resources }) => resources[0]!.basis)).toEqual(['sampled', 'at least']);
      // One channel was read before; the rest of the team was not.
      const teams = [String(channel['team_id'])];
      expect((await estimate(lake, { teams, tables: messages })).resources[0]!.basis).toBe('sampled');
      expect(plan.requests).toBeGreaterThan(idle.requests);
    });
  });

  it('goes by the channel lists where export is refused', async () => {
    await withFolder(async (lake) => {
      const lists = await estimate(lake, { strategy: 'recent', tables: messages });
      await twin.post('/faults', { kind: 'forbidden', route: '/teams/{id}/channels/getAllMessages' });
      const plan = await estimate(lake, { tables: messages });
      expect(plan).toMatchObject({ requests: lists.requests, skipped: [] });
    });
  });

  it('names a team that cannot be read, and plans the others', async () => {
    await withFolder(async (lake) => {
      const team = String((await twin.ledger('teams'))[0]!['id']);
      const whole = await estimate(lake, { tables: messages });
      await twin.post('/faults', { kind: 'team-gone', route: `/teams/${team}/**` });
      const plan = await estimate(lake, { tables: messages });
      expect(plan.skipped).toMatchObject([{ resource: 'channel_messages', partition: team, code: 'not_found' }]);
      expect(plan.requests).toBeGreaterThan(whole.requests / 2);
      const { code, out } = await runSluice(['plan', '--lake', lake, '--tables', 'messages'], twin.env);
      expect([code, out.includes(`Skipped channel_messages of ${team}`)]).toEqual([3, true]);
    });
  });
});
