import { join } from 'node:path';
import { expect, it } from 'vitest';
import { message, openTestLake, rawPage, reaction, rowsOf, temporaryFolder } from '../../../test/support/lake-pages.ts';
import type { ColumnType, TableShape } from '../../schema/column.ts';
import { tables } from '../../tables/index.generated.ts';
import { openDuck } from '../engine/duck.ts';

const team = '0a1b2c3d-0000-4000-8000-00000000000a';
const user = '0a1b2c3d-0000-4000-8000-00000000000b';
const page = (value: readonly unknown[]) => Buffer.from(JSON.stringify({ value }));

const identity = (id: string) => ({
  application: null,
  device: null,
  user: { id, displayName: 'Ada', userIdentityType: 'aadUser', tenantId: id },
});

/** What the service answers: of GUIDs it may change the casing from answer to answer. */
const answers = [(id: string) => id, (id: string) => id.toUpperCase()];

/** A message that names the user and the team wherever a message can. */
const messagesIn = (cased: (id: string) => string) => [
  message('1', {
    channelIdentity: { teamId: cased(team), channelId: '19:Aa@thread.tacv2' },
    from: identity(cased(user)),
    mentions: [{ id: 0, mentionText: 'Ada', mentioned: identity(cased(user)) }],
    reactions: [reaction('like', cased(user))],
  }),
];

it('a service that answers the same ids in another casing changes no row and doubles none', async () => {
  const folder = temporaryFolder();
  for (const [run, cased] of answers.entries()) {
    await using lake = await openTestLake(folder);
    const load = await lake.begin({ loadId: `run-${run}`, segmentPages: 1 });
    await load.replace('users', '', [rawPage('users', '', page([{ id: cased(user), displayName: 'Ada' }]))]);
    await load.retain('team_members', new Set([team]));
    const members = page([{ id: 'MCMj', userId: cased(user), displayName: 'Ada', roles: ['owner'] }]);
    await load.replace('team_members', team, [rawPage('team_members', team, members, { team_id: team })]);
    const value = messagesIn(cased);
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
  await joinsHold(folder);
});

/** Every place that names the user names it as `users` does. */
async function joinsHold(folder: string): Promise<void> {
  for (const place of [
    'm."from".user.id FROM messages m',
    'm."from".user.tenantId FROM messages m',
    'm.channelIdentity.teamId FROM messages m',
    'm.mentions[1].mentioned.user.id FROM messages m',
    'm.reactions[1]."user".user.id FROM messages m',
    'm.mentioned.user.id FROM message_mentions m',
    'm."user".user.id FROM message_reactions m',
    'm.user_id FROM message_reactions m',
    'm.userId FROM members m',
    'm.userId FROM member_roles m',
  ]) {
    const found = await rowsOf(folder, `SELECT ${place.replace(' FROM', ' AS id FROM')}`);
    expect(found, place).toEqual([{ id: place.includes('teamId') ? team : user }]);
  }
}

it('rows of before, with ids as they came, are read by the same rule, and come new to nobody', async () => {
  const folder = temporaryFolder();
  const former = tables.map((table) => ({ ...table, columns: asTexts(table.columns) }));
  const land = async (cased: (id: string) => string, declared: readonly TableShape[]) => {
    await using lake = await openTestLake(folder, { tables: declared });
    const load = await lake.begin({ loadId: cased(user) === user ? 'now' : 'before' });
    await load.replace('users', '', [rawPage('users', '', page([{ id: user, displayName: 'Ada' }]))]);
    const members = page([{ id: 'MCMj', userId: cased(user), displayName: 'Ada', roles: ['owner'] }]);
    await load.replace('team_members', team, [rawPage('team_members', team, members, { team_id: team })]);
    const value = messagesIn(cased);
    await load.append(rawPage('channel_messages', `team:${team}`, page(value), { team_id: team }));
    load.advance('channel_messages', `team:${team}`, { run: 1 });
    await load.close();
    await lake.publish();
    return load.counts;
  };
  await land((id) => id.toUpperCase(), former);
  await joinsHold(folder);
  const again = await land((id) => id, tables);
  for (const name of ['users', 'members', 'messages']) expect(again[name]?.rows, name).toBe(0);
  await joinsHold(folder);
  const shown = join(folder, 'lake', 'current', 'messages', '*.parquet');
  const duck = await openDuck({ scratchDir: folder });
  const rows = await duck.rows(`SELECT "from".user.id AS id FROM read_parquet('${shown}', hive_partitioning = false)`);
  duck.close();
  expect(rows).toEqual([{ id: user }]);
});

/** Columns as a release declared them that knew no ids inside of structures. */
function asTexts(columns: TableShape['columns']): TableShape['columns'] {
  const texts = (type: ColumnType): ColumnType => {
    if (typeof type === 'string') return type === 'id' ? 'string' : type;
    if ('list' in type) return { list: texts(type.list) };
    return { struct: Object.fromEntries(Object.entries(type.struct).map(([name, field]) => [name, texts(field)])) };
  };
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [
      name,
      typeof column.type === 'string' ? column : { ...column, type: texts(column.type) },
    ]),
  );
}
