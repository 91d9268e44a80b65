import { join } from 'node:path';
import { expect, it } from 'vitest';
import { message, messagesPage, openTestLake, temporaryFolder } from '../../../test/support/lake-pages.ts';
import type { Io } from '../io.ts';
import { runQuery } from './query.ts';

/** What a query of a lake with one message writes, piece by piece. */
async function written(sql: string, options: { readonly json?: boolean; readonly csv?: boolean } = {}) {
  const folder = temporaryFolder();
  await using lake = await openTestLake(folder);
  await using load = await lake.begin({ loadId: 'one' });
  await load.append(messagesPage([message('1')]));
  await load.close();
  const pieces: string[] = [];
  const io: Io = {
    out: (text) => void pieces.push(text),
    err: () => {},
    read: async () => new Uint8Array(),
    live: false,
    columns: 80,
    env: {},
    signal: new AbortController().signal,
  };
  await runQuery(io, sql, { lake: join(folder, 'lake'), ...options });
  return pieces;
}

const MANY = 'SELECT unnest(range(10500)) AS n FROM messages';

it('a long answer is written piece by piece, in every form', async () => {
  const longest = Math.max(...(await written(MANY)).map((piece) => piece.split('\n').length));
  expect(longest).toBe(1 + 1 + 1_000 + 1);
  for (const form of [{ json: true }, { csv: true }]) {
    expect((await written(MANY, form)).length).toBeGreaterThan(3);
  }
});

it('the groups of a table hold every row once, each below the names of its columns, and their number stands at the end', async () => {
  const lines = (await written(MANY)).join('').trimEnd().split('\n');
  const numbers = lines.filter((line) => /^ *\d+$/.test(line)).map(Number);
  expect(numbers).toEqual(Array.from({ length: 10_500 }, (_, at) => at));
  expect(lines.filter((line) => line.trim() === 'n')).toHaveLength(11);
  expect(lines.at(-1)).toBe('(10500 rows)');
});

it('records are counted through the groups', async () => {
  const wide = `SELECT n, ${Array.from({ length: 9 }, (_, at) => `n AS a_name_that_is_long_${at}`).join(', ')} FROM (${MANY})`;
  const text = (await written(wide)).join('');
  expect(text).toContain('── 1 ──');
  expect(text).toContain('── 10500 ──');
});

it('an answer without rows names its columns', async () => {
  expect(await written('SELECT id FROM messages WHERE false')).toEqual(['id\n──\n', '(0 rows)\n']);
});
