import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance, DuckDBTimestampTZValue } from '@duckdb/node-api';
import { describe, expect, it, vi } from 'vitest';
import { message, messagesPage, openTestLake, rowsOf, temporaryFolder } from '../../../test/support/lake-pages.ts';
import { tables } from '../../tables/index.generated.ts';
import { fileStore } from '../stores/file.ts';
import { openReader, queryLake } from './query.ts';

describe('queryLake', () => {
  it('has every table, also of an empty lake', async () => {
    const folder = temporaryFolder();
    for (const { name, columns } of tables) {
      const { rows, columns: found } = await queryLake({
        store: fileStore(join(folder, 'lake')),
        tables,
        sql: `SELECT * FROM ${name}`,
      });
      expect(rows).toEqual([]);
      expect(found).toEqual(Object.keys(columns));
    }
  });

  it.each([
    "COPY messages TO '/tmp/x.parquet'",
    'CREATE TABLE x AS SELECT 1',
    'DROP VIEW messages',
    'SELECT 1; SELECT 2',
    "SET memory_limit = '1TB'",
    'INSTALL httpfs',
    'DELETE FROM messages',
    '-- all of them\nupdate messages set id = 1',
    '',
    ' ; ',
    '-- nothing',
  ])('refuses %s', async (sql) => {
    const store = fileStore(join(temporaryFolder(), 'lake'));
    await expect(queryLake({ store, tables, sql })).rejects.toMatchObject({
      code: 'query_not_read_only',
      recovery: 'user_action',
    });
  });

  it('says what is wrong with a query', async () => {
    const store = fileStore(join(temporaryFolder(), 'lake'));
    await expect(queryLake({ store, tables, sql: 'SELECT * FROM mesages' })).rejects.toMatchObject({
      code: 'query_failed',
      message: expect.stringContaining('mesages'),
    });
  });

  it('sees each commit of a lake that is being written, also across compaction', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    await using reader = await openReader({ store: fileStore(join(folder, 'lake')), tables });
    const count = async () => (await reader.query('SELECT count(*) FROM messages')).rows[0]![0];
    const load = await lake.begin({ loadId: 'a' });
    for (const id of ['1', '2', '3']) {
      await load.append(messagesPage([message(id)]));
      const before = Number(id) - 1;
      expect(await count()).toBe(before);
      await load.commit();
      if (id === '2') await lake.compact();
      expect(await count()).toBe(before + 1);
    }
    await load.close();
    expect(
      (await rowsOf(folder, 'SELECT _op, _commit FROM messages_changes ORDER BY id')).map(({ _commit }) => _commit),
    ).toEqual([1, 2, 4]);
  });

  it('stops when it is aborted', async () => {
    const store = fileStore(join(temporaryFolder(), 'lake'));
    const sql = 'SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range + b.range = 7';
    await expect(queryLake({ store, tables, sql, signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});

it('keeps the whole record in _raw when asked to, also of replies and of pages read in JavaScript', async () => {
  const folder = temporaryFolder();
  await using lake = await openTestLake(folder, { rawColumn: true, keepRaw: true });
  const load = await lake.begin({ loadId: 'a' });
  await load.append(
    messagesPage([{ ...message('1'), unknown: [1], replies: [{ ...message('2', { replyToId: '1' }), other: 'x' }] }]),
  );
  await load.append({ ...messagesPage([{ ...message('3'), subject: '\ud800', unknown: [3] }]) });
  await load.close();
  const { rows } = await queryLake({
    store: fileStore(join(folder, 'lake')),
    tables,
    sql: "SELECT id, _raw->>'$.unknown[0]' FROM messages UNION ALL SELECT id, _raw->>'$.other' FROM message_replies ORDER BY id",
  });
  expect(rows).toEqual([
    ['1', '1'],
    ['2', 'x'],
    ['3', '3'],
  ]);
  const raw: string[] = [];
  for await (const { key } of fileStore(join(folder, 'lake')).list('raw/')) raw.push(key);
  expect(raw).toEqual(['raw/channel_messages/a-0000000001.ndjson.gz']);
});

it('keeps _raw of a lake that was written with it, also when it is opened without saying so', async () => {
  const folder = temporaryFolder();
  const land = async (loadId: string, raw: boolean, ...ids: string[]) => {
    await using lake = await openTestLake(folder, raw ? { rawColumn: true } : {});
    const load = await lake.begin({ loadId });
    await load.append(messagesPage(ids.map((id) => ({ ...message(id), unknown: id }))));
    await load.close();
    await lake.publish();
    await lake.compact();
  };
  const unknown = () => rowsOf(folder, "SELECT id, _raw->>'$.unknown' AS unknown FROM messages ORDER BY id");
  await land('a', false, '1');
  await expect(unknown()).rejects.toMatchObject({ code: 'query_failed' });
  await land('b', true, '2');
  await land('c', false, '3');
  expect(await unknown()).toEqual([
    { id: '1', unknown: null },
    { id: '2', unknown: '2' },
    { id: '3', unknown: '3' },
  ]);
});

it('gives instants in ISO 8601 and UTC, spans as text, whole numbers exactly, also inside lists', async () => {
  const store = fileStore(join(temporaryFolder(), 'lake'));
  const sql = `SELECT TIMESTAMPTZ '2026-01-02 03:04:05.678901+05' AS a, [{'at': TIMESTAMPTZ '1969-12-31 23:59:59.5Z'}] AS b,
    TIMESTAMPTZ 'infinity' AS c, INTERVAL '3 days 04:05:06' AS d, [9007199254740991::BIGINT, 9007199254740993::BIGINT] AS e`;
  const { timezoneOffsetInMinutes } = DuckDBTimestampTZValue;
  DuckDBTimestampTZValue.timezoneOffsetInMinutes = 540; // as on a machine in Tokyo
  const { rows } = await queryLake({ store, tables, sql });
  DuckDBTimestampTZValue.timezoneOffsetInMinutes = timezoneOffsetInMinutes;
  expect(rows).toEqual([
    [
      '2026-01-01T22:04:05.678901Z',
      [{ at: '1969-12-31T23:59:59.500Z' }],
      'infinity',
      '3 days 04:05:06',
      [9007199254740991, '9007199254740993'],
    ],
  ]);
});

describe('queries at the same time', () => {
  it('open one DuckDB for a version, and leave neither one nor a folder behind', async () => {
    const folder = temporaryFolder();
    const scratchDir = join(folder, 'spill');
    mkdirSync(scratchDir, { mode: 0o700 });
    const opened = vi.spyOn(DuckDBInstance, 'create');
    const closed = vi.spyOn(DuckDBInstance.prototype, 'closeSync');
    try {
      await using reader = await openReader({ store: fileStore(join(folder, 'lake')), tables, scratchDir });
      const count = (table: string) => reader.query(`SELECT count(*) FROM ${table}`);
      const answers = await Promise.all(['teams', 'teams', 'teams', 'teams_changes'].map(count));
      expect(answers.map(({ rows }) => rows)).toEqual(Array.from({ length: 4 }, () => [[0]]));
      expect(opened.mock.calls.length - closed.mock.calls.length).toBe(1);
      expect(readdirSync(scratchDir)).toHaveLength(1);
      await reader.close();
      expect(opened.mock.calls.length).toBe(closed.mock.calls.length);
      expect(readdirSync(scratchDir)).toEqual([]);
    } finally {
      opened.mockRestore();
      closed.mockRestore();
    }
  });

  it('are refused by a reader that is closed; one that runs goes on to its end', async () => {
    const folder = temporaryFolder();
    const scratchDir = join(folder, 'spill');
    mkdirSync(scratchDir, { mode: 0o700 });
    const reader = await openReader({ store: fileStore(join(folder, 'lake')), tables, scratchDir });
    const rows: unknown[] = [];
    await reader.stream('SELECT range FROM range(5)', async ({ batches }) => {
      await reader.close();
      for await (const batch of batches) rows.push(...batch);
    });
    expect(rows).toEqual([[0], [1], [2], [3], [4]]);
    expect(readdirSync(scratchDir)).toEqual([]);
    await expect(reader.query('SELECT 1')).rejects.toMatchObject({ code: 'lake_reader_closed' });
  });
});
