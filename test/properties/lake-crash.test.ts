import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import type { Lake } from '../../src/lake/types.ts';
import { hourLater, message, messagesPage, openTestLake, rowsOf, temporaryFolder } from '../support/lake-pages.ts';

const WRITES = ['put', 'putIfAbsent', 'putFile', 'copy', 'show', 'delete'] as const;

/** Lets `allowed` writes through, then dies: before the write, or after it with its answer lost. */
function dyingStore(folder: string, allowed: number, moment: 'before' | 'after'): ObjectStore {
  const inner = fileStore(join(folder, 'lake'));
  const store: Record<string, unknown> = { ...inner };
  let left = allowed;
  for (const name of WRITES) {
    store[name] = async (...args: never[]) => {
      if (left < 0) throw new Error('dead');
      left -= 1;
      if (left < 0 && moment === 'before') throw new Error('dead');
      const answer = await (inner[name] as (...args: never[]) => Promise<unknown>)(...args);
      if (left < 0) throw new Error('dead');
      return answer;
    };
  }
  return store as unknown as ObjectStore;
}

/** One run: reads what the position does not cover yet, two messages a page, then tidies up. */
async function run(lake: Lake, loadId: string, source: readonly Record<string, unknown>[]): Promise<void> {
  const load = await lake.begin({ loadId, segmentPages: 1 });
  try {
    let done = Number(lake.positions().get('channel_messages/t')?.['done'] ?? 0);
    while (done < source.length) {
      await load.append(messagesPage(source.slice(done, done + 2)));
      done += 2;
      load.advance('channel_messages', 't', { done });
    }
    await load.close();
    await lake.compact();
  } catch (error) {
    await load.abandon();
    throw error;
  }
}

const source = ['1', '2', '3', '4'].map((id) => message(id, { replies: [message(`${id}0`, { replyToId: id })] }));
const complete = { n: 4, ids: 4, replies: 4 };
const sums = `SELECT count(*) AS n, count(DISTINCT id) AS ids, (SELECT count(*) FROM message_replies) AS replies FROM messages`;

describe('a run that dies at any write', () => {
  it.each(['before', 'after'] as const)('is completed by the next one: %s the write', async (moment) => {
    let deaths = 0;
    for (let allowed = 0; ; allowed += 3) {
      const folder = temporaryFolder();
      const died = await (async () => {
        await using dying = await openTestLake(folder, { store: dyingStore(folder, allowed, moment) });
        await run(dying, 'run-1', source);
      })().then(
        () => false,
        () => true,
      );
      // What is committed is whole: never a position without its rows.
      await using lake = await openTestLake(folder, { writer: { host: hourLater() } });
      const done = Number(lake.positions().get('channel_messages/t')?.['done'] ?? 0);
      const [found] = await rowsOf(folder, 'SELECT count(*) AS n FROM messages');
      expect(found!['n']).toBeGreaterThanOrEqual(done);
      await run(lake, 'run-2', source);
      expect((await rowsOf(folder, sums))[0]).toEqual(complete);
      if (!died) break;
      deaths += 1;
    }
    expect(deaths).toBeGreaterThan(3);
  });
});

describe('two writers', () => {
  it('tells the second one at once who writes, and until when that may last', async () => {
    const folder = temporaryFolder();
    await using first = await openTestLake(folder, { writer: { purpose: 'sync' } });
    await expect(openTestLake(folder)).rejects.toMatchObject({
      code: 'lake_busy',
      details: { purpose: 'sync', pid: process.pid },
    });
    await first.close();
    await using _second = await openTestLake(folder);
  });

  it('lets the newer run win when the older one stood still; the older one writes nothing more', async () => {
    const folder = temporaryFolder();
    await using older = await openTestLake(folder);
    const sleeping = await older.begin({ loadId: 'older', segmentPages: 1 });
    await sleeping.append(messagesPage([message('1')]));
    await sleeping.commit();
    await using newer = await openTestLake(folder, { writer: { host: hourLater() } });
    await run(newer, 'newer', source);
    await sleeping.append(messagesPage([message('zombie')]));
    sleeping.advance('channel_messages', 't', { done: 0 });
    await expect(sleeping.commit()).rejects.toMatchObject({ code: 'lake_conflict' });
    await expect(sleeping.append(messagesPage([]))).rejects.toMatchObject({ code: 'lake_conflict' });
    await sleeping.abandon();
    expect((await rowsOf(folder, sums))[0]).toEqual(complete);
  });
});

it('a full disk is said as such and nothing committed is lost', async () => {
  const folder = temporaryFolder();
  const inner = fileStore(join(folder, 'lake'));
  const full = () => Promise.reject(Object.assign(new Error('write failed'), { code: 'ENOSPC' }));
  let isFull = false;
  const store: ObjectStore = { ...inner, putFile: (...args) => (isFull ? full() : inner.putFile(...args)) };
  await using lake = await openTestLake(folder, { store });
  const load = await lake.begin({ loadId: 'a' });
  await load.append(messagesPage([message('1')]));
  await load.commit();
  isFull = true;
  await load.append(messagesPage([message('2')]));
  await expect(load.commit()).rejects.toMatchObject({ code: 'lake_disk_full', recovery: 'user_action' });
  await load.abandon();
  expect(await rowsOf(folder, 'SELECT id FROM messages')).toEqual([{ id: '1' }]);
});
