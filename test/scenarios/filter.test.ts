import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resources } from '../../src/resources/index.ts';
import { tables as declared } from '../../src/tables/index.generated.ts';
import { cli, jsonOf } from '../support/cli.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { ask, withFolder } from '../support/lake.ts';
import { runSync, type SyncCall } from '../support/sync.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 400_000, hookTimeout: 400_000 });

const runtime = fastRuntime(20);
let twin: TestTwin;
/** A lake with everything. */
let whole: string;

/** A filter of one endpoint, and the same in SQL. Values stand in `whole`. */
interface Filtered {
  readonly table: string;
  /** `?`: the most frequent value of the column, as OData writes it. */
  readonly filter: string;
  readonly sql: string;
  readonly column: string;
  /** What Graph is asked; undefined: the rows are tested alone. */
  readonly sent?: string;
  readonly strategy?: string;
}

const quoted = (column: string) => column.replace(/^\w+/, '"$&"');
const same = (table: string, column: string, sent?: string, more: Partial<Filtered> = {}): Filtered => ({
  table,
  filter: `${column.replaceAll('.', '/')} eq ?`,
  sql: `${quoted(column)} = ?`,
  column: quoted(column),
  ...(sent !== undefined && { sent }),
  ...more,
});
const member = (name: string) => `microsoft.graph.aadUserConversationMember/${name} eq ?`;
const app = 'teamsApp/externalId eq ?';

const filters: readonly Filtered[] = [
  same('teams', 'displayName', 'displayName eq ?'),
  same('teams', 'isArchived'),
  same('channels', 'membershipType', 'membershipType eq ?'),
  same('channels', 'displayName'),
  same('members', 'userId', member('userId')),
  same('members', 'email', member('email')),
  same('channel_members', 'displayName', member('displayName')),
  same('users', 'userType', 'userType eq ?'),
  same('users', 'officeLocation'),
  same('chats', 'chatType'),
  same('chat_members', 'userId'),
  same('installed_apps', 'teamsApp.externalId', app),
  same('chat_installed_apps', 'teamsApp.externalId', app),
  same('user_installed_apps', 'teamsApp.externalId', app),
  same('tabs', 'displayName'),
  same('chat_tabs', 'displayName'),
  same('team_tags', 'displayName'),
  same('team_tag_members', 'userId'),
  ...['export', 'recent', 'delta', 'full'].flatMap((strategy) => [
    same('messages', 'importance', undefined, { strategy }),
    same('messages', 'from.user.id', undefined, { strategy }),
    same('chat_messages', 'from.user.id', strategy === 'export' ? 'from/user/id eq ?' : undefined, { strategy }),
  ]),
  same('chat_messages', 'importance'),
  {
    ...same('chat_messages', 'messageType', "messageType ne 'systemEventMessage'"),
    filter: "messageType ne 'systemEventMessage' and importance eq 'normal'",
    sql: "messageType <> 'systemEventMessage' AND importance = 'normal'",
  },
  same('call_records', 'type'),
  {
    ...same('call_records', 'organizer_v2'),
    filter: 'participants_v2/id eq ?',
    sent: 'participants_v2/any(one:one/id eq ?)',
    column: "json_extract_string(organizer_v2, '$.id')",
    sql: "participants::VARCHAR LIKE '%' || ? || '%'",
  },
  {
    ...same('call_records', 'startDateTime', 'startDateTime ge ?'),
    filter: 'startDateTime ge ?',
    sql: 'startDateTime >= ?::TIMESTAMPTZ',
    column: "strftime(startDateTime AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.000Z')",
  },
  same('call_participants', 'id'),
  same('pstn_calls', 'callType'),
  same('direct_routing_calls', 'callType'),
];

const keysOf = (lake: string, table: string, where = 'true') => {
  const { primaryKey } = declared.find(({ name }) => name === table)!;
  const key = primaryKey.map((name) => `"${name}"`).join(', ');
  return ask(lake, `SELECT ${key} FROM ${table} WHERE ${where} ORDER BY ALL`);
};

const everyTable = [...new Set(filters.map(({ table }) => table)), 'message_replies', 'call_sessions', 'call_segments'];

beforeAll(async () => {
  whole = await mkdtemp(join(tmpdir(), 'sluice-test-'));
  const size = { teams: 2, channels: 3, messages: 30, users: 14, chats: 8, seed: 11, limits: 'none' } as const;
  twin = await startTwin(size, { runtime });
  const [{ team_id: teamId } = {}] = await twin.ledger('channels');
  await twin.post('/events', [
    { type: 'createChannel', teamId, membershipType: 'private' },
    { type: 'archiveTeam', teamId },
  ]);
  expect((await read(whole, { tables: everyTable })).outcome).toBe('ok');
});
afterAll(async () => {
  await twin.close();
  await rm(whole, { recursive: true, force: true });
});

const read = (lake: string, how: Partial<SyncCall>) => runSync({ env: twin.env, lake, runtime, ...how });

/** The filter with a value that some rows have and, where there is such a one, others have not. */
async function filled({ table, column, filter, sql, sent }: Filtered) {
  const [[value] = []] = await ask(
    whole,
    `SELECT ${column} FROM ${table} WHERE ${column} IS NOT NULL GROUP BY 1 ORDER BY count(*), 1 LIMIT 1`,
  );
  const isInstant = filter.includes('startDateTime');
  const text = typeof value === 'string' ? (isInstant ? value : `'${value.replaceAll("'", "''")}'`) : String(value);
  const put = (into: string, constant: string) => into.replaceAll('?', () => constant);
  return {
    filter: put(filter, text),
    sql: put(sql, typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)),
    sent: sent && put(sent, text),
  };
}

describe.each(filters)('$table with $filter by $strategy', (one) => {
  it('reads what meets it and nothing else; what is left out is no loss, and comes with a run without it', () =>
    withFolder(async (lake) => {
      const { table, strategy } = one;
      const { filter, sql, sent } = await filled(one);
      const urls: string[] = [];
      const watch = ({ url }: { readonly url: string }) => void urls.push(decodeURIComponent(url));
      const how = { tables: [table], ...(strategy !== undefined && { strategy }) };

      const report = await read(lake, { ...how, filter, watch });
      expect(report).toMatchObject({ outcome: 'ok', skipped: [], gaps: [], filter: { filter, sent } });
      const asked = urls.filter((url) => url.includes('$filter=') && url.includes(sent ?? '\0'));
      expect(asked.length > 0).toBe(sent !== undefined);
      const met = await keysOf(whole, table, sql);
      expect(met.length).toBeGreaterThan(0);
      expect(await keysOf(lake, table)).toEqual(met);

      // Again: nothing is new, and nothing is deleted.
      const again = await read(lake, { ...how, filter });
      expect(again.tables[table]).toEqual({ rows: 0, deletes: 0, quarantined: 0 });
      const plain = await read(lake, how);
      expect(plain).toMatchObject({ outcome: 'ok', skipped: [] });
      expect(plain).not.toHaveProperty('filter.filter');
      const all = await keysOf(whole, table);
      expect(await keysOf(lake, table)).toEqual(all);
      expect(plain.tables[table]).toEqual({ rows: all.length - met.length, deletes: 0, quarantined: 0 });
    }));
});

it('a filter that leaves out everything deletes nothing of a lake that has it', async () => {
  for (const table of ['channels', 'members', 'users', 'installed_apps', 'messages']) {
    const before = await keysOf(whole, table);
    const report = await read(whole, { tables: [table], filter: "id eq 'nobody'" });
    expect(report).toMatchObject({ outcome: 'ok', tables: { [table]: { rows: 0, deletes: 0 } } });
    expect(await keysOf(whole, table), table).toEqual(before);
  }
});

it.each([
  ['of several tables of the run none is named', ['members', 'users'], "userId eq 'x'", 'filter_table'],
  ['the table is none of the run', ['members'], "users: userType eq 'Guest'", 'filter_table'],
  ['its rows are made of those of another', ['message_reactions'], "message_reactions: user_id eq 'x'", 'filter_table'],
  ['it cannot be read', ['members'], 'userId = 1', 'filter_invalid'],
  ['nothing has the property', ['members'], "nickname eq 'x'", 'unknown_value'],
  ['some rows of the pages have not the property', ['message_replies'], "parent_message_id eq 'x'", 'unknown_value'],
  ['the property is no single value', ['members'], "roles eq 'owner'", 'filter_not_possible'],
  ['the value is none of its kind', ['teams'], "isArchived eq 'yes'", 'filter_not_possible'],
  [
    'only Graph could tell, and does not compare it so',
    ['call_records'],
    "not participants_v2/id eq 'x'",
    'filter_not_possible',
  ],
  [
    'others are read below what it leaves out',
    ['channels', 'messages'],
    "channels: membershipType eq 'private'",
    'filter_not_possible',
  ],
])('refused before any request: %s', (_, names, filter, code) =>
  withFolder(async (lake) => {
    const urls: string[] = [];
    const run = read(lake, { tables: names, filter, watch: ({ url }) => void urls.push(url) });
    await expect(run).rejects.toMatchObject({ code });
    expect(urls).toEqual([]);
  }),
);

it('the page names everything that Graph compares', () => {
  const page = readFileSync(new URL('../../docs/sync.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  for (const { name, reads } of resources) {
    const properties = reads.flatMap(({ filter }) => Object.keys(filter?.properties ?? {}));
    if (properties.length === 0) continue;
    const [table] = declared.filter(({ resource, explode }) => resource === name && explode === undefined);
    const said = rows.some((row) => [table!.name, ...properties].every((one) => row.includes(`\`${one}\``)));
    expect(said, table!.name).toBe(true);
  }
});

describe('marks of a filter', () => {
  const tables = ['messages', 'message_replies'];

  it('are its own: it goes on where it stood, another begins at its beginning, and none moves the mark of all', () =>
    withFolder(async (lake) => {
      const high = { tables, filter: "messages: importance eq 'high'" };
      const first = await read(lake, high);
      const idle = await read(lake, high);
      expect(idle.requests.total).toBeLessThan(first.requests.total);
      const other = await read(lake, { tables, filter: "messages: importance eq 'urgent'" });
      expect(other.requests.total).toBe(first.requests.total);
      const [{ id: channelId, team_id: teamId } = {}] = await twin.ledger('channels');
      await twin.post('/events', [
        { type: 'unarchiveTeam', teamId },
        { type: 'post', channelId },
      ]);
      expect((await read(lake, high)).outcome).toBe('ok');
      await read(lake, { tables });
      const truth = (await twin.ledger('messages')).length;
      expect(await ask(lake, 'SELECT count(*)::INTEGER FROM messages')).toEqual([[truth]]);
    }));

  it('are forgotten with what is to be read again', () =>
    withFolder(async (lake) => {
      const high = { tables, filter: "messages: importance eq 'high'" };
      const first = await read(lake, high);
      const again = await read(lake, { ...high, refresh: { resource: 'channel_messages' } });
      expect(again.requests.total).toBe(first.requests.total);
      expect(again.tables['messages']!.rows).toBe(0);
    }));
});

it('sluice state names its marks, also those of a second look, and forgets those of one of them alone', () =>
  withFolder(async (lake) => {
    const tables = ['messages', 'message_replies'];
    const conditions = ["importance eq 'high'", "importance eq 'urgent'"];
    for (const one of conditions) await read(lake, { tables, filter: `messages: ${one}` });
    await read(lake, { tables, verify: { windowMs: 365 * 86_400_000, maxRecords: 1 } });
    const shown = async () =>
      (await cli(['state', 'show', '--lake', lake, '--json'])).out
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { readonly filter?: string; readonly through?: string });
    const marks = async () => [...new Set((await shown()).map(({ filter }) => filter))].sort();
    expect(await marks()).toEqual([...conditions, 'verify-reactions', undefined]);
    expect((await cli(['state', 'show', '--lake', lake])).out).toContain('only importance');
    const reset = (filter: string) => cli(['state', 'reset', '--filter', filter, '--lake', lake, '--yes', '--json']);
    const { partitions } = jsonOf(await reset(`messages: ${conditions[0]}`));
    expect(partitions.length).toBeGreaterThan(0);
    expect(await marks()).toEqual([conditions[1], 'verify-reactions', undefined]);
    expect((await reset('verify-reactions')).code).toBe(0);
    expect(await marks()).toEqual([conditions[1], undefined]);
    const unknown = await reset("importance eq 'low'");
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining(conditions[1]!)]);
    // What was read with it stands, and comes no second time.
    const again = await read(lake, { tables, filter: `messages: ${conditions[0]}` });
    expect(again).toMatchObject({ outcome: 'ok', tables: { messages: { rows: 0 } } });
  }));

it('sluice sync and sluice plan take it, say what is left out, and count what is asked', () =>
  withFolder(async (lake) => {
    const [user] = await twin.ledger('users');
    const args = ['--tables', 'members', '--filter', `userId eq '${user!['id']}'`, '--lake', lake];
    const plan = jsonOf(await cli(['plan', ...args, '--json'], twin.env));
    const sent = `microsoft.graph.aadUserConversationMember/userId eq '${user!['id']}'`;
    expect(plan).toMatchObject({ filter: { tables: ['members'], sent } });
    const answer = await cli(['sync', ...args, '--limits', 'none'], twin.env);
    expect(answer.code, answer.err).toBe(0);
    expect(answer.out).toContain(`Only rows of members with: userId eq '${user!['id']}'.`);
    expect(answer.out).toContain(`${plan.requests} requests`);
    const fresh = await cli(
      ['sync', '--tables', 'members', '--lake', lake, '--fresh-since', '1h', '--limits', 'none', '--json'],
      twin.env,
    );
    expect(jsonOf(fresh)).not.toHaveProperty('freshSince');
    const kept = await cli(['sync', ...args, '--keep-raw', '--limits', 'none'], twin.env);
    expect([kept.code, kept.err]).toEqual([2, expect.stringContaining('filter_keeps_raw')]);
  }));
