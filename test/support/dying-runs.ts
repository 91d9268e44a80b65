import { describe, expect, it } from 'vitest';
import { queryLake } from '../../src/lake/query/query.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import type { Lake } from '../../src/lake/types.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { hourLater, message, messagesPage, openTestLake, temporaryFolder } from './lake-pages.ts';

const WRITES = ['put', 'putIfAbsent', 'putFile', 'copy', 'show', 'delete'] as const;

/** Every table is a file more to write: those that the pages of a run fill. */
export const few = tables.filter(({ name }) => ['messages', 'message_replies'].includes(name));

/** Lets `allowed` writes through, then dies: before the write, or after it with its answer lost. */
export function dyingStore(inner: ObjectStore, allowed: number, moment: 'before' | 'after'): ObjectStore {
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
export async function run(lake: Lake, loadId: string): Promise<void> {
  const load = await lake.begin({ loadId, segmentPages: 1 });
  try {
    let done = doneOf(lake);
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

const doneOf = (lake: Lake) => Number(lake.positions().get('channel_messages/t')?.['done'] ?? 0);

const source = ['1', '2', '3', '4'].map((id) => message(id, { replies: [message(`${id}0`, { replyToId: id })] }));

/** What every table holds after a run. */
export async function expectComplete(store: ObjectStore): Promise<void> {
  const sql = `SELECT count(*) AS n, count(DISTINCT id) AS ids, (SELECT count(*) FROM message_replies) AS replies FROM messages`;
  expect((await queryLake({ store, tables: few, sql })).rows).toEqual([[4, 4, 4]]);
}

/** Runs that die at every so many writes to an empty store, each followed by one that does not. */
export function dyingRuns(
  where: string,
  open: (folder: string) => ObjectStore | Promise<ObjectStore>,
  every: number,
): void {
  describe(`a run that dies at any write to ${where}`, () => {
    it.each(['before', 'after'] as const)('is completed by the next one: %s the write', async (moment) => {
      let deaths = 0;
      // What one moment leaves out, the other one meets.
      for (let allowed = moment === 'before' ? 0 : every >> 1; ; allowed += every) {
        const folder = temporaryFolder();
        const store = await open(folder);
        const died = await (async () => {
          const dying = { store: dyingStore(store, allowed, moment), tables: few };
          await using lake = await openTestLake(folder, dying);
          await run(lake, 'run-1');
        })().then(
          () => false,
          () => true,
        );
        // What is committed is whole: never a position without its rows.
        await using lake = await openTestLake(folder, { store, tables: few, writer: { host: hourLater() } });
        const { rows } = await queryLake({ store, tables: few, sql: 'SELECT count(*) FROM messages' });
        expect(Number(rows[0]![0])).toBeGreaterThanOrEqual(doneOf(lake));
        await run(lake, 'run-2');
        await expectComplete(store);
        if (!died) break;
        deaths += 1;
      }
      expect(deaths).toBeGreaterThan(3);
    });
  });
}
