import { expect, it, vi } from 'vitest';
import { fastRuntime } from '../../support/fast-runtime.ts';
import { currentRows, ledgerRows, withFolder } from '../../support/lake.ts';
import { runSync } from '../../support/sync.ts';
import { startTwin } from '../../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const others = ['users', 'chats', 'chat_members', 'events'];
const calls = ['call_records', 'call_sessions', 'call_segments'];

it('22: calls of the tenant that answer 500 without end are named; chats and calendars are read whole in the same run, and calls when they heal', () =>
  withFolder(async (lake) => {
    const runtime = fastRuntime(40);
    const size = { teams: 1, channels: 1, messages: 1, users: 4, chats: 2, seed: 6, limits: 'none' } as const;
    const twin = await startTwin(size, { runtime });
    const read = () => runSync({ env: twin.env, lake, runtime, tables: [...others, ...calls], maxRetries: 2 });
    const isTrue = async (names: readonly string[]) => {
      for (const name of names)
        expect(await currentRows(lake, name), name).toEqual(ledgerRows(name, await twin.ledger(name)));
    };
    try {
      await twin.post('/faults', { kind: 'status', status: 500, route: '/communications/callRecords' });
      const sick = await read();
      expect(sick).toMatchObject({ outcome: 'partial', error: undefined });
      expect(new Set(sick.skipped.map(({ resource, code }) => `${resource} ${code}`))).toEqual(
        new Set(['call_records service_error', 'call_sessions service_error']),
      );
      await isTrue(others);
      await twin.delete('/faults');
      expect(await read()).toMatchObject({ outcome: 'ok', skipped: [], gaps: [] });
      await isTrue([...others, ...calls]);
    } finally {
      await twin.close();
    }
  }));
