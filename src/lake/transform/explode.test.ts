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
import type { TableShape } from '../../schema/column.ts';
import { queryLake } from '../query/query.ts';
import { fileStore } from '../stores/file.ts';

const user = (id: string) => ({ application: null, device: null, user: { id, displayName: null } });
const custom = (name: string | null, picture: string | null, at = '2026-01-01T00:00:00Z', by = 'u1') => ({
  reactionType: 'custom',
  displayName: name,
  reactionContentUrl: picture,
  createdDateTime: at,
  user: user(by),
});
const like = { ...custom('Like', null), reactionType: 'like' };

/** Lands versions of message 1, one a run. */
async function landVersions(folder: string, ...versions: Record<string, unknown>[]) {
  const reports: Record<string, number>[] = [];
  for (const [at, version] of versions.entries()) {
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId: `run-${at}` });
    const lastModifiedDateTime = `2026-02-0${at + 1}T00:00:00Z`;
    await load.append(messagesPage([message('1', { lastModifiedDateTime, ...version })]));
    load.advance('channel_messages', 't', { done: at });
    await load.close();
    if (at % 2 === 1) await lake.publish();
    reports.push(Object.fromEntries(Object.entries(load.counts).map(([table, { rows }]) => [table, rows])));
  }
  return reports;
}

describe('elements of one list', () => {
  it('custom reactions of one person are apart by name and picture', async () => {
    const folder = temporaryFolder();
    const reactions = [custom('party_parrot', 'https://x/a'), custom('shipit', 'https://x/b'), like];
    const [report] = await landVersions(folder, { reactions });
    expect(
      await rowsOf(
        folder,
        'SELECT reaction_type, custom_name, custom_picture, occurrence, displayName FROM message_reactions ORDER BY ALL',
      ),
    ).toEqual([
      {
        reaction_type: 'custom',
        custom_name: 'party_parrot',
        custom_picture: 'https://x/a',
        occurrence: '',
        displayName: 'party_parrot',
      },
      {
        reaction_type: 'custom',
        custom_name: 'shipit',
        custom_picture: 'https://x/b',
        occurrence: '',
        displayName: 'shipit',
      },
      { reaction_type: 'like', custom_name: '', custom_picture: '', occurrence: '', displayName: 'Like' },
    ]);
    expect(report!['message_reactions']).toBe(3);
  });

  it.each<[string, string, Record<string, unknown>, string[]]>([
    [
      'reactions',
      'message_reactions',
      { reactions: [like, like, custom('a', null), custom('a', null), like] },
      ['', '', '#2', '#2', '#3'],
    ],
    [
      'reactions without a user',
      'message_reactions',
      {
        reactions: [
          { ...like, user: null },
          { ...like, user: user('#1') },
        ],
      },
      ['', '#2'],
    ],
    [
      'mentions',
      'message_mentions',
      { mentions: [{ id: 0, mentionText: 'Ann' }, { id: 0, mentionText: 'Example' }, { mentionText: 'x' }, { id: 3 }] },
      ['', '', '#2', '#2'],
    ],
    [
      'mentions whose number is too big',
      'message_mentions',
      { mentions: [{ id: 99_999_999_999 }, { id: 1 }] },
      ['', '#2'],
    ],
    ['attachments', 'message_attachments', { attachments: [{ id: 'a' }, { id: 'a' }, null, null] }, ['', '', '', '#2']],
  ])('with one key are all there, told apart by their occurrence: %s', async (_, table, version, occurrences) => {
    const folder = temporaryFolder();
    const [report] = await landVersions(folder, version);
    const found = await rowsOf(folder, `SELECT * FROM ${table} ORDER BY occurrence`);
    expect(found.map(({ occurrence }) => occurrence)).toEqual(occurrences);
    expect(report![table]).toBe(occurrences.length);
  });

  it('roles of a member too', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId: 'a' });
    const value = [{ id: 'm', userId: 'u', roles: ['owner', 'owner', null, 'guest'] }];
    await load.replace('team_members', 't', [
      rawPage('team_members', 't', Buffer.from(JSON.stringify({ value })), { team_id: 't' }),
    ]);
    await load.close();
    expect(await rowsOf(folder, 'SELECT role, occurrence FROM member_roles ORDER BY ALL')).toEqual([
      { role: '#3', occurrence: '' },
      { role: 'guest', occurrence: '' },
      { role: 'owner', occurrence: '' },
      { role: 'owner', occurrence: '#2' },
    ]);
    expect(load.counts['member_roles']!.rows).toBe(4);
  });

  it('keep their keys over versions: what goes is a delete, what stays is none', async () => {
    const folder = temporaryFolder();
    const both = [custom('a', 'https://x/a'), custom('b', 'https://x/b'), like, like];
    await landVersions(
      folder,
      { reactions: both },
      { reactions: both.slice(1) },
      { reactions: [both[1], like] },
      { reactions: [] },
    );
    const changes = await rowsOf(
      folder,
      `SELECT _commit, _op, custom_name || reaction_type || occurrence AS key FROM message_reactions_changes
       WHERE _op = 'delete' ORDER BY _version, key`,
    );
    expect(changes.map(({ key }) => key)).toEqual(['acustom', 'like#2', 'bcustom', 'like']);
    expect(await rowsOf(folder, 'SELECT * FROM message_reactions')).toEqual([]);
  });
});

describe('calls with segments inside of sessions', () => {
  const shared = { description: '', resource: 'calls', ingestionType: 'cdc_with_deletes' } as const;
  const segment = { list: { struct: { id: 'string', media: 'string' } } } as const;
  const calls: readonly TableShape[] = [
    {
      ...shared,
      ...{ name: 'calls', primaryKey: ['id'], cursor: 'changed', records: ['value'] },
      columns: {
        id: { type: 'string', description: '' },
        changed: { type: 'timestamp', description: '' },
        parties: {
          type: { list: { struct: { id: 'string', segments: segment } } },
          description: '',
        },
      },
    },
    {
      ...shared,
      ...{ name: 'call_segments', primaryKey: ['call_id', 'session_id', 'id'], records: ['value.sessions.segments'] },
      columns: {
        call_id: { type: 'string', from: '$parent.$parent.id', description: '' },
        session_id: { type: 'string', from: '$parent.id', description: '' },
        id: { type: 'string', description: '' },
        quality: { type: 'int32', from: 'media.quality', description: '' },
      },
    },
    {
      ...shared,
      ...{ name: 'party_segments', primaryKey: ['call_id', 'party', 'id', 'nth'], explode: ['parties', 'segments'] },
      columns: {
        call_id: { type: 'string', from: 'id', description: '' },
        party: { type: 'string', from: ['$outer.id', '$outer.$ordinal'], description: '' },
        id: { type: 'string', from: ['$element.id', '$ordinal'], description: '' },
        media: { type: 'string', from: '$element.media', description: '' },
        nth: { type: 'string', from: '$occurrence', description: '' },
      },
    },
  ];
  const land = async (folder: string, value: readonly unknown[], text = JSON.stringify({ value })) => {
    await using lake = await openTestLake(folder, { tables: calls });
    const load = await lake.begin({ loadId: 'a' });
    await load.append(rawPage('calls', 't', Buffer.from(text)));
    await load.close();
    return Object.fromEntries(Object.entries(load.counts).map(([table, { rows }]) => [table, rows]));
  };
  const ask = async (folder: string, sql: string) =>
    (await queryLake({ store: fileStore(join(folder, 'lake')), tables: calls, sql })).rows;
  const call = (day: number, ids: readonly string[]) => ({
    id: 'c1',
    changed: `2026-02-0${day}T00:00:00Z`,
    sessions: [
      { id: 's1', segments: ids.map((id) => ({ id, media: { quality: 5 } })) },
      { id: 's2', segments: [{ id: 'x' }] },
      { id: 's3' },
      null,
    ],
    parties: [{ id: 'p1', segments: ids.map((id) => ({ id, media: 'audio' })) }, { segments: [{}, {}] }],
  });

  it('land every segment once, from records and from lists, with what is around it', async () => {
    const folder = temporaryFolder();
    expect(await land(folder, [call(1, ['a', 'b'])])).toEqual({ calls: 1, call_segments: 3, party_segments: 4 });
    expect(await ask(folder, 'SELECT * FROM call_segments ORDER BY ALL')).toEqual([
      ['c1', 's1', 'a', 5],
      ['c1', 's1', 'b', 5],
      ['c1', 's2', 'x', null],
    ]);
    expect(await ask(folder, 'SELECT * FROM party_segments ORDER BY ALL')).toEqual([
      ['c1', '#2', '#1', null, ''],
      ['c1', '#2', '#2', null, ''],
      ['c1', 'p1', 'a', 'audio', ''],
      ['c1', 'p1', 'b', 'audio', ''],
    ]);
  });

  it('say what went, before and after publishing', async () => {
    const folder = temporaryFolder();
    await land(folder, [call(1, ['a', 'b', 'b'])]);
    {
      await using lake = await openTestLake(folder, { tables: calls });
      await lake.publish();
    }
    await land(folder, [call(2, ['b'])]);
    const left = [
      ['#2', '#1', ''],
      ['#2', '#2', ''],
      ['p1', 'b', ''],
    ];
    expect(await ask(folder, 'SELECT party, id, nth FROM party_segments ORDER BY ALL')).toEqual(left);
    const gone = `SELECT party, id, nth FROM party_segments_changes WHERE _op = 'delete' ORDER BY ALL`;
    expect(await ask(folder, gone)).toEqual([
      ['p1', 'a', ''],
      ['p1', 'b', '#2'],
    ]);
  });

  it('are the same rows where a page had to be read slowly', async () => {
    const fast = temporaryFolder();
    const slow = temporaryFolder();
    const value = [call(1, ['a', 'b', 'a'])];
    await land(fast, value);
    await land(slow, value, JSON.stringify({ value }).replace('{"value"', '{"odd":"\\ud800","value"'));
    for (const sql of ['SELECT * FROM call_segments ORDER BY ALL', 'SELECT * FROM party_segments ORDER BY ALL'])
      expect(await ask(slow, sql)).toEqual(await ask(fast, sql));
  });
});
