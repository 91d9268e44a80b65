import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openReader } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { Lake } from '../../src/lake/types.ts';
import { systemRuntime } from '../../src/runtime/runtime.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { message, messagesPage, openTestLake, reaction, rowsOf, temporaryFolder } from '../support/lake-pages.ts';

const few = tables.filter(({ name }) => ['messages', 'message_reactions'].includes(name));
const DAY_MS = 86_400_000;
const VERSIONS = 6;

/** The message as it stood after each version: the reactions come and go. */
const reactionsAt = (version: number): string[] => (version % 2 === 0 ? ['even', `v${version}`] : [`v${version}`]);

async function land(lake: Lake, version: number): Promise<void> {
  const load = await lake.begin({ loadId: `run-${version}` });
  await load.append(
    messagesPage([
      message('edited', {
        lastModifiedDateTime: `2026-02-0${version}T00:00:00Z`,
        reactions: reactionsAt(version).map((user) => reaction('like', user)),
      }),
      message(`new-${version}`),
    ]),
  );
  load.advance('channel_messages', 't', { seen: true });
  await load.close();
}

/** A consumer that keeps its own tables by what it is told: what stands, row by row. */
class Consumer {
  readonly messages = new Map<string, unknown>();
  readonly reactions = new Set<string>();
  #after = 0;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(): Promise<void> {
    await using reader = await openReader({ store: fileStore(join(this.#folder, 'lake')), tables: few });
    const messages = await reader.changes('messages', this.#after);
    const reactions = await reader.changes('message_reactions', this.#after);
    for (const row of objects(messages)) this.messages.set(String(row['id']), row['lastModifiedDateTime']);
    for (const { _op, message_id, user_id } of objects(reactions)) {
      const key = `${message_id}/${user_id}`;
      if (_op === 'delete') this.reactions.delete(key);
      else this.reactions.add(key);
    }
    this.#after = messages.version;
  }
}

function objects({ columns, rows }: { columns: readonly string[]; rows: readonly (readonly unknown[])[] }) {
  return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
}

async function expectCaughtUp(folder: string, consumer: Consumer): Promise<void> {
  await consumer.read();
  const messages = await rowsOf(folder, 'SELECT id, lastModifiedDateTime AS at FROM messages');
  expect(Object.fromEntries(consumer.messages)).toEqual(Object.fromEntries(messages.map(({ id, at }) => [id, at])));
  const reactions = await rowsOf(
    folder,
    "SELECT message_id || '/' || user_id AS key FROM message_reactions ORDER BY 1",
  );
  expect([...consumer.reactions].sort()).toEqual(reactions.map(({ key }) => key));
}

it('gives every consumer, wherever it stopped and whatever was published or compacted since, what it has not read', {
  timeout: 300_000,
}, async () => {
  const folder = temporaryFolder();
  await using lake = await openTestLake(folder, { tables: few });
  const consumers: Consumer[] = [];
  for (let version = 1; version <= VERSIONS; version += 1) {
    // One consumer stops before each version: published, compacted, or as it landed.
    const consumer = new Consumer(folder);
    consumers.push(consumer);
    await consumer.read();
    await land(lake, version);
    if (version % 3 !== 0) await lake.publish();
    if (version % 3 === 2) await lake.compact();
  }
  const history = await rowsOf(folder, "SELECT count(*) AS n FROM messages_changes WHERE id = 'edited'");
  expect(history).toEqual([{ n: VERSIONS }]);
  await lake.compact();
  expect(await rowsOf(folder, "SELECT count(*) AS n FROM messages_changes WHERE id = 'edited'")).toEqual(history);
  for (const consumer of consumers) await expectCaughtUp(folder, consumer);
});

it('drops changes beyond their retention, says so to who asks for them, and keeps what later ones are compared with', {
  timeout: 300_000,
}, async () => {
  const folder = temporaryFolder();
  let now = Date.parse('2026-03-01T00:00:00Z');
  const runtime = { ...systemRuntime, now: () => now };
  await using lake = await openTestLake(folder, { tables: few, runtime });
  const tardy = new Consumer(folder);
  const prompt = new Consumer(folder);
  await land(lake, 1);
  await lake.publish();
  await tardy.read();
  for (let version = 2; version <= VERSIONS; version += 1) {
    now += 5 * DAY_MS;
    await prompt.read();
    await land(lake, version);
    await lake.publish();
    await lake.compact();
    await expectCaughtUp(folder, prompt);
  }
  const { feedFrom } = await lake.compact();
  expect(feedFrom).toBeGreaterThan(1);
  await expect(tardy.read()).rejects.toMatchObject({ code: 'changes_expired', details: { least: feedFrom } });
  const kept = await rowsOf(folder, "SELECT count(*) AS n FROM messages_changes WHERE id = 'edited'");
  expect(kept[0]!['n']).toBeLessThan(VERSIONS);
});
