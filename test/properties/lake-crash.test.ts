import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { queryLake } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { memoryStore } from '../../src/lake/stores/memory.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import { dyingRuns, expectComplete, few, run } from '../support/dying-runs.ts';
import { hourLater, message, messagesPage, openTestLake, temporaryFolder } from '../support/lake-pages.ts';

const empty = (folder: string) => memoryStore({ scratchDir: folder });

dyingRuns('memory', empty, 4);
dyingRuns('files', (folder) => fileStore(join(folder, 'lake')), 5);

describe('two writers', () => {
  it('tells the second one at once who writes, and until when that may last', async () => {
    const folder = temporaryFolder();
    const lake = { store: empty(folder), tables: few };
    await using first = await openTestLake(folder, { ...lake, writer: { purpose: 'sync' } });
    await expect(openTestLake(folder, lake)).rejects.toMatchObject({
      code: 'lake_busy',
      details: { purpose: 'sync', pid: process.pid },
    });
    await first.close();
    await using _second = await openTestLake(folder, lake);
  });

  it('lets the newer run win when the older one stood still; the older one writes nothing more', async () => {
    const folder = temporaryFolder();
    const lake = { store: empty(folder), tables: few };
    await using older = await openTestLake(folder, lake);
    const sleeping = await older.begin({ loadId: 'older', segmentPages: 1 });
    await sleeping.append(messagesPage([message('1')]));
    await sleeping.commit();
    await using newer = await openTestLake(folder, { ...lake, writer: { host: hourLater() } });
    await run(newer, 'newer');
    await sleeping.append(messagesPage([message('zombie')]));
    sleeping.advance('channel_messages', 't', { done: 0 });
    await expect(sleeping.commit()).rejects.toMatchObject({ code: 'lake_conflict' });
    await expect(sleeping.append(messagesPage([]))).rejects.toMatchObject({ code: 'lake_conflict' });
    await sleeping.abandon();
    await expectComplete(lake.store);
  });
});

it('a full disk is said as such and nothing committed is lost', async () => {
  const folder = temporaryFolder();
  const inner = empty(folder);
  const full = () => Promise.reject(Object.assign(new Error('write failed'), { code: 'ENOSPC' }));
  let isFull = false;
  const store: ObjectStore = { ...inner, putFile: (...args) => (isFull ? full() : inner.putFile(...args)) };
  await using lake = await openTestLake(folder, { store, tables: few });
  const load = await lake.begin({ loadId: 'a' });
  await load.append(messagesPage([message('1')]));
  await load.commit();
  isFull = true;
  await load.append(messagesPage([message('2')]));
  await expect(load.commit()).rejects.toMatchObject({ code: 'lake_disk_full', recovery: 'user_action' });
  await load.abandon();
  expect((await queryLake({ store, tables: few, sql: 'SELECT id FROM messages' })).rows).toEqual([['1']]);
});
