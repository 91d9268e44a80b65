import { describe, expect, it, vi } from 'vitest';
import { fastRuntime } from '../../support/fast-runtime.ts';
import { allRows, allTruth, withFolder } from '../../support/lake.ts';
import { runSync } from '../../support/sync.ts';
import { startTwin } from '../../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

/** Root messages per channel; with three channels and their replies 2,000 messages. 46485 makes the 264,966 of the report. */
const rootsPerChannel = Number(process.env['SLUICE_IMPORTED_ROOTS'] ?? 350);

describe('1: a community brought in from older systems, with messages from 2004 on', () => {
  it.each(['export', 'recent', 'delta', 'full'])('is loaded completely by %s', async (strategy) => {
    const runtime = fastRuntime(40);
    const size = { teams: 1, channels: 3, messages: rootsPerChannel, users: 40, seed: 7, limits: 'none' } as const;
    const twin = await startTwin({ ...size, since: '2004-01-01' }, { runtime });
    try {
      await withFolder(async (lake) => {
        expect(await runSync({ env: twin.env, lake, runtime, strategy })).toMatchObject({ outcome: 'ok', gaps: [] });
        const [rows, truth] = [await allRows(lake), await allTruth((table) => twin.ledger(table))];
        expect(rows).toEqual(truth);
        const oldest = [...truth['messages']!].map((row) => Number(row.split('|')[2])).sort((a, b) => a - b)[0]!;
        expect(new Date(oldest).getUTCFullYear()).toBe(2004);
      });
    } finally {
      await twin.close();
    }
  });
});
