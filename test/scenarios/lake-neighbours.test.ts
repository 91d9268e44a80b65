import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openReader } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { Lake } from '../../src/lake/types.ts';
import { tables } from '../../src/tables/index.generated.ts';
import {
  message,
  messagesPage,
  openTestLake,
  reaction,
  rowsElsewhere,
  rowsOf,
  temporaryFolder,
} from '../support/lake-pages.ts';

const few = tables.filter(({ name }) => ['messages', 'message_reactions'].includes(name));

async function land(lake: Lake, ...messages: Record<string, unknown>[]): Promise<void> {
  const load = await lake.begin({ loadId: `run-${lake.version}` });
  await load.append(messagesPage(messages));
  load.advance('channel_messages', 't', { seen: lake.version });
  await load.close();
}

const edited = (id: string, day: number) =>
  message(id, {
    lastModifiedDateTime: `2026-02-${String(day).padStart(2, '0')}T00:00:00Z`,
    reactions: [reaction('like', `u${day}`)],
  });

describe('reading while a lake is written', () => {
  it('gives every query one whole version, beside syncs and compactions that never end', {
    timeout: 300_000,
  }, async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder, { tables: few, keeping: { retentionMs: 0 } });
    await land(lake, message('0'), edited('edited', 1));
    await lake.publish();
    let ended = false;
    const writing = (async () => {
      for (let round = 1; round <= 12; round += 1) {
        await land(lake, message(String(round)), edited('edited', round + 1));
        await (round % 2 === 0 ? lake.compact() : lake.publish());
      }
      ended = true;
    })();
    await using reader = await openReader({ store: fileStore(join(folder, 'lake')), tables: few });
    let asked = 0;
    while (!ended) {
      const { rows } = await reader.query(
        `SELECT count(*), (SELECT count(*) FROM message_reactions), (SELECT user_id FROM message_reactions),
           (SELECT day(lastModifiedDateTime) FROM messages WHERE id = 'edited') FROM messages`,
      );
      const [count, reactions, user, day] = rows[0]!;
      expect([Number(count), reactions, user]).toEqual([Number(day) + 1, 1, `u${day}`]);
      asked += 1;
    }
    await writing;
    expect(asked).toBeGreaterThan(0);
  });

  it('lets files that were replaced live on for those who listed them', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder, { tables: few });
    await land(lake, message('1'), edited('edited', 1));
    await lake.publish();
    const manifest = JSON.parse(
      Buffer.from((await fileStore(join(folder, 'lake')).get('current/manifest.json'))!.bytes).toString(),
    );
    const listed = manifest.tables.messages.files.map((path: string) => `'${join(folder, 'lake', path)}'`).join(', ');
    await land(lake, edited('edited', 2), message('2'));
    await lake.publish();
    await lake.compact();
    await lake.compact();
    expect(await rowsElsewhere(`SELECT id FROM read_parquet([${listed}]) ORDER BY id`)).toEqual([
      { id: '1' },
      { id: 'edited' },
    ]);
  });

  it('shows exactly the rows that stand, with one schema, after each of many small syncs', {
    timeout: 300_000,
  }, async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder, { tables: few });
    for (let round = 1; round <= 20; round += 1) {
      const gone = round % 5 === 0 ? [{ id: String(round - 1), '@removed': { reason: 'deleted' } }] : [];
      await land(lake, message(String(round)), edited('edited', round), ...gone);
      await lake.publish();
      for (const [table, columns] of [
        ['messages', 'id, lastModifiedDateTime'],
        ['message_reactions', 'message_id, user_id'],
      ]) {
        const shown = await rowsElsewhere(
          `SELECT ${columns} FROM '${folder}/lake/current/${table}/*.parquet' ORDER BY ALL`,
        );
        const { length } = await rowsOf(folder, `SELECT ${columns} FROM ${table}`);
        expect(shown).toHaveLength(length);
        expect(new Set(shown.map((row) => JSON.stringify(row))).size).toBe(length);
      }
    }
    expect(readdirSync(join(folder, 'lake/current/messages')).length).toBeLessThan(8);
  });
});

describe('a file of the lake that is not what was committed', () => {
  it.each([
    [
      'is another Parquet file of the same length',
      (bytes: Buffer) => bytes.fill(bytes[100]! ^ 1, 100, 101),
      'lake_file_corrupt',
    ],
    ['is cut', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2), 'lake_file_corrupt'],
  ])('that %s stops a compaction before it commits the loss', async (_, damage, code) => {
    const folder = temporaryFolder();
    const lakeFolder = join(folder, 'lake');
    await using lake = await openTestLake(folder, { tables: few });
    await land(lake, message('1'));
    await lake.publish();
    await land(lake, edited('1', 2), message('2'));
    const store = fileStore(lakeFolder);
    for (const name of await readdir(join(lakeFolder, 'tables/messages'))) {
      const key = `tables/messages/${name}`;
      await store.put(key, damage(Buffer.from((await store.get(key))!.bytes)));
    }
    const { version } = lake;
    await expect(lake.compact()).rejects.toMatchObject({ code });
    expect(lake.version).toBe(version);
  });
});

it.each(['tenantId=contoso', 'id=5', '_commit=3', '_op=delete', 'x[a]*?', "it's 100% {a,b}\\c"])(
  'a folder called %s above a lake changes no column and stops no work',
  async (above) => {
    const folder = join(temporaryFolder(), above);
    mkdirSync(folder);
    await using lake = await openTestLake(folder, { tables: few });
    for (const day of [1, 2]) {
      await land(lake, edited('edited', day), message('1'));
      await lake.publish();
      await lake.compact();
      expect(await rowsOf(folder, 'SELECT id FROM messages ORDER BY id')).toEqual([{ id: '1' }, { id: 'edited' }]);
    }
  },
);

it.skipIf(process.platform === 'win32')('what is made is readable by its owner alone', async () => {
  const folder = temporaryFolder();
  await using lake = await openTestLake(folder, { tables: few, keepRaw: true });
  await land(lake, message('1'), { id: null });
  await lake.publish();
  const root = join(folder, 'lake');
  for (const name of ['', ...(await readdir(root, { recursive: true }))]) {
    const { mode } = await stat(join(root, name));
    expect([name, mode & 0o077]).toEqual([name, 0]);
  }
});

it.skipIf(process.platform === 'win32')('scratch is not put into a folder that others can change', async () => {
  const folder = temporaryFolder();
  const open = join(folder, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  await expect(openTestLake(folder, { tables: few, scratchDir: open })).rejects.toMatchObject({
    code: 'folder_not_own',
  });
});
