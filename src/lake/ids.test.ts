import { expect, it } from 'vitest';
import { message, openTestLake, rawPage, reaction, rowsOf, temporaryFolder } from '../../test/support/lake-pages.ts';

const team = '0a1b2c3d-0000-4000-8000-00000000000a';
const user = '0a1b2c3d-0000-4000-8000-00000000000b';
const page = (value: readonly unknown[]) => Buffer.from(JSON.stringify({ value }));

/** What the service answers: of GUIDs it may change the casing from answer to answer. */
const answers = [(id: string) => id, (id: string) => id.toUpperCase()];

it('a service that answers the same ids in another casing changes no row and doubles none', async () => {
  const folder = temporaryFolder();
  for (const [run, cased] of answers.entries()) {
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId: `run-${run}`, segmentPages: 1 });
    await load.replace('users', '', [rawPage('users', '', page([{ id: cased(user), displayName: 'Ada' }]))]);
    await load.retain('team_members', new Set([team]));
    const members = page([{ id: 'MCMj', userId: cased(user), displayName: 'Ada', roles: ['owner'] }]);
    await load.replace('team_members', team, [rawPage('team_members', team, members, { team_id: team })]);
    const value = [
      message('1', {
        channelIdentity: { teamId: cased(team), channelId: '19:Aa@thread.tacv2' },
        from: null,
        reactions: [reaction('like', cased(user))],
      }),
    ];
    const context = { team_id: cased(team) };
    await load.append(rawPage('channel_messages', `team:${team}`, page(value), context));
    await load.append(rawPage('channel_messages', `team:${team}`, page(value.map((one) => ({ ...one }))), context));
    load.advance('channel_messages', `team:${team}`, { run });
    await load.close();
  }
  for (const table of ['users', 'members', 'message_reactions', 'messages']) {
    expect(await rowsOf(folder, `SELECT count(*)::INTEGER AS n FROM ${table}`), table).toEqual([{ n: 1 }]);
  }
  for (const table of ['users', 'members']) {
    expect(await rowsOf(folder, `SELECT count(*)::INTEGER AS n FROM ${table}_changes`), table).toEqual([{ n: 1 }]);
  }
  expect(await rowsOf(folder, 'SELECT DISTINCT team_id, channel_id FROM messages')).toEqual([
    { team_id: team, channel_id: '19:Aa@thread.tacv2' },
  ]);
  expect(await rowsOf(folder, 'SELECT user_id FROM message_reactions')).toEqual([{ user_id: user }]);
});
