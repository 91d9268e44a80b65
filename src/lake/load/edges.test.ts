// Edge behaviours E1-E31 of JSON pages, as they end in tables. Ids in the titles.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { message, openTestLake, rawPage, rowsOf, temporaryFolder } from '../../../test/support/lake-pages.ts';

/** Lands pages of raw bytes; answers the bodies that arrived, the counts and what was quarantined. */
async function land(...pages: (string | Uint8Array)[]) {
  const folder = temporaryFolder();
  await using lake = await openTestLake(folder);
  const load = await lake.begin({ loadId: 'a' });
  for (const page of pages) {
    await load.append(
      rawPage('channel_messages', 'p', typeof page === 'string' ? Buffer.from(page) : page, {
        team_id: 't',
        channel_id: 'c',
      }),
    );
  }
  await load.close();
  const place = join(folder, 'lake', 'quarantine');
  const quarantine = existsSync(place) ? readdirSync(place).map((name) => readFileSync(join(place, name), 'utf8')) : [];
  return {
    folder,
    rows: await rowsOf(
      folder,
      'SELECT id, body.content AS text, subject, createdDateTime::VARCHAR AS at FROM messages ORDER BY id',
    ),
    quarantined: load.counts['messages']!.quarantined,
    unreadable: [...load.unreadable],
    quarantine: quarantine.map((line) => JSON.parse(line) as { reason: string; base64: string; partition: string }),
  };
}

const page = (...messages: Record<string, unknown>[]) => JSON.stringify({ value: messages });
const good = page(message('9'));
const withBody = (raw: string) => page(message('1')).replace('"text of 1"', raw);

it('E1: a lone surrogate costs one character, not the segment', async () => {
  const { rows, quarantined } = await land(good, withBody(String.raw`"x\ud83d y"`));
  expect(rows.map(({ id, text }) => [id, text])).toEqual([
    ['1', 'x\ufffd y'],
    ['9', 'text of 9'],
  ]);
  expect(quarantined).toBe(0);
});

it.each([
  ['truncated', good.slice(0, -20), 'page_unreadable'],
  ['HTML', '<html>busy</html>', 'page_unreadable'],
  ['an error body', '{"error":{"code":"x"}}', 'page_without_value'],
  ['value null', '{"value":null}', 'page_without_value'],
  ['value an object', '{"value":{"id":"1"}}', 'page_without_value'],
])('E2, E3, E12: a page that is %s goes to quarantine with its bytes; the others land', async (_, bad, reason) => {
  const { rows, quarantined, quarantine } = await land(good, bad, page(message('8')));
  expect(rows.map(({ id }) => id)).toEqual(['8', '9']);
  expect(quarantined).toBe(1);
  expect(quarantine).toMatchObject([{ reason, partition: 'p' }]);
  expect(Buffer.from(quarantine[0]!.base64, 'base64')).toEqual(Buffer.from(bad));
});

it.each([
  ['invalid UTF-8', Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])],
  ['a raw control character', Buffer.from(JSON.stringify(message('1')).replace('text of 1', 'text\u0001of'))],
  ['words where a value is due', Buffer.from(JSON.stringify(message('1')).replace('"text of 1"', 'SECRET "text"'))],
])('E2: a record with %s is set aside alone, with its bytes, and named', async (_, record) => {
  const bytes = Buffer.concat([
    Buffer.from(`{"value":[${JSON.stringify(message('7'))},`),
    record,
    Buffer.from(`,${JSON.stringify(message('8', { subject: 'a \ud800 b' }))}],"@odata.nextLink":"https://x/y"}`),
  ]);
  const { rows, quarantined, quarantine, unreadable } = await land(good, bytes);
  expect(rows.map(({ id, subject }) => [id, subject])).toEqual([
    ['7', null],
    ['8', 'a \ufffd b'],
    ['9', null],
  ]);
  expect({ quarantined, unreadable }).toEqual({ quarantined: 1, unreadable: ['channel_messages/p'] });
  expect(quarantine).toMatchObject([{ reason: 'record_unreadable' }]);
  expect(Buffer.from(quarantine[0]!.base64, 'base64')).toEqual(record);
});

it('what is read again is set aside once, and counted in the run that found it', async () => {
  const folder = temporaryFolder();
  const bad = page(message('1'), message('2')).replace('text of 1', 'text\u0001of 1');
  const odd = page(message('3', { createdDateTime: 'yesterday' }));
  const counts: number[] = [];
  for (const loadId of ['a', 'b', 'c']) {
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId });
    const at = { team_id: 't', channel_id: 'c' };
    for (const body of [bad, odd]) await load.append(rawPage('channel_messages', 'p', Buffer.from(body), at));
    await load.close();
    counts.push(load.counts['messages']!.quarantined);
  }
  expect(counts).toEqual([2, 0, 0]);
  expect(readdirSync(join(folder, 'lake', 'quarantine'))).toHaveLength(2);
});

describe('a value that is none of its type or shape is NULL, and its record is set aside, wherever it stands', () => {
  const reactionAt = (createdDateTime: unknown) => [
    { reactionType: 'like', createdDateTime, user: { user: { id: 'u' } } },
  ];
  const cases: readonly [string, Record<string, unknown>, number][] = [
    ['a time in a list', { reactions: reactionAt('soon') }, 1],
    ['a time that no reader holds', { reactions: reactionAt('10000-01-01T00:00:00Z') }, 1],
    ['a time before 1900', { createdDateTime: '1899-12-31T23:59:59Z' }, 1],
    ['a number too big, in a list', { mentions: [{ id: 99_999_999_999, mentionText: 'x' }] }, 1],
    ['a text where a list is due', { reactions: 'none' }, 1],
    ['an object where a list is due', { mentions: {} }, 1],
    ['a text where an object is due', { from: 'Ann' }, 1],
    ['a number where an object is due, in an object', { from: { user: 7 } }, 1],
    ['a list where an object is due, in a list', { reactions: [[1], ...reactionAt('2026-01-01T00:00:00Z')] }, 1],
    ['a text where an object is due, deep in a list', { mentions: [{ id: 0, mentioned: { user: 'u' } }] }, 1],
    ['nothing odd: nulls', { from: null, reactions: null, mentions: [null], attachments: [] }, 0],
    ['nothing odd: empty objects', { from: {}, mentions: [{}], body: { contentType: null, content: null } }, 0],
    ['nothing odd: instants that mean none', { reactions: reactionAt('0001-01-01T00:00:00Z') }, 0],
    ['nothing odd: the last instant', { createdDateTime: '9999-12-31T23:59:59.9999999Z' }, 0],
  ];
  it.each(
    cases.flatMap(([what, more, count]) => [
      [what, 'DuckDB', more, count] as const,
      [what, 'JavaScript', { ...more, summary: '\ud800' }, count] as const,
    ]),
  )('%s (read by %s)', async (_, __, more, count) => {
    const { rows, quarantined, quarantine } = await land(good, page(message('1', more), message('2')));
    expect(rows.map(({ id }) => id)).toEqual(['1', '2', '9']);
    expect(quarantined).toBe(count);
    expect(quarantine.map(({ reason }) => reason)).toEqual(Array.from({ length: count }, () => 'value_malformed'));
  });
});

it('E2: a byte order mark is read over', async () => {
  expect((await land(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(good)]))).rows).toHaveLength(1);
});

it('E5: a trailing comma, which DuckDB accepts, loses nothing', async () => {
  expect((await land(good.replace(/\]\}$/, ',]}'))).rows).toHaveLength(1);
});

it('E6, E11: unknown fields are passed over, however deep', async () => {
  expect(
    (await land(page(message('1')).replace('"id":"1"', `"new":${'['.repeat(5000)}${']'.repeat(5000)},"id":"1"`))).rows,
  ).toHaveLength(1);
});

it('E7, E9, E10: a wrong type is null or its text, never an error', async () => {
  const { rows } = await land(page(message('1', { body: 'no object', subject: { a: 1 }, id: 12345 })));
  expect(rows).toMatchObject([{ id: '12345', text: null, subject: '{"a":1}' }]);
});

it('E10: a number beyond 2^53 keeps its digits', async () => {
  const { rows } = await land(page(message('1')).replace('"id":"1"', '"id":12345678901234567890'));
  expect(rows).toMatchObject([{ id: '12345678901234567890' }]);
});

it('E13: a null element is quarantined, its neighbours land', async () => {
  const { rows, quarantine } = await land(JSON.stringify({ value: [message('1'), null, message('2')] }));
  expect(rows.map(({ id }) => id)).toEqual(['1', '2']);
  expect(quarantine).toMatchObject([{ reason: 'key_missing', base64: Buffer.from('null').toString('base64') }]);
});

it('E13: a record without its key is quarantined as sent', async () => {
  const { quarantine } = await land(JSON.stringify({ value: [{ body: { content: 'lost?' } }] }));
  expect(quarantine.map(({ base64 }) => Buffer.from(base64, 'base64').toString())).toEqual([
    '{"body":{"content":"lost?"}}',
  ]);
});

it.each([
  ['read by DuckDB', 'text of 1'],
  ['read in JavaScript', String.raw`x\ud83d y`],
])('E16: a time that is none lands as NULL, and quarantine keeps what was sent (%s)', async (_, text) => {
  const odd = withBody(`"${text}"`).replace(/"createdDateTime":"[^"]*"/, '"createdDateTime":"yesterday"');
  const { rows, quarantined, quarantine, unreadable } = await land(good, odd);
  expect(rows).toMatchObject([{ id: '1', at: null }, { id: '9' }]);
  expect(rows[1]!['at']).not.toBeNull();
  expect(quarantined).toBe(1);
  expect(quarantine).toMatchObject([{ reason: 'value_malformed' }]);
  expect(Buffer.from(quarantine[0]!.base64, 'base64').toString()).toContain('"createdDateTime":"yesterday"');
  expect(unreadable).toEqual([]);
});

it('E14, E15: a doubled key in other case or twice still gives one row', async () => {
  const { rows } = await land(page(message('1')).replace('"id":"1"', '"ID":"x","id":"1"'));
  expect(rows).toMatchObject([{ id: '1' }]);
});

it.each([
  ['2026-01-02T03:04:05.1234567Z', '2026-01-02 03:04:05.123456+00'],
  ['2026-01-02T03:04:05+02:00', '2026-01-02 01:04:05+00'],
  ['2026-01-02T03:04:05-08:00', '2026-01-02 11:04:05+00'],
  ['2026-01-02T03:04:05', '2026-01-02 03:04:05+00'],
  ['0001-01-01T00:00:00Z', null],
  ['1601-01-01T00:00:00.0000000Z', null],
  ['1900-01-01T00:00:00Z', '1900-01-01 00:00:00+00'],
  ['9999-12-31T23:59:59.9999999Z', '9999-12-31 23:59:59.999999+00'],
  ['infinity', null],
  ['2026-01-02T24:00:00Z', '2026-01-03 00:00:00+00'],
  ['2026-02-30T00:00:00Z', null],
  ['2026-06-30T23:59:60Z', null],
  ['', null],
  ['nope', null],
])('E16, E17, E18, E31: the time %j is %j', async (text, expected) => {
  expect((await land(page(message('1', { createdDateTime: text })))).rows).toMatchObject([{ id: '1', at: expected }]);
});

it('E18: escapes and raw emoji arrive alike', async () => {
  const { rows } = await land(withBody(String.raw`"\ud83c\udf89 🎉 \u4f1a"`));
  expect(rows).toMatchObject([{ text: '🎉 🎉 会' }]);
});

it('E19, E20: a pretty-printed page with CR LF is one page', async () => {
  const pretty = JSON.stringify({ value: [message('1'), message('2')] }, null, 2).replaceAll('\n', '\r\n');
  const { rows, quarantined } = await land(`\r\n${pretty}\r\n\r\n`);
  expect(rows).toHaveLength(2);
  expect(quarantined).toBe(0);
});

it('E21: a page of 17 MB lands', async () => {
  const { rows } = await land(withBody(JSON.stringify('x'.repeat(17_000_000))));
  expect((rows[0]!['text'] as string).length).toBe(17_000_000);
});

it('E27, E28, E30: the same key twice in a page gives the later version, and of equals the later place', async () => {
  const time = (day: number) => `2026-05-0${day}T00:00:00Z`;
  const { rows } = await land(
    page(
      message('1', { subject: 'new', lastModifiedDateTime: time(2) }),
      message('1', { subject: 'old', lastModifiedDateTime: time(1) }),
      message('2', { subject: 'first', lastModifiedDateTime: time(1) }),
      message('2', { subject: 'second', lastModifiedDateTime: time(1) }),
    ),
  );
  expect(rows.map(({ id, subject }) => [id, subject])).toEqual([
    ['1', 'new'],
    ['2', 'second'],
  ]);
});

it('a record that is no JSON holds no position: who reads knows which one it is', async () => {
  const folder = temporaryFolder();
  await using lake = await openTestLake(folder);
  const load = await lake.begin({ loadId: 'a', segmentPages: 1 });
  const bytes = Buffer.from(page(message('1'), message('2')).replace('text of 1', 'text\u0001of 1'));
  await load.append(rawPage('channel_messages', 'p', bytes, { team_id: 't', channel_id: 'c' }));
  load.advance('channel_messages', 'p', { done: 1 });
  await load.close();
  expect([...load.unreadable]).toEqual(['channel_messages/p']);
  expect(Object.fromEntries(lake.positions())).toEqual({ 'channel_messages/p': { done: 1 } });
});

it('a page that is no JSON holds the position of its partition until it could be read', async () => {
  const folder = temporaryFolder();
  const give = async (loadId: string, pages: readonly string[]) => {
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId, segmentPages: 1 });
    for (const [done, body] of pages.entries()) {
      for (const partition of ['bad', 'fine']) {
        const bytes = Buffer.from(partition === 'bad' ? body : good);
        await load.append(rawPage('channel_messages', partition, bytes, { team_id: 't', channel_id: 'c' }));
        load.advance('channel_messages', partition, { done });
      }
    }
    await load.close();
    return { unreadable: [...load.unreadable], positions: Object.fromEntries(lake.positions()) };
  };
  expect(await give('a', [good, good.slice(0, -20), good])).toEqual({
    unreadable: ['channel_messages/bad'],
    positions: { 'channel_messages/bad': { done: 0 }, 'channel_messages/fine': { done: 2 } },
  });
  expect(await give('b', [good, good, good])).toMatchObject({
    unreadable: [],
    positions: { 'channel_messages/bad': { done: 2 } },
  });
});
