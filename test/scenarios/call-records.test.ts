import { expect, it, vi } from 'vitest';
import { connectionOf } from '../../src/config/connection.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createGraphClient } from '../../src/graph/client.ts';
import { readState } from '../../src/lake/log/log.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { estimateRun } from '../../src/sync/estimate.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { ask, currentRows, ledgerRows, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin } from '../support/twin.ts';

const DETAILS = ['call_sessions', 'call_segments', 'call_participants'];
const DAY_MS = 86_400_000;

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

it('calls are those of the ledger, late ones and late versions too; an idle run asks once', () =>
  withFolder(async (lake) => {
    const runtime = fastRuntime(20);
    const size = { teams: 1, channels: 1, messages: 1, users: 60, seed: 6, limits: 'none' } as const;
    const twin = await startTwin(size, { runtime });
    const read = async (how: Partial<Parameters<typeof runSync>[0]> = {}) => {
      const report = await runSync({ env: twin.env, lake, runtime, tables: ['call_records'], ...how });
      expect(report.skipped).toEqual([]);
      expect(await currentRows(lake, 'call_records')).toEqual(
        ledgerRows('call_records', await twin.ledger('call_records')),
      );
      return report;
    };
    try {
      const first = await read();
      expect(first.tables['call_records']!.rows).toBe(150);
      // Three windows of ten days; one of them has more than a page.
      expect(first.requests.total).toBeGreaterThan(3);
      const [[kinds]] = (await ask(
        lake,
        `SELECT count(DISTINCT json_keys(organizer_v2->'identity')) + count(*) FILTER (participants::VARCHAR LIKE '%"phone"%')
          FROM call_records`,
      )) as [[number]];
      expect(Number(kinds)).toBeGreaterThan(1);

      const [old] = await ask(lake, `SELECT id FROM call_records ORDER BY startDateTime DESC LIMIT 1`);
      const longAgo = new Date(runtime.now() - 2 * 86_400_000).toISOString();
      await twin.post('/events', [
        { type: 'call' },
        { type: 'call', startDateTime: longAgo, seconds: 90_000 },
        { type: 'reviseCall', callId: old![0] },
        { type: 'reviseCall', callId: old![0] },
      ]);
      const second = await read();
      expect(second.tables['call_records']!.rows).toBe(3);
      expect(await ask(lake, `SELECT max(version) FROM call_records WHERE id = '${old![0]}'`)).toEqual([[3]]);
      const idle = await read();
      expect(idle.tables['call_records']!.rows).toBe(0);
      expect(idle.requests.total).toBe(1);
      const again = await read({ refresh: { resource: 'call_records' } });
      expect(again.requests.total).toBeGreaterThan(3);
      await twin.post('/permissions', { withhold: ['CallRecords.Read.All'] });
      const refused = await runSync({ env: twin.env, lake, runtime, tables: ['call_records', 'users'] });
      expect(refused.skipped).toMatchObject([{ resource: 'call_records', code: 'permission_missing' }]);
    } finally {
      await twin.close();
    }
  }));

it('details of calls are those of the ledger: inner pages, also two deep, and read again for a new version alone', () =>
  withFolder(async (lake) => {
    const fast = fastRuntime(20);
    let passedMs = 0;
    const runtime = { ...fast, now: () => fast.now() + passedMs };
    const size = { teams: 1, channels: 1, messages: 1, users: 8, seed: 6, limits: 'none' } as const;
    const twin = await startTwin(size, { runtime });
    const read = async (tables: readonly string[], how: Partial<Parameters<typeof runSync>[0]> = {}) => {
      const report = await runSync({ env: twin.env, lake, runtime, tables: [...tables], ...how });
      for (const name of tables)
        expect(await currentRows(lake, name), name).toEqual(ledgerRows(name, await twin.ledger(name)));
      return report;
    };
    const asked = ({ requests }: { readonly requests: { readonly total: number } }) => requests.total;
    try {
      // 300 sessions are five pages, 300 participants three; 150 segments of the first session two more of them.
      await twin.post('/events', [{ type: 'call', participants: 300, segments: 150 }]);
      // Details without the calls themselves.
      await read(['call_sessions', 'call_segments']);
      const both = await read(['call_records', ...DETAILS]);
      const calls = 8 * 3 + 1;
      expect(both.tables['call_sessions']!.rows).toBe(0);
      expect(asked(both)).toBeLessThan(3 + calls + 2 + 1);
      expect(asked(await read(DETAILS))).toBe(1);

      const [[id]] = (await ask(lake, 'SELECT call_id FROM call_participants GROUP BY ALL ORDER BY count(*) DESC')) as [
        [string],
      ];
      // A later version that says it was made earlier.
      await twin.post('/events', [{ type: 'reviseCall', callId: id, lastModifiedDateTime: '2020-01-01T00:00:00Z' }]);
      const revised = await read(['call_records', ...DETAILS]);
      expect(asked(revised)).toBe(1 + 6 + 2 + 3);
      expect(await ask(lake, `SELECT version FROM call_records WHERE id = '${id}'`)).toEqual([[2]]);

      // The service forgets after 30 days; the lake does not.
      passedMs = 31 * DAY_MS;
      await twin.post('/events', [{ type: 'call' }]);
      const later = await read(['call_records', ...DETAILS]);
      expect(later.outcome).toBe('ok');
    } finally {
      await twin.close();
    }
  }));

it('details that could not be read are read by the next run, and nothing else is read for them', () =>
  withFolder(async (lake) => {
    const runtime = fastRuntime(20);
    const size = { teams: 1, channels: 1, messages: 1, users: 8, seed: 6, limits: 'none' } as const;
    const twin = await startTwin(size, { runtime });
    const read = () => runSync({ env: twin.env, lake, runtime, tables: ['call_records', ...DETAILS] });
    try {
      const [oldest] = [...(await twin.ledger('call_records'))].sort((a, b) =>
        String(a['lastModifiedDateTime']) < String(b['lastModifiedDateTime']) ? -1 : 1,
      );
      const route = `/communications/callRecords/${String(oldest!['id'])}/sessions`;
      await twin.post('/faults', { kind: 'status', status: 403, route });
      const first = await read();
      expect(first.outcome).toBe('partial');
      expect(first.skipped).toMatchObject([{ resource: 'call_sessions', partition: oldest!['id'] }]);
      await twin.delete('/faults');
      const second = await read();
      expect(second.outcome).toBe('ok');
      // The calls since then are listed again: three windows.
      expect(second.requests.total).toBeLessThanOrEqual(4);
      for (const name of DETAILS)
        expect(await currentRows(lake, name), name).toEqual(ledgerRows(name, await twin.ledger(name)));
    } finally {
      await twin.close();
    }
  }));

it('logs of telephone calls are read in ranges of at most 90 days, the last days again', () =>
  withFolder(async (lake) => {
    const runtime = fastRuntime(20);
    const size = { teams: 1, channels: 1, messages: 1, users: 30, seed: 6, limits: 'none' } as const;
    const twin = await startTwin(size, { runtime });
    const tables = ['pstn_calls', 'direct_routing_calls'];
    const read = async (how: Partial<Parameters<typeof runSync>[0]> = {}) => {
      const report = await runSync({ env: twin.env, lake, runtime, tables, ...how });
      expect(report.skipped).toEqual([]);
      for (const name of tables)
        expect(await currentRows(lake, name)).toEqual(ledgerRows(name, await twin.ledger(name)));
      return report;
    };
    try {
      const sinceMs = runtime.now() - 201 * DAY_MS;
      expect((await read({ sinceMs })).requests.total).toBe(2 * 3);
      await twin.post('/events', [
        { type: 'pstnCall' },
        { type: 'directRoutingCall', startDateTime: new Date(runtime.now() - 4 * DAY_MS).toISOString() },
      ]);
      const second = await read();
      expect(second.requests.total).toBe(2);
      expect(tables.map((name) => second.tables[name]!.rows)).toEqual([1, 1]);
      expect((await read()).tables['pstn_calls']!.rows).toBe(0);
      const [[charged]] = (await ask(lake, 'SELECT sum(charge) > 0 AND sum(duration) > 0 FROM pstn_calls')) as [
        [boolean],
      ];
      expect(charged).toBe(true);
    } finally {
      await twin.close();
    }
  }));

it('the plan counts pages of calls and what is read below each, before and after', () =>
  withFolder(async (lake) => {
    const runtime = fastRuntime(20);
    const size = { teams: 1, channels: 1, messages: 1, users: 60, seed: 6, limits: 'none' } as const;
    const twin = await startTwin(size, { runtime });
    try {
      const first = await planned(twin, lake, runtime);
      const run = await runSync({ env: twin.env, lake, runtime, tables: ['call_records', ...DETAILS] });
      expect(first / run.requests.total).toBeGreaterThan(0.9);
      expect(first / run.requests.total).toBeLessThan(1.1);
      expect(await planned(twin, lake, runtime)).toBe(1);
    } finally {
      await twin.close();
    }
  }));

async function planned(twin: Awaited<ReturnType<typeof startTwin>>, lake: string, runtime: Runtime): Promise<number> {
  const { config } = await loadConfig({ environment: twin.env });
  const identity = connectionOf(config);
  const graph = createGraphClient({
    identity,
    runtime,
    limits: [],
    graphUrl: identity.graphUrl!,
    loginUrl: identity.loginUrl!,
  });
  try {
    const { positions } = await readState(fileStore(lake));
    const chosen = tables.filter(({ name }) => ['call_records', ...DETAILS].includes(name));
    const { requests } = await estimateRun(
      { graph, runtime: { ...runtime, random: () => 0.5 }, tables: chosen, positions },
      new AbortController().signal,
    );
    return requests;
  } finally {
    await graph.close();
  }
}
