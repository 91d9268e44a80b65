import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  message,
  messagesPage,
  openTestLake,
  rawPage,
  rowsOf,
  temporaryFolder,
} from '../../../test/support/lake-pages.ts';

/** A lake with two commits of messages and one of teams. */
async function lakeWithHistory(): Promise<string> {
  const folder = temporaryFolder();
  await using lake = await openTestLake(folder);
  for (const id of ['1', '2']) {
    const load = await lake.begin({ loadId: `load-${id}` });
    await load.append(messagesPage([message(id)]));
    await load.append(rawPage('users', '', Buffer.from(JSON.stringify({ value: [{ id: `u${id}` }] }))));
    await load.close();
  }
  return folder;
}

const fileOf = (folder: string, table: string, which = 0) => {
  const place = join(folder, 'lake', 'tables', table);
  return join(place, readdirSync(place).sort()[which]!);
};

const foreign = (path: string) => {
  const other = readFileSync(path.replace('/messages/', '/users/'));
  writeFileSync(path, other);
};

describe('a file of the log', () => {
  it.each([
    ['lost', (path: string) => rmSync(path), 'lake_file_missing'],
    ['emptied', (path: string) => truncateSync(path, 0), 'lake_file_corrupt'],
    ['cut', (path: string) => truncateSync(path, 200), 'lake_file_corrupt'],
    ['that of another table', foreign, 'lake_file_corrupt'],
    [
      'no Parquet, of equal size',
      (path: string) => writeFileSync(path, readFileSync(path).fill(0x20)),
      'lake_file_corrupt',
    ],
    [
      'damaged in its middle',
      (path: string) => writeFileSync(path, readFileSync(path).fill(0xff, 4, 400)),
      'lake_file_corrupt',
    ],
  ])('that is %s is named, and every other table can be asked', async (_, damage, code) => {
    const folder = await lakeWithHistory();
    const path = fileOf(folder, 'messages');
    damage(path);
    const name = path.slice(join(folder, 'lake').length + 1);
    for (const sql of [
      'SELECT * FROM messages',
      'SELECT * FROM "Messages_changes"',
      'SELECT * FROM message_reactions',
    ]) {
      const asked = rowsOf(folder, sql);
      await expect(asked, sql).rejects.toMatchObject({ code, message: expect.stringContaining(name) });
      await expect(asked, sql).rejects.not.toMatchObject({ message: expect.stringContaining(folder) });
    }
    expect(await rowsOf(folder, 'SELECT id FROM users ORDER BY id')).toEqual([{ id: 'u1' }, { id: 'u2' }]);
    expect(await rowsOf(folder, 'SELECT count(*) AS n FROM users JOIN teams USING (id)')).toEqual([{ n: 0 }]);
  });
});
