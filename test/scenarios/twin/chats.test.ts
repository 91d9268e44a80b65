import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAll, servedTwin, smallTenant, type TestTwin } from '../../support/served-twin.ts';

let served: TestTwin;
beforeAll(async () => {
  served = await servedTwin({ tenant: smallTenant({ chats: 12, users: 40, messages: 150 }) });
});
afterAll(() => served[Symbol.asyncDispose]());

const chats = () => served.twin.tenant.chats;
const large = () =>
  chats()
    .all()
    .find(({ id }) => chats().members(id).length > 25)!;
const someone = () => chats().members(large().id)[0]!.user;
const listOf = (id: string) => `/users/${id}/chats`;
const messagesOf = (id: string) => `/chats/${encodeURIComponent(id)}/messages`;
const ids = (rows: readonly unknown[]) => rows.map((row) => (row as { id: string }).id);
const modified = (row: unknown) => Date.parse((row as { lastModifiedDateTime: string }).lastModifiedDateTime);
const created = (row: unknown) => Date.parse((row as { createdDateTime: string }).createdDateTime);
const [byModified, byCreated] = ['$orderby=lastModifiedDateTime desc', '$orderby=createdDateTime desc'];

describe('the chats of a user', () => {
  it('come in pages, and are those the user is in', async () => {
    const { rows, pages } = await readAll(served, `${listOf(someone().id)}?$top=1`);
    expect(pages).toHaveLength(rows.length);
    expect(ids(rows)).toEqual(ids(chats().of(someone().id)));
    expect((await readAll(served, listOf(someone().userPrincipalName))).rows).toEqual(rows);
  });

  it('are the same chat for everybody in it', async () => {
    for (const { user } of chats().members(large().id)) {
      if (user.homeTenantId !== undefined || user.isLicensed === false) continue;
      expect(ids((await readAll(served, listOf(user.id))).rows)).toContain(large().id);
    }
  });

  it('tell the meeting of a meeting, and no topic of two people', async () => {
    const all = (
      await Promise.all(
        chats()
          .all()
          .map(({ id }) => served.get(`/chats/${encodeURIComponent(id)}`)),
      )
    ).map(({ body }) => body);
    for (const { chatType, onlineMeetingInfo, topic } of all) {
      expect(onlineMeetingInfo === null).toBe(chatType !== 'meeting');
      if (chatType === 'oneOnOne') expect(topic).toBeNull();
    }
    expect(all.find(({ chatType }) => chatType === 'meeting').onlineMeetingInfo).toMatchObject({
      joinWebUrl: expect.stringContaining('https://'),
      organizer: { id: expect.any(String) },
    });
  });

  it('bring at most 25 members along, whatever $top says; the list of members has all', async () => {
    const { rows } = await readAll(served, `${listOf(someone().id)}?$expand=members&$top=50`);
    const inline = rows.find(({ id }) => id === large().id) as unknown as { members: unknown[] };
    expect(inline.members).toHaveLength(25);
    const members = await readAll(served, `/chats/${encodeURIComponent(large().id)}/members`);
    expect(members.rows.length).toBeGreaterThan(25);
    expect(members.rows.slice(0, 25)).toEqual(inline.members);
  });

  it('can come by their last message, and in no other order', async () => {
    const path = `${listOf(someone().id)}?$expand=lastMessagePreview&$orderby=`;
    const { rows } = await readAll(served, `${path}lastMessagePreview/createdDateTime desc`);
    const times = rows.map((row) => created((row as unknown as { lastMessagePreview: unknown }).lastMessagePreview));
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect((await served.get(`${path}createdDateTime desc`)).status).toBe(400);
  });

  it('are refused of somebody without a licence, and of nobody', async () => {
    const { id } = served.twin.tenant.users().find(({ isLicensed }) => isLicensed === false)!;
    for (const path of [listOf(id), `${listOf(id)}/getAllMessages`]) {
      const { status, body } = await served.get(path);
      expect([status, body.error.code]).toEqual([403, 'Forbidden']);
      expect(body.error.message).toContain('license');
    }
    expect((await served.get(listOf('00000000-0000-0000-0000-000000000000'))).status).toBe(404);
  });

  it('of another tenant are listed, and what is in them is refused', async () => {
    const id = '19:meeting_foreign@thread.v2';
    chats().addChat({ ...large(), id, tenantId: '11111111-1111-4111-8111-111111111111' });
    chats().addMember(id, someone());
    expect(ids((await readAll(served, listOf(someone().id))).rows)).toContain(id);
    for (const path of [messagesOf(id), `/chats/${id}/members`, `/chats/${id}`]) {
      const { status, body } = await served.get(path);
      expect([status, body.error.innerError.message]).toEqual([
        403,
        expect.stringMatching(/^AclCheckFailed-.*Tenant Id/),
      ]);
    }
    chats().removeChat(id);
    expect((await served.get(messagesOf(id))).status).toBe(404);
  });
});

describe('members of a chat', () => {
  it('of another tenant have its id, and neither name nor address', async () => {
    const { rows } = await readAll(served, `/chats/${encodeURIComponent(large().id)}/members`);
    const { id: own } = served.twin.tenant;
    const foreign = rows.filter((row) => (row as unknown as { tenantId: string }).tenantId !== own);
    const federated = chats()
      .members(large().id)
      .filter(({ user }) => user.homeTenantId !== undefined);
    expect(foreign).toHaveLength(federated.length);
    for (const row of foreign) expect(row).toMatchObject({ displayName: null, email: null });
  });

  it('take no query option', async () => {
    expect((await served.get(`/chats/${large().id}/members?$top=5`)).status).toBe(400);
  });
});

describe('messages of a chat', () => {
  it('come by their last change, newest first, at most 50 to a page, each once', async () => {
    const { rows, pages } = await readAll(served, `${messagesOf(large().id)}?$top=90`);
    expect(pages[0].value).toHaveLength(50);
    const times = rows.map(modified);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(ids(rows).sort()).toEqual(ids(chats().messages(large().id)).sort());
  });

  it('come by their creation when that is asked for', async () => {
    const { rows } = await readAll(served, `${messagesOf(large().id)}?${byCreated}`);
    const times = rows.map(created);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(rows).toHaveLength(chats().messages(large().id).length);
  });

  it.each(['lastModifiedDateTime asc', 'lastModifiedDateTime', 'subject desc'])(
    'refuse the order %s',
    async (order) => {
      expect((await served.get(`${messagesOf(large().id)}?$orderby=${order}`)).status).toBe(400);
    },
  );

  it('are narrowed by a filter on the property that they are ordered by, and by no other', async () => {
    const path = `${messagesOf(large().id)}?$top=50`;
    const all = (await readAll(served, path)).rows;
    const middle = new Date(modified(all[Math.floor(all.length / 2)])).toISOString();
    const [newer, older] = [`lastModifiedDateTime gt ${middle}`, `lastModifiedDateTime lt ${middle}`];
    const count = async (query: string) => (await readAll(served, `${path}&${query}`)).rows.length;
    expect(await count(`${byModified}&$filter=${newer}`)).toBe(Math.floor(all.length / 2));
    expect(await count(`${byModified}&$filter=${newer} and ${older}`)).toBe(0);
    const earlier = all.filter((row) => created(row) < Date.parse(middle)).length;
    expect(await count(`${byCreated}&$filter=createdDateTime lt ${middle}`)).toBe(earlier);
    for (const ignored of [
      `$filter=${newer}`,
      `${byCreated}&$filter=${newer}`,
      `${byModified}&$filter=createdDateTime lt ${middle}`,
    ]) {
      expect(await count(ignored), ignored).toBe(all.length);
    }
  });

  it('refuse a filter that compares by anything but gt and lt', async () => {
    for (const operator of ['ge', 'le', 'eq']) {
      const filter = `lastModifiedDateTime ${operator} 2026-01-01T00:00:00Z`;
      expect((await served.get(`${messagesOf(large().id)}?${byModified}&$filter=${filter}`)).status).toBe(400);
    }
    const filter = 'createdDateTime gt 2026-01-01T00:00:00Z';
    expect((await served.get(`${messagesOf(large().id)}?${byCreated}&$filter=${filter}`)).status).toBe(400);
  });

  it('can be asked for one by one', async () => {
    const [message] = chats().messages(large().id);
    const { body } = await served.get(`${messagesOf(large().id)}/${message!.id}`);
    expect(body).toMatchObject({ id: message!.id, chatId: large().id, channelIdentity: null, webUrl: null });
    expect((await served.get(`${messagesOf(large().id)}/1`)).status).toBe(404);
  });
});

describe('getAllMessages of a user', () => {
  const path = (user = someone().id) => `${listOf(user)}/getAllMessages?$top=50`;

  it('gives what is in all chats of the user, each once', async () => {
    const { rows } = await readAll(served, path());
    const expected = chats()
      .of(someone().id)
      .flatMap(({ id }) => chats().messages(id));
    expect(rows).toHaveLength(expected.length);
    expect(new Set(rows.map((row) => `${(row as unknown as { chatId: string }).chatId} ${row.id}`)).size).toBe(
      rows.length,
    );
  });

  it('gives a message to everybody who is in its chat', async () => {
    const [a, b] = chats()
      .members(large().id)
      .filter(({ user }) => user.isLicensed !== false && !user.homeTenantId);
    const inLarge = async (user: string) =>
      (await readAll(served, path(user))).rows.filter(
        (row) => (row as unknown as { chatId: string }).chatId === large().id,
      );
    expect(await inLarge(a!.user.id)).toEqual(await inLarge(b!.user.id));
  });

  it('takes a range of time, a sender, a kind of sender, and the type of the message', async () => {
    const all = (await readAll(served, path())).rows;
    const middle = new Date(all.map(modified).sort((a, b) => a - b)[Math.floor(all.length / 2)]!).toISOString();
    const count = async (filter: string) => (await readAll(served, `${path()}&$filter=${filter}`)).rows.length;
    const newer = await count(`lastModifiedDateTime gt ${middle}`);
    expect(newer).toBe(all.filter((row) => modified(row) > Date.parse(middle)).length);
    const own = await count(`from/user/id eq '${someone().id}'`);
    expect(own).toBeGreaterThan(0);
    const systems = await count("messageType eq 'systemEventMessage'");
    expect(await count("messageType ne 'systemEventMessage'")).toBe(all.length - systems);
    expect(await count(`from/user/id eq '${someone().id}' or messageType eq 'systemEventMessage'`)).toBe(own + systems);
    expect(
      await count(`lastModifiedDateTime gt ${middle} and (from/user/id eq '${someone().id}')`),
    ).toBeLessThanOrEqual(own);
    const kinds = [
      "from/user/userIdentityType eq 'aadUser'",
      "from/user/userIdentityType eq 'federatedUser'",
      "from/application/applicationIdentityType eq 'bot'",
      "from/application/applicationIdentityType eq 'office365Connector'",
    ];
    expect(await count(kinds.join(' or '))).toBe(all.length - systems);
  });

  it.each(["chatId eq 'x'", 'lastModifiedDateTime ge 2026-01-01T00:00:00Z', "from/user/id ne 'x'", 'nonsense'])(
    'refuses the filter %s',
    async (filter) => {
      expect((await served.get(`${path()}&$filter=${filter}`)).status).toBe(400);
    },
  );

  it('has a delta: first all of eight months, then what changed', async () => {
    const first = await readAll(served, `${listOf(someone().id)}/getAllMessages/delta?$top=50`);
    const link = first.pages.at(-1)['@odata.deltaLink'];
    expect((await served.get(link)).body.value).toEqual([]);
    const message = chats()
      .messages(large().id)
      .find(({ deletedMs, eventDetail }) => !deletedMs && !eventDetail)!;
    chats().deleteMessage(chats().message(large().id, message.id)!, served.twin.clock.now());
    const { body } = await served.get(link);
    expect(ids(body.value)).toEqual([message.id]);
    expect(body.value[0].deletedDateTime).toBeTruthy();
  });
});

describe('what an app may read of chats', () => {
  it.each([
    ['the list', 'Chat.ReadBasic.All', () => listOf(someone().id)],
    ['the members', 'ChatMember.Read.All', () => `/chats/${large().id}/members`],
    ['the messages', 'Chat.Read.All', () => messagesOf(large().id)],
    ['the export', 'Chat.Read.All', () => `${listOf(someone().id)}/getAllMessages`],
    ['the delta', 'Chat.Read.All', () => `${listOf(someone().id)}/getAllMessages/delta`],
  ] as const)('%s needs %s', async (_, role, path) => {
    await served.control('POST', '/permissions', { granted: [role], atOnce: true });
    expect((await served.get(path())).status).toBe(200);
    await served.control('POST', '/permissions', { granted: ['ChannelMessage.Read.All'], atOnce: true });
    const { status, body } = await served.get(path());
    expect([status, body.error.message]).toEqual([403, expect.stringContaining(role)]);
  });
});

describe('faults and truth of chats', () => {
  const faultsAt = async (rule: unknown) => {
    await served.control('DELETE', '/faults');
    const { status } = await served.control('POST', '/faults', rule);
    expect(status).toBe(201);
  };

  it('a fault is bound to a message of a chat, whichever way it is asked for', async () => {
    await served.control('POST', '/permissions', { grant: ['Chat.ReadBasic.All', 'Chat.Read.All'], atOnce: true });
    await faultsAt({ kind: 'forbidden', holds: { message: 1, chatId: large().id } });
    const oldest = chats().messages(large().id, 'created').at(-1)!;
    expect((await served.get(`${messagesOf(large().id)}/${oldest.id}`)).status).toBe(403);
    await expect(readAll(served, `${messagesOf(large().id)}?$top=50`)).rejects.toThrow('Acl');
    await expect(readAll(served, `${listOf(someone().id)}/getAllMessages?$top=50`)).rejects.toThrow('Acl');
    await faultsAt({ kind: 'status', status: 503, route: '/chats/{id}/members' });
    expect((await served.get(`/chats/${large().id}/members`)).status).toBe(503);
    await served.control('DELETE', '/faults');
  });

  it('the ledger has what everybody together can list, and leaves out what is refused', async () => {
    await served.control('POST', '/permissions', { grant: ['ChatMember.Read.All'], atOnce: true });
    const rowsOf = async (table: string) => {
      const text = await (await fetch(`${served.url}/_twin/ledger?table=${table}`)).text();
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    };
    const listed = new Set<string>();
    for (const { id, isLicensed } of served.twin.tenant.users()) {
      if (isLicensed !== false) for (const chat of (await readAll(served, listOf(id))).rows) listed.add(chat.id);
    }
    expect(new Set((await rowsOf('chats')).map(({ id }) => id))).toEqual(listed);
    const members = await rowsOf('chat_members');
    const messages = await rowsOf('chat_messages');
    for (const id of listed) {
      const inChat = ({ chat_id }: { chat_id: string }) => chat_id === id;
      const shown = (await readAll(served, `/chats/${encodeURIComponent(id)}/members`)).rows;
      expect(ids(members.filter(inChat))).toEqual(ids(shown));
      expect(ids(messages.filter(inChat)).sort()).toEqual(
        ids((await readAll(served, `${messagesOf(id)}?$top=50`)).rows).sort(),
      );
    }
  });
});

describe('what happens in chats', () => {
  it('is seen at once: a chat, its name, who is in it, what is said, changed and deleted', async () => {
    const [a, b, c] = ids(served.twin.tenant.users());
    const happen = async (...events: unknown[]) => {
      const { status, body } = await served.control('POST', '/events', events);
      expect(status, JSON.stringify(body)).toBe(200);
      return body;
    };
    const [{ chatId }] = await happen({ type: 'createChat', chatType: 'group', members: [a, b] });
    const [said, gone] = await happen(
      { type: 'postToChat', chatId, userId: a, content: 'first' },
      { type: 'postToChat', chatId, content: 'second' },
      { type: 'renameChat', chatId, topic: 'Named' },
      { type: 'addToChat', chatId, userId: c },
      { type: 'removeFromChat', chatId, userId: b },
    );
    await happen(
      { type: 'editInChat', chatId, messageId: said.messageId, content: 'changed' },
      { type: 'deleteInChat', chatId, messageId: gone.messageId },
    );
    const members = chats().members(chatId);
    expect([chats().chat(chatId)!.topic, members.map(({ user }) => user.id)]).toEqual(['Named', [a, c]]);
    expect(chats().message(chatId, said.messageId)).toMatchObject({ content: 'changed', editedMs: expect.any(Number) });
    expect(chats().message(chatId, gone.messageId)).toMatchObject({ content: '', deletedMs: expect.any(Number) });
    expect((await served.control('POST', '/events', { type: 'deleteInChat', chatId, messageId: '1' })).status).toBe(
      400,
    );
    await happen({ type: 'removeChat', chatId });
    expect((await served.get(messagesOf(chatId))).status).toBe(404);
  });
});
