import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { fsck } from '../../src/lake/health/fsck.ts';
import { openLake } from '../../src/lake/lake.ts';
import { queryLake } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { allRows, allTruth, ledgerRows, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const fixtures = fileURLToPath(new URL('../fixtures/older-lakes', import.meta.url));
const DAY_MS = 86_400_000;

/** Lakes as older commits wrote them, of the tenant that stands beside them: the commit, and the strategy that read it. */
const lakes = [
  { name: 'stories-export', commit: '09d2563', strategy: 'export' },
  { name: 'declared-export', commit: '90c732e', strategy: 'export' },
  { name: 'declared-recent', commit: '90c732e', strategy: 'recent' },
  { name: 'declared-delta', commit: '90c732e', strategy: 'delta' },
] as const;

it.each(lakes)('a lake that $commit wrote by $strategy is queried, synced, compacted and whole', async (old) => {
  await withFolder(async (folder) => {
    const lake = join(folder, 'lake');
    const begun = fastRuntime(10);
    const runtime = { ...begun, now: () => begun.now() + DAY_MS };
    const twin = await startTwin({ tenant: join(fixtures, 'tenant'), limits: 'none', seed: 8 }, { runtime });
    cpSync(join(fixtures, old.name), lake, { recursive: true });
    const sync = () => runSync({ env: twin.env, lake, runtime, strategy: old.strategy });
    try {
      expect(await allRows(lake)).toEqual(await allTruth(twin.ledger));

      expect(await sync()).toMatchObject({ outcome: 'ok' });
      expect(await allRows(lake)).toEqual(await allTruth(twin.ledger));

      await twin.post(
        '/events',
        ['post', 'reply', 'edit', 'delete', 'react', 'createUser'].map((type) => ({ type })),
      );
      expect(await sync()).toMatchObject({ outcome: 'ok' });
      const truth = await allTruth(twin.ledger);
      expect(await allRows(lake)).toEqual(truth);

      const store = fileStore(lake);
      const signal = new AbortController().signal;
      const opened = await openLake({ store, tables, runtime, scratchDir: join(folder, 'scratch') });
      await opened.compact({}, signal);
      await opened.close();
      expect(await allRows(lake)).toEqual(truth);
      expect(await fsck({ store, tables }, signal)).toMatchObject({ findings: [] });
    } finally {
      await twin.close();
    }
  });
});

it('a lake from before there were chats gets their tables when they are named, and keeps what it has', async () => {
  await withFolder(async (folder) => {
    const lake = join(folder, 'lake');
    const begun = fastRuntime(10);
    const runtime = { ...begun, now: () => begun.now() + DAY_MS };
    const twin = await startTwin({ tenant: join(fixtures, 'tenant'), limits: 'none', seed: 8 }, { runtime });
    cpSync(join(fixtures, 'declared-export'), lake, { recursive: true });
    const names = ['chats', 'chat_members', 'chat_messages'];
    const sync = (wanted: readonly string[]) => runSync({ env: twin.env, lake, runtime, tables: wanted });
    const expectEqual = async () => {
      for (const name of names)
        expect((await allRows(lake, [name]))[name], name).toEqual(ledgerRows(name, await twin.ledger(name)));
      expect(await allRows(lake)).toEqual(await allTruth(twin.ledger));
    };
    try {
      const signal = new AbortController().signal;
      const before = { store: fileStore(lake), tables, sql: 'SELECT count(*) FROM chats', signal };
      expect((await queryLake(before)).rows).toEqual([[0]]);
      for (const type of ['createChat', 'postToChat', 'postToChat']) await twin.post('/events', { type });
      expect(await sync(names)).toMatchObject({ outcome: 'ok', fillings: [], notFilled: [] });
      await expectEqual();
      for (const type of ['editInChat', 'addToChat', 'post']) await twin.post('/events', { type });
      expect(await sync(tables.map(({ name }) => name))).toMatchObject({ outcome: 'ok', notFilled: [] });
      await expectEqual();
      expect(await fsck({ store: fileStore(lake), tables }, signal)).toMatchObject({ findings: [] });
    } finally {
      await twin.close();
    }
  });
});
