import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectionOf, connectionSections } from '../../src/config/connection.ts';
import { loadSections } from '../../src/config/load-section.ts';
import { createGraphClient, type EntitySets, entitySets, type GraphClient } from '../../src/entities/index.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

let twin: TestTwin;
let client: GraphClient;
let graph: EntitySets;
const runtime = fastRuntime(40);

beforeAll(async () => {
  const size = { teams: 3, channels: 3, messages: 30, users: 12, chats: 6, seed: 7, limits: 'none' } as const;
  twin = await startTwin(size, { runtime });
  const identity = connectionOf(loadSections(connectionSections, { environment: twin.env }));
  client = createGraphClient({ ...identity, identity, runtime, limits: [] });
  graph = entitySets(client);
});
afterAll(async () => {
  await client.close();
  await twin.close();
});

async function all<E>(list: AsyncIterable<E>): Promise<E[]> {
  const found: E[] = [];
  for await (const one of list) found.push(one);
  return found;
}
const idsOf = (rows: readonly { readonly id?: unknown }[]) => rows.map(({ id }) => String(id)).sort();
const truth = async (table: string, of: Readonly<Record<string, string>>) =>
  idsOf((await twin.ledger(table)).filter((row) => Object.entries(of).every(([name, id]) => row[name] === id)));
const some = async <E>(list: AsyncGenerator<E>): Promise<E> => {
  for await (const one of list) return one;
  throw new Error('nothing is listed');
};

it('lists teams, their channels, messages with all replies, and members, as the tenant has them', async () => {
  const teams = await all(graph.teams.list());
  expect(idsOf(teams)).toEqual(await truth('teams', {}));
  for (const { id: teamId } of teams) {
    const channels = await all(graph.channels.list({ teamId }));
    expect(idsOf(channels)).toEqual(await truth('channels', { team_id: teamId }));
    expect((await all(graph.members.list({ teamId }))).length).toBe(
      (await truth('members', { team_id: teamId })).length,
    );
    const [{ id: channelId }] = channels as [{ id: string }];
    const place = { teamId, channelId };
    const messages = await all(graph.messages.list(place));
    expect(idsOf(messages)).toEqual(await truth('messages', { team_id: teamId, channel_id: channelId }));
    const replies = await Promise.all(
      messages.map(({ id }) => all(graph.messages.replies({ ...place, messageId: id }))),
    );
    expect(idsOf(replies.flat())).toEqual(await truth('message_replies', { team_id: teamId, channel_id: channelId }));
  }
});

it('lists the chats of a user, their messages and members', async () => {
  const users = (await twin.ledger('users')).map(({ id }) => String(id));
  const listed = await Promise.all(users.map((userId) => all(graph.chats.list({ userId })).catch(() => [])));
  const chats = new Map(listed.flat().map((chat) => [chat.id, chat]));
  expect([...chats.keys()].sort()).toEqual(await truth('chats', {}));
  for (const chatId of chats.keys()) {
    expect((await graph.chats.get({ chatId })).chatType).toBe(chats.get(chatId)!.chatType);
    expect(idsOf(await all(graph.messages.list({ chatId })))).toEqual(
      await truth('chat_messages', { chat_id: chatId }),
    );
    expect(idsOf(await all(graph.members.list({ chatId })))).toEqual(await truth('chat_members', { chat_id: chatId }));
  }
});

it('gets one team, channel and message with typed fields', async () => {
  const { id: teamId } = await some(graph.teams.list());
  const team = await graph.teams.get({ teamId });
  const made: string | null | undefined = team.createdDateTime;
  expect([team.id, Number.isNaN(Date.parse(made!))]).toEqual([teamId, false]);
  const { id: channelId, displayName } = await some(graph.channels.list({ teamId }));
  expect((await graph.channels.get({ teamId, channelId })).displayName).toBe(displayName);
  const listed = await some(graph.messages.list({ teamId, channelId }));
  const message = await graph.messages.get({ teamId, channelId, messageId: listed.id });
  expect([message.id, message.body?.content]).toEqual([listed.id, listed.body?.content]);
});

it('asks for a page when it is needed, and for none when the loop has ended', async () => {
  const before = client.stats.requests;
  await some(graph.teams.list());
  expect(client.stats.requests - before).toBe(1);
});

it('refuses to post, before any request, and says what to use instead', async () => {
  const before = client.stats.requests;
  for (const place of [{ chatId: 'c' }, { teamId: 't', channelId: 'c' }])
    await expect(graph.messages.post(place, { body: { content: 'Hello' } })).rejects.toMatchObject({
      code: 'application_cannot_post',
      message: expect.stringMatching(/webhook.*bot/),
    });
  expect(client.stats.requests).toBe(before);
});

it('throws what the client throws, typed', async () => {
  const teamId = '00000000-0000-4000-8000-000000000000';
  await expect(graph.teams.get({ teamId })).rejects.toMatchObject({ surface: 'graph', request: { status: 404 } });
});

it('gives what can be read of a damaged page, and then says that some could not', async () => {
  const { id: teamId } = await some(graph.teams.list());
  const { id: channelId } = await some(graph.channels.list({ teamId }));
  const place = { teamId, channelId };
  const whole = await all(graph.messages.list(place));
  await twin.post('/faults', { kind: 'edit', edit: 'control-character', holds: { id: whole[0]!.id } });
  const found: string[] = [];
  const read = async () => {
    for await (const { id } of graph.messages.list(place)) found.push(id);
  };
  await expect(read()).rejects.toMatchObject({ code: 'page_invalid' });
  await twin.delete('/faults');
  expect(found.length).toBe(whole.length - 1);
});
