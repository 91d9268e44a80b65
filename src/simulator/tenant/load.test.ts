import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isSluiceError } from '../../errors/sluice-error.ts';
import { generateTenant } from './generator.ts';
import { LEDGER_TABLES, ledger } from './ledger.ts';
import { loadTenant } from './load.ts';
import { saveTenant } from './save.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'twin-'));
});
afterEach(() => rm(dir, { recursive: true }));

const at = (second: number) => `2026-03-01T09:30:${String(second).padStart(2, '0')}.5Z`;
const body = { contentType: 'text', content: 'hi' };
const root = { id: '1', channelId: 'c1', from: 'u1', createdDateTime: at(0), body };

interface Files {
  users?: unknown[];
  teams?: unknown[];
  channels?: unknown[];
  messages?: unknown[];
}

async function write({ users, teams, channels, messages }: Files = {}): Promise<void> {
  const files = {
    users: users ?? [
      { id: 'u1', displayName: 'Ada' },
      { id: 'u2', displayName: 'Zoë', mail: 'zoe@x.example' },
    ],
    teams: teams ?? [
      { id: 't1', displayName: 'One', members: ['u1', 'u2'] },
      { id: 't2', displayName: 'Two' },
    ],
    channels: channels ?? [
      { id: 'c1', teamId: 't1', displayName: 'General' },
      { id: 'c2', teamId: 't2', displayName: 'Quiet', membershipType: 'private' },
    ],
    messages: messages ?? [root],
  };
  for (const [name, records] of Object.entries(files)) {
    const text = records.map((record) => (typeof record === 'string' ? record : JSON.stringify(record))).join('\n');
    await writeFile(join(dir, `${name}.jsonl`), text);
  }
}

async function refusal(files: Files) {
  await write(files);
  const error: unknown = await loadTenant(dir).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isSluiceError(error)) throw new Error(`expected a refusal, got ${String(error)}`);
  return { code: error.code, message: error.message, ...error.details };
}

describe('loadTenant', () => {
  it('reads the documented fields and fills in the rest', async () => {
    await write({
      messages: [
        { channelId: 'c1', replyToId: '1', from: 'u2', createdDateTime: at(3), body },
        { ...root, reactions: [{ reactionType: 'like', userId: 'u2', createdDateTime: at(9) }], subject: 'S' },
        { channelId: 'c1', from: null, createdDateTime: at(5), deletedDateTime: at(7), body },
        { channelId: 'c1', from: 'u1', createdDateTime: at(5), lastEditedDateTime: at(6), body },
        '',
        { channelId: 'c2', from: 'u2', createdDateTime: at(1), body },
      ],
    });
    const tenant = await loadTenant(dir);
    const ms = (second: number) => Date.parse(at(second));
    expect(tenant.roots('c1').map(({ id, modifiedMs }) => [id, modifiedMs])).toEqual([
      ['1', ms(9)],
      [String(ms(5)), ms(7)],
      [String(ms(5) + 1), ms(6)],
    ]);
    const [first] = tenant.roots('c1');
    expect(tenant.replies(first!)).toMatchObject([{ id: String(ms(3)), from: { displayName: 'Zoë' } }]);
    expect(first!.history).toMatchObject([{ actions: 'reactionAdded', modifiedMs: ms(9) }]);
    expect(tenant.teamMembers('t1').map(({ roles }) => roles)).toEqual([['owner'], []]);
    expect(tenant.teamMembers('t2').map(({ userId }) => userId)).toEqual(['u2']);
    expect(tenant.channelMembers('c2').map(({ userId }) => userId)).toEqual(['u2']);
  });

  it('reads gzip', async () => {
    await write();
    await writeFile(join(dir, 'messages.jsonl.gz'), gzipSync(await readFile(join(dir, 'messages.jsonl'))));
    await rm(join(dir, 'messages.jsonl'));
    expect((await loadTenant(dir)).roots('c1')).toHaveLength(1);
  });

  it('refuses broken gzip and a missing file', async () => {
    await write();
    await rm(join(dir, 'messages.jsonl'));
    await expect(loadTenant(dir)).rejects.toMatchObject({ code: 'tenant_file_missing' });
    await writeFile(join(dir, 'messages.jsonl.gz'), 'no gzip');
    await expect(loadTenant(dir)).rejects.toMatchObject({ code: 'tenant_file_unreadable' });
  });

  const reply = { id: '2', channelId: 'c1', replyToId: '1', from: 'u1', createdDateTime: at(1), body };
  const like = { reactionType: 'like', userId: 'u2', createdDateTime: at(2) };
  it.each<[string, Files, string, number, string]>([
    ['no JSON', { messages: [root, '{"id":'] }, 'messages.jsonl', 2, '(line)'],
    ['a missing field', { users: [{ id: 'u1' }] }, 'users.jsonl', 1, 'displayName'],
    ['an id that breaks URLs', { users: [{ id: 'u 1', displayName: 'x' }] }, 'users.jsonl', 1, 'id'],
    [
      'a doubled user',
      {
        users: [
          { id: 'u', displayName: 'x' },
          { id: 'u', displayName: 'y' },
        ],
      },
      'users.jsonl',
      2,
      'id',
    ],
    [
      'an unknown member',
      { teams: [{ id: 't1', displayName: 'x', members: ['u1', 'no'] }] },
      'teams.jsonl',
      1,
      'members.1',
    ],
    ['an unknown team', { channels: [{ id: 'c', teamId: 'no', displayName: 'x' }] }, 'channels.jsonl', 1, 'teamId'],
    [
      'an unknown kind of channel',
      { channels: [{ id: 'c', teamId: 't1', displayName: 'x', membershipType: 'secret' }] },
      'channels.jsonl',
      1,
      'membershipType',
    ],
    ['an unknown channel', { messages: [{ ...root, channelId: 'no' }] }, 'messages.jsonl', 1, 'channelId'],
    ['an unknown sender', { messages: [{ ...root, from: 'no' }] }, 'messages.jsonl', 1, 'from'],
    ['no sender at all', { messages: [{ ...root, from: undefined }] }, 'messages.jsonl', 1, 'from'],
    ['a bad date', { messages: [{ ...root, createdDateTime: 'noon' }] }, 'messages.jsonl', 1, 'createdDateTime'],
    [
      'a bad body',
      { messages: [{ ...root, body: { contentType: 'rtf', content: '' } }] },
      'messages.jsonl',
      1,
      'body.contentType',
    ],
    ['a doubled root', { messages: [root, root] }, 'messages.jsonl', 2, 'id'],
    ['a doubled reply', { messages: [root, reply, reply] }, 'messages.jsonl', 3, 'id'],
    ['an answer to nothing', { messages: [root, { ...reply, replyToId: '7' }] }, 'messages.jsonl', 2, 'replyToId'],
    [
      'an answer to a reply',
      { messages: [root, reply, { ...reply, id: '3', replyToId: '2' }] },
      'messages.jsonl',
      3,
      'replyToId',
    ],
    [
      'an unknown reactor',
      { messages: [{ ...root, reactions: [like, { ...like, userId: 'no' }] }] },
      'messages.jsonl',
      1,
      'reactions.1.userId',
    ],
    ['a doubled reaction', { messages: [{ ...root, reactions: [like, like] }] }, 'messages.jsonl', 1, 'reactions.1'],
  ])('refuses %s with file, line and field', async (_, files, file, line, field) => {
    const { code, message, ...details } = await refusal(files);
    expect({ code, ...details }).toEqual({ code: 'tenant_line_invalid', file, line, field });
    expect(message).toContain(`${file}, line ${line}, field ${field}: `);
  });

  it('says what is valid', async () => {
    const { message } = await refusal({
      channels: [{ id: 'c', teamId: 't1', displayName: 'x', membershipType: 'secret' }],
    });
    expect(message).toMatch(/standard.*private.*shared/);
  });
});

describe('chats of a folder', () => {
  const chat = { id: 'ch1', chatType: 'group', createdDateTime: at(0), members: [{ userId: 'u1' }, { userId: 'f1' }] };
  const said = { chatId: 'ch1', from: 'f1', createdDateTime: at(1), body };
  const writeChats = async (files: Record<string, unknown[]>) => {
    await write();
    const all = { federated: [{ id: 'f1', displayName: 'Fay', homeTenantId: 'x1' }], chats: [chat], ...files };
    for (const [name, records] of Object.entries(all))
      await writeFile(join(dir, `${name}.jsonl`), records.map((record) => JSON.stringify(record)).join('\n'));
  };

  it('are there with the people of other tenants; a message without an id is named by its time', async () => {
    await writeChats({ 'chat-messages': [said, { ...said, id: String(Date.parse(at(1))) }] });
    const { chats } = await loadTenant(dir);
    expect(chats.all()).toMatchObject([{ id: 'ch1', topic: null, updatedMs: Date.parse(at(0)), meeting: null }]);
    expect(chats.members('ch1').map(({ user }) => [user.id, user.homeTenantId])).toEqual([
      ['u1', undefined],
      ['f1', 'x1'],
    ]);
    expect(chats.messages('ch1').map(({ id, from }) => [id, from])).toEqual([
      [String(Date.parse(at(1))), expect.objectContaining({ id: 'f1' })],
      [String(Date.parse(at(1)) + 1), expect.objectContaining({ id: 'f1' })],
    ]);
  });

  it.each([
    ['chats', [{ ...chat, members: [{ userId: 'nobody' }] }], 'members.0.userId'],
    ['chats', [chat, chat], 'id'],
    ['federated', [{ id: 'u1', displayName: 'Ada', homeTenantId: 'x1' }], 'id'],
    ['chat-messages', [{ ...said, chatId: 'ch2' }], 'chatId'],
    [
      'chat-messages',
      [
        { ...said, id: '1' },
        { ...said, id: '1' },
      ],
      'id',
    ],
    ['chat-messages', [{ ...said, from: 'nobody' }], 'from'],
  ])('are refused by file, line and field (%s)', async (name, records, field) => {
    await writeChats({ [name]: records });
    const error: unknown = await loadTenant(dir).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'tenant_line_invalid',
      details: { file: `${name}.jsonl`, line: records.length, field },
    });
  });
});

describe('apps, tabs and tags of a folder', () => {
  const app = { id: 'a1', displayName: 'Polls', externalId: null, distributionMethod: 'store', version: '1.0.0' };
  const whole = { ...app, shortDescription: 's', description: 'd', clientAppId: null, permissions: [] };
  const configuration = { entityId: null, contentUrl: null, websiteUrl: null, removeUrl: null };
  const tag = { teamId: 't1', id: 'x', displayName: 'On call', description: null, userIds: ['u1'] };

  it.each([
    ['installed-apps', { place: 'team', placeId: 'no', id: 'i', app: whole }, 'placeId'],
    ['installed-apps', { place: 'user', placeId: 'u1', id: 'i', app }, 'app.shortDescription'],
    ['tabs', { place: 'chat', placeId: 'no', id: 'i', displayName: 'Plan', app: whole, configuration }, 'placeId'],
    ['tags', { ...tag, teamId: 'no' }, 'teamId'],
    ['tags', { ...tag, userIds: ['u1', 'no'] }, 'userIds.1'],
  ])('are refused by file, line and field (%s)', async (name, line, field) => {
    await write();
    await writeFile(join(dir, `${name}.jsonl`), JSON.stringify(line));
    const error: unknown = await loadTenant(dir).catch((reason: unknown) => reason);
    const details = { file: `${name}.jsonl`, line: 1, field };
    expect(error).toMatchObject({ code: 'tenant_line_invalid', details });
  });
});

describe('saveTenant', () => {
  it('writes what loadTenant reads back', async () => {
    const tenant = generateTenant({
      teams: 3,
      channels: 5,
      messages: 60,
      users: 50,
      chats: 8,
      seed: 9,
      nowMs: Date.UTC(2026, 5, 1),
    });
    await saveTenant(dir, tenant);
    const loaded = await loadTenant(dir, { id: tenant.id });
    for (const table of LEDGER_TABLES) {
      const rows = (of: typeof tenant) => [...ledger(of, table)].map((row) => JSON.stringify(row)).sort();
      expect(rows(loaded), table).toEqual(rows(tenant));
      expect(rows(loaded).length, table).toBeGreaterThan(0);
    }
    for (const { id } of tenant.teams()) {
      const texts = (of: typeof tenant) =>
        of.teamMessages(id).map((message) => Buffer.from(of.graphJson(message)).toString());
      expect(texts(loaded).sort()).toEqual(texts(tenant).sort());
    }
    const said = (of: typeof tenant) =>
      of.chats.all().map((chat) => ({
        chat,
        members: of.chats.members(chat.id),
        messages: of.chats.messages(chat.id).map((message) => Buffer.from(of.graphJson(message)).toString()),
      }));
    expect(said(loaded)).toEqual(said(tenant));
    expect(loaded.users()).toEqual(tenant.users());
  });
});
