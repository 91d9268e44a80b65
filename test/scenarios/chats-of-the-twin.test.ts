import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { fastRuntime } from '../support/fast-runtime.ts';
import { allRows, ledgerRows, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

const names = [
  ...['chats', 'chat_members', 'chat_messages'],
  ...['chat_message_mentions', 'chat_message_reactions', 'chat_message_attachments', 'chat_hosted_contents'],
];

const sizes = [
  { strategy: 'export', users: 500, chats: 300 },
  { strategy: 'delta', users: 60, chats: 40 },
  { strategy: 'recent', users: 60, chats: 40 },
  { strategy: 'full', users: 60, chats: 40 },
] as const;

it.each(sizes)('the chats of $users users are those of the ledger ($strategy)', async ({ strategy, users, chats }) => {
  await withFolder(async (folder) => {
    const runtime = fastRuntime(20);
    const size = { teams: 1, channels: 1, messages: 5, users, chats, seed: 3, limits: 'none' } as const;
    const twin = await startTwin(size, { runtime });
    const lake = join(folder, 'lake');
    const read = async (by: string) => {
      const report = await runSync({ env: twin.env, lake, runtime, strategy: by, tables: names });
      // One user has no licence: what the others list is there all the same.
      expect(report).toMatchObject({ outcome: 'ok', skipped: [] });
      expect([...new Set(report.absent.map(({ code }) => code))]).toEqual(['licence_missing']);
      const truth = await Promise.all(names.map(async (name) => ledgerRows(name, await twin.ledger(name))));
      expect(truth.map((rows) => rows.length > 0)).toEqual(names.map(() => true));
      expect(Object.values(await allRows(lake, names))).toEqual(truth);
      return report;
    };
    try {
      const first = await read(strategy);
      expect(first.tables['chat_members']!.rows).toBeGreaterThan(25);
      const idle = await read(strategy);
      expect(idle.tables).toMatchObject({ chats: { rows: 0 }, chat_members: { rows: 0 }, chat_messages: { rows: 0 } });
      expect(idle.requests.total).toBeLessThanOrEqual(first.requests.total);
      await read('export');
      await read('recent');
    } finally {
      await twin.close();
    }
  });
});
