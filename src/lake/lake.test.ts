import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  message,
  messagesPage,
  openTestLake,
  rawPage,
  reaction,
  rowsOf,
  temporaryFolder,
} from '../../test/support/lake-pages.ts';

const at = (hour: number) => `2026-02-01T${String(hour).padStart(2, '0')}:00:00Z`;

describe('a load of channel messages', () => {
  it('lands roots, replies and their lists, with positions, in one commit', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId: 'first' });
    await load.append(
      messagesPage([
        message('1', {
          reactions: [reaction('like', 'u1'), reaction('like', null)],
          mentions: [{ id: 0, mentionText: 'Bo', mentioned: { user: { id: 'u2', displayName: 'Bo' } } }],
          replies: [
            message('2', { replyToId: '1', attachments: [{ id: null, contentType: 'reference', name: 'a.txt' }] }),
          ],
        }),
      ]),
    );
    load.advance('channel_messages', 't', { until: at(1) });
    expect(await load.commit()).toBe(1);
    await load.close();

    expect(lake.positions().get('channel_messages/t')).toEqual({ until: at(1) });
    expect(load.counts).toMatchObject({
      messages: { rows: 1, deletes: 0, quarantined: 0 },
      message_replies: { rows: 1 },
      message_reactions: { rows: 2 },
      message_mentions: { rows: 1 },
      message_attachments: { rows: 1 },
    });
    expect(
      await rowsOf(folder, 'SELECT team_id, channel_id, id, body.content, "from"."user".id AS sender FROM messages'),
    ).toEqual([{ team_id: 't', channel_id: 'c', id: '1', content: 'text of 1', sender: 'u1' }]);
    expect(await rowsOf(folder, 'SELECT parent_message_id, id FROM message_replies')).toEqual([
      { parent_message_id: '1', id: '2' },
    ]);
    expect(
      await rowsOf(
        folder,
        'SELECT root_message_id, message_id, user_id, reaction_type FROM message_reactions ORDER BY user_id',
      ),
    ).toEqual([
      { root_message_id: '1', message_id: '1', user_id: '#2', reaction_type: 'like' },
      { root_message_id: '1', message_id: '1', user_id: 'u1', reaction_type: 'like' },
    ]);
    expect(await rowsOf(folder, 'SELECT message_id, id, name FROM message_attachments')).toEqual([
      { message_id: '2', id: '#1', name: 'a.txt' },
    ]);
    expect(await rowsOf(folder, 'SELECT id, mentioned."user".id AS who FROM message_mentions')).toEqual([
      { id: 0, who: 'u2' },
    ]);
  });

  it('lets the newer version win and replaces the lists of a record as a whole', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId: 'a' });
    await load.append(
      messagesPage([message('1', { lastModifiedDateTime: at(2), reactions: [reaction('like', 'u1')] })]),
    );
    await load.commit();
    await load.append(
      messagesPage([message('1', { lastModifiedDateTime: at(1), reactions: [reaction('sad', 'u9')] })]),
    );
    await load.commit();
    expect(await rowsOf(folder, 'SELECT reaction_type FROM message_reactions')).toEqual([{ reaction_type: 'like' }]);
    await load.append(messagesPage([message('1', { lastModifiedDateTime: at(3), deletedDateTime: at(3) })]));
    await load.close();
    expect(await rowsOf(folder, 'SELECT count(*) AS n, count("deletedDateTime") AS deleted FROM messages')).toEqual([
      { n: 1, deleted: 1 },
    ]);
    expect(await rowsOf(folder, 'SELECT * FROM message_reactions')).toEqual([]);
    expect(
      await rowsOf(folder, 'SELECT _op, reaction_type FROM message_reactions_changes ORDER BY _version, _op DESC'),
    ).toEqual([
      { _op: 'upsert', reaction_type: 'sad' },
      { _op: 'upsert', reaction_type: 'like' },
      { _op: 'delete', reaction_type: 'sad' },
      { _op: 'delete', reaction_type: 'like' },
    ]);
  });

  it('writes nothing for what an earlier run landed already', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    const first = await lake.begin({ loadId: 'a' });
    await first.append(messagesPage([message('1'), message('2', { lastModifiedDateTime: at(2) })]));
    first.advance('channel_messages', 't', { until: at(2) });
    await first.close();
    await lake.publish();
    const version = lake.version;

    const idle = await lake.begin({ loadId: 'b' });
    await idle.append(messagesPage([message('1'), message('2', { lastModifiedDateTime: at(2) })]));
    idle.advance('channel_messages', 't', { until: at(2) });
    await idle.close();
    expect(lake.version).toBe(version);
    expect(idle.counts['messages']).toEqual({ rows: 0, deletes: 0, quarantined: 0 });

    const next = await lake.begin({ loadId: 'c' });
    await next.append(messagesPage([message('1'), message('2', { lastModifiedDateTime: at(3) }), message('3')]));
    await next.close();
    expect(next.counts['messages']).toEqual({ rows: 2, deletes: 0, quarantined: 0 });
  });

  it('takes @removed for a delete, also of replies, and never overwrites a row with nulls', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId: 'a' });
    await load.append(messagesPage([message('1', { replies: [message('2', { replyToId: '1' })] }), message('3')]));
    await load.commit();
    await load.append(
      messagesPage([
        { id: '2', '@removed': { reason: 'deleted' } },
        { id: '3', '@removed': { reason: 'changed' } },
      ]),
    );
    await load.close();
    expect(await rowsOf(folder, 'SELECT id FROM message_replies')).toEqual([]);
    expect(await rowsOf(folder, 'SELECT id, body.content FROM messages ORDER BY id')).toEqual([
      { id: '1', content: 'text of 1' },
      { id: '3', content: 'text of 3' },
    ]);
    expect(load.counts['message_replies']).toEqual({ rows: 2, deletes: 1, quarantined: 0 });
  });

  it('closes a segment at its pages and by its age', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId: 'a', segmentPages: 2, segmentMs: 20 });
    for (const id of ['1', '2', '3']) await load.append(messagesPage([message(id)]));
    await expect.poll(() => lake.version, { timeout: 20_000 }).toBe(2);
    await load.close();
    expect(lake.version).toBe(2);
    expect(readdirSync(join(folder, 'lake', 'tables', 'messages'))).toEqual([
      'L00000001-a-0000000001.parquet',
      'L00000001-a-0000000002.parquet',
    ]);
  });

  it('drops what is not committed when abandoned', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId: 'a' });
    await load.append(messagesPage([message('1')]));
    load.advance('channel_messages', 't', { until: at(1) });
    await load.abandon();
    expect(lake.version).toBe(0);
    expect(lake.positions().size).toBe(0);
  });
});

describe('a snapshot', () => {
  const page = (team: string, ids: readonly string[], name = 'n') =>
    rawPage('channels', team, Buffer.from(JSON.stringify({ value: ids.map((id) => ({ id, displayName: name })) })), {
      team_id: team,
    });

  it('writes only what differs from the rows that stand', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId: 'a' });
    await load.replace('channels', 't1', [page('t1', ['a', 'b']), page('t1', ['c'])]);
    await load.replace('channels', 't2', [page('t2', ['a'])]);
    await load.commit();
    expect(lake.version).toBe(1);
    await load.replace('channels', 't1', [page('t1', ['a', 'b', 'c'])]);
    await load.commit();
    expect(lake.version).toBe(1);
    await load.replace('channels', 't1', [page('t1', ['a', 'd'])]);
    await load.close();
    expect(load.counts['channels']).toEqual({ rows: 7, deletes: 2, quarantined: 0 });
    expect(await rowsOf(folder, 'SELECT team_id, id FROM channels ORDER BY ALL')).toEqual([
      { team_id: 't1', id: 'a' },
      { team_id: 't1', id: 'd' },
      { team_id: 't2', id: 'a' },
    ]);
  });

  it('deletes the rows of partitions that are gone, and an empty listing empties its partition', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId: 'a' });
    for (const team of ['t1', 't2', 't3']) await load.replace('channels', team, [page(team, ['a'])]);
    await load.commit();
    await load.replace('channels', 't3', []);
    await load.retain('channels', new Set(['t1', 't3']));
    await load.close();
    expect(await rowsOf(folder, 'SELECT team_id FROM channels')).toEqual([{ team_id: 't1' }]);
    expect(load.counts['channels']).toEqual({ rows: 5, deletes: 2, quarantined: 0 });
  });

  it('takes records from several listings, one row each, and deletes what none of them names', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    const chats = (...ids: string[]) =>
      rawPage('chats', '', Buffer.from(JSON.stringify({ value: ids.map((id) => ({ id })) })));
    const load = await lake.begin({ loadId: 'a' });
    await load.replace('chats', 'u1', [chats('a', 'b')], { isPart: true });
    await load.replace('chats', 'u2', [chats('b', 'c')], { isPart: true });
    await load.commit();
    await load.replace('chats', 'u1', [chats('a', 'd')], { isPart: true });
    await load.commit();
    expect(await rowsOf(folder, 'SELECT id FROM chats ORDER BY id')).toEqual(
      ['a', 'b', 'c', 'd'].map((id) => ({ id })),
    );
    await load.replace('chats', 'u2', [chats('b')], { isPart: true });
    await load.retain('chats', new Set(['a', 'b', 'd']));
    await load.close();
    expect(await rowsOf(folder, 'SELECT id FROM chats ORDER BY id')).toEqual(['a', 'b', 'd'].map((id) => ({ id })));
    expect(load.counts['chats']).toEqual({ rows: 5, deletes: 1, quarantined: 0 });
  });

  it('deletes nothing where a page could not be read', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId: 'a' });
    await load.replace('channels', 't1', [page('t1', ['a', 'b'])]);
    await load.commit();
    await load.replace('channels', 't1', [
      page('t1', ['a']),
      rawPage('channels', 't1', Buffer.from('{"value":'), { team_id: 't1' }),
    ]);
    await load.close();
    expect(await rowsOf(folder, 'SELECT id FROM channels ORDER BY id')).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect(load.counts['channels']).toEqual({ rows: 2, deletes: 0, quarantined: 1 });
  });

  it('refuses a page of another partition', async () => {
    await using lake = await openTestLake(temporaryFolder());
    const load = await lake.begin({ loadId: 'a' });
    const unnamed = rawPage('channels', 't', page('t1', ['a']).bytes, {});
    for (const [partition, given] of [
      ['t1', page('t2', ['a'])],
      ['t1', unnamed],
      ['', unnamed],
    ] as const) {
      await expect(load.replace('channels', partition, [given])).rejects.toMatchObject({
        code: 'lake_partition_mismatch',
      });
    }
    await expect(load.replace('channels', '', [])).rejects.toMatchObject({ code: 'lake_partition_mismatch' });
    await expect(load.append(rawPage('chanels', 't', Buffer.from('{}')))).rejects.toMatchObject({
      code: 'lake_unknown_resource',
    });
    await load.abandon();
  });
});
