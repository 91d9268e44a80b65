import { expect, it, vi } from 'vitest';
import { fastRuntime } from '../support/fast-runtime.ts';
import { ask, currentRows, ledgerRows, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin } from '../support/twin.ts';

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
