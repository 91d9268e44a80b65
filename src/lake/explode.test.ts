import { describe, expect, it } from 'vitest';
import {
  message,
  messagesPage,
  openTestLake,
  rawPage,
  rowsOf,
  temporaryFolder,
} from '../../test/support/lake-pages.ts';

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
