import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAll, servedTwin, smallTenant, type TestTwin } from '../../support/served-twin.ts';

let served: TestTwin;
beforeAll(async () => {
  served = await servedTwin({ tenant: smallTenant({ messages: 120 }) });
});
afterAll(() => served[Symbol.asyncDispose]());

const newestFirst = (times: number[]) => times.every((time, index) => index === 0 || time <= times[index - 1]!);
const modified = ({ lastModifiedDateTime }: { lastModifiedDateTime: string }) => Date.parse(lastModifiedDateTime);

function roots() {
  const { tenant } = served.twin;
  return tenant.roots(tenant.channels(tenant.teams()[0]!.id)[0]!.id);
}

describe('the list of channel messages', () => {
  it('gives every root once, 20 a page unless asked', async () => {
    const { rows, pages } = await readAll(served, `${served.channel}/messages`);
    expect(rows.map(({ id }) => id)).toEqual(roots().map(({ id }) => id));
    expect(pages[0].value.length).toBe(20);
    expect(pages[0]['@odata.count']).toBe('20');
  });

  it('clamps $top to 50', async () => {
    const { pages } = await readAll(served, `${served.channel}/messages?$top=200`);
    expect(pages[0].value.length).toBe(50);
    expect(pages.length).toBe(Math.ceil(roots().length / 50));
  });

  it('is ordered by the activity of the whole chain, newest first', async () => {
    const { rows } = await readAll(served, `${served.channel}/messages?$top=50&$expand=replies`);
    expect(newestFirst(rows.map((row) => Math.max(modified(row), ...row.replies.map(modified))))).toBe(true);
    expect(newestFirst(rows.map(modified))).toBe(false);
  });

  it('carries the query in the token and changes the form of the path', async () => {
    const { body } = await served.get(`${served.channel}/messages?$top=7&$expand=replies`);
    const next = new URL(body['@odata.nextLink']);
    expect([...next.searchParams.keys()]).toEqual(['$skiptoken']);
    expect(next.pathname).toContain("/teams('");
    const page = await served.get(next.href);
    expect(page.body.value.length).toBe(7);
    expect(page.body.value[0].replies).toBeInstanceOf(Array);
  });

  it('cuts inline replies and links to the rest', async () => {
    await using cut = await servedTwin({ tenant: served.twin.tenant, behaviour: { inlineReplies: 2 } });
    const { rows } = await readAll(cut, `${served.channel}/messages?$top=50&$expand=replies`);
    const long = rows.find((row) => row['replies@odata.nextLink'] !== undefined)!;
    expect(long.replies.length).toBe(2);
    const rest = await readAll(cut, long['replies@odata.nextLink']);
    const whole = served.twin.tenant.replies(roots().find(({ id }) => id === long.id)!);
    expect([...long.replies, ...rest.rows].map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
  });

  it('gives short pages that are not the last, the same by the same seed', async () => {
    const lengths = async () => {
      await using short = await servedTwin({ tenant: served.twin.tenant, behaviour: { shortPages: 1 } });
      const { rows, pages } = await readAll(short, `${served.channel}/messages`);
      expect(new Set(rows.map(({ id }) => id)).size).toBe(roots().length);
      return pages.map((page) => page.value.length);
    };
    const first = await lengths();
    expect(first.slice(0, -1).every((length) => length >= 16 && length < 20)).toBe(true);
    expect(await lengths()).toEqual(first);
  });
});

describe('getAllMessages', () => {
  const path = () => `${served.team}/channels/getAllMessages`;
  const team = () => served.twin.tenant.teams()[0]!.id;

  it('gives roots and replies of every channel but the shared ones', async () => {
    const { rows } = await readAll(served, `${path()}?$top=50`);
    const { tenant } = served.twin;
    const expected = tenant
      .channels(team())
      .filter(({ membershipType }) => membershipType !== 'shared')
      .flatMap(({ id }) => tenant.roots(id).flatMap((root) => [root.id, ...tenant.replies(root).map((one) => one.id)]));
    expect(rows.map(({ id }) => id).sort()).toEqual(expected.sort());
  });

  it('keeps to a closed range of lastModifiedDateTime, both ends left out', async () => {
    const all = served.twin.tenant
      .teamMessages(team())
      .map(({ modifiedMs }) => modifiedMs)
      .sort((a, b) => a - b);
    const [from, to] = [all[10]!, all[40]!];
    const filter = `lastModifiedDateTime gt ${new Date(from).toISOString()} and lastModifiedDateTime lt ${new Date(to).toISOString()}`;
    const { rows } = await readAll(served, `${path()}?$top=50&$filter=${encodeURIComponent(filter)}`);
    expect(rows.length).toBe(all.filter((time) => time > from && time < to).length);
    expect(rows.every((row) => modified(row) > from && modified(row) < to)).toBe(true);
  });

  it.each([
    [
      "channelIdentity/channelId eq '19:x'",
      "The entity property 'channelIdentity/channelId' and operationKind 'Equal' is not allowed in $filter query.",
    ],
    ['lastModifiedDateTime ge 2026-01-01T00:00:00Z', "operationKind 'GreaterThanOrEqual' is not allowed"],
    ['nonsense', 'Invalid filter clause'],
  ])('refuses %s', async (filter, text) => {
    const { status, body } = await served.get(`${path()}?$filter=${encodeURIComponent(filter)}`);
    expect(status).toBe(400);
    expect(body.error.message).toContain(text);
  });
});

describe('a tenant that changes while it is read', () => {
  it('moves a chain to the top of the list without moving the rest', async () => {
    await using live = await servedTwin({ tenant: smallTenant({ messages: 120 }) });
    const { tenant } = live.twin;
    const { id: channelId } = tenant.channels(tenant.teams()[0]!.id)[0]!;
    const before = tenant.roots(channelId).map(({ id }) => id);
    const first = await live.get(`${live.channel}/messages`);
    const moved = before[30]!;
    await live.control('POST', '/events', { type: 'reply', channelId, messageId: moved });
    const rest = await readAll(live, first.body['@odata.nextLink']);
    expect(rest.rows.map(({ id }) => id)).toEqual(before.slice(20).filter((id) => id !== moved));
    expect((await live.get(`${live.channel}/messages`)).body.value[0].id).toBe(moved);
  });

  it('hides a row of an export from whoever pages by skip while another leaves the range', async () => {
    await using live = await servedTwin();
    const { tenant } = live.twin;
    const { id: teamId } = tenant.teams()[0]!;
    const before = tenant.teamMessages(teamId).map(({ channel, id }) => `${channel.id} ${id}`);
    const filter = encodeURIComponent(`lastModifiedDateTime lt ${new Date(live.twin.clock.now()).toISOString()}`);
    const first = await live.get(`${live.team}/channels/getAllMessages?$top=50&$filter=${filter}`);
    const edited = tenant
      .teamMessages(teamId)
      .slice(0, 50)
      .find(({ root, deletedMs, eventDetail, from }) => !root && !deletedMs && !eventDetail && from)!;
    await live.control('POST', '/events', { type: 'edit', channelId: edited.channel.id, messageId: edited.id });
    const rest = await readAll(live, first.body['@odata.nextLink']);
    const seen = [...first.body.value, ...rest.rows].map((row) => `${row.channelIdentity.channelId} ${row.id}`);
    expect(before.filter((key) => !seen.includes(key))).toEqual([before[50]]);
  });
});

describe('options that the service refuses', () => {
  it.each([
    ['channels?$top=5', 'Top'],
    ['members?$top=5', 'Top'],
    ['channels/getAllMessages?$select=id', 'Select'],
  ])('%s', async (path, option) => {
    const { status, body } = await served.get(`${served.team}/${path}`);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: '',
      innerError: { message: expect.stringContaining(`Query option '${option}' is not allowed`) },
    });
  });

  it.each(['$select=id', '$filter=importance eq 1', '$orderby=id', '$skip=5'])('messages?%s', async (query) => {
    expect((await served.get(`${served.channel}/messages?${query}`)).status).toBe(400);
  });

  it('and tokens it did not give out', async () => {
    const { status, body } = await served.get(`${served.channel}/messages?$skiptoken=made-up`);
    expect([status, body.error.message]).toEqual([400, 'Invalid skip token.']);
  });

  it('and paths it does not know', async () => {
    const { status, body } = await served.get('/teams/x/thiswillgiveanerror');
    expect(status).toBe(400);
    expect(body.error.message).toBe("Resource not found for the segment 'thiswillgiveanerror'.");
  });
});

describe('what the Prefer header unmasks', () => {
  const prefer = { prefer: 'include-unknown-enum-members' };

  it('system events', async () => {
    const types = async (headers: Record<string, string>) => {
      const { body } = await served.get(`${served.channel}/messages?$top=50`, headers);
      return new Set(body.value.map(({ messageType }: { messageType: string }) => messageType));
    };
    const { rows } = await readAll(served, `${served.channel}/messages?$top=50`);
    expect(rows.filter(({ eventDetail }) => eventDetail).map(({ messageType }) => messageType)).not.toContain(
      'systemEventMessage',
    );
    expect(rows.some(({ messageType }) => messageType === 'unknownFutureValue')).toBe(true);
    expect([...(await types(prefer))]).not.toContain('unknownFutureValue');
  });
});

describe('lists of the directory', () => {
  it('GET /teams fills four properties only', async () => {
    const { body } = await served.get('/teams');
    const [team] = body.value;
    expect(team).toMatchObject({ webUrl: null, memberSettings: null, isArchived: null, createdDateTime: null });
    expect(team.displayName).toBeTruthy();
    expect((await served.get(`/teams/${team.id}`)).body.webUrl).toContain('http');
  });

  it('GET /users gives eleven properties, and others by $select', async () => {
    const { body } = await served.get('/users?$top=5');
    expect(Object.keys(body.value[0]).length).toBe(11);
    const selected = await served.get('/users?$select=id,userType&$top=5');
    expect(selected.body.value[0]).toEqual({ id: body.value[0].id, userType: expect.any(String) });
    expect(selected.headers.get('x-ms-resource-unit')).toBe('1');
    const { rows } = await readAll(served, '/users?$top=5');
    expect(rows.length).toBe(served.twin.tenant.users().length);
  });

  it('refuses more than 999 users a page', async () => {
    const { status, body } = await served.get('/users?$top=1000');
    expect(status).toBe(400);
    expect(body.error.message).toBe("Invalid page size specified: '1000'. Must be between 1 and 999 inclusive.");
  });

  it('counts users only for an advanced query, on the first page', async () => {
    expect((await served.get('/users?$count=true')).body['@odata.count']).toBeUndefined();
    const { body } = await served.get('/users?$count=true&$top=5', { consistencylevel: 'eventual' });
    expect(body['@odata.count']).toBe(served.twin.tenant.users().length);
  });

  it('GET /groups finds the teams', async () => {
    const filter = encodeURIComponent("resourceProvisioningOptions/Any(x:x eq 'Team')");
    const { body } = await served.get(`/groups?$filter=${filter}&$select=id,displayName`);
    expect(body.value.map(({ id }: { id: string }) => id)).toEqual(served.twin.tenant.teams().map(({ id }) => id));
  });
});

describe('what is not there', () => {
  it.each([
    ['/teams/00000000-0000-0000-0000-000000000000', 404, 'NotFound'],
    ['/users/00000000-0000-0000-0000-000000000000', 404, 'Request_ResourceNotFound'],
  ])('%s', async (path, status, code) => {
    const answer = await served.get(path);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it('a channel and a message', async () => {
    expect((await served.get(`${served.team}/channels/19:gone@thread.tacv2`)).body.error.code).toBe('ItemNotFound');
    expect((await served.get(`${served.team}/channels/nonsense`)).body.error.message).toContain(
      'not in a valid format',
    );
    expect((await served.get(`${served.channel}/messages/1`)).body.error.innerError.message).toContain(
      'MessageNotFound',
    );
  });
});

describe('every answer', () => {
  it('has the headers of Graph', async () => {
    const { headers } = await served.get('/teams', { 'client-request-id': 'mine' });
    expect(headers.get('client-request-id')).toBe('mine');
    expect(headers.get('request-id')).toBeTruthy();
    expect(JSON.parse(headers.get('x-ms-ags-diagnostic')!)).toHaveProperty('ServerInfo.ScaleUnit');
    expect(Math.abs(Date.parse(headers.get('date')!) - served.twin.clock.now())).toBeLessThan(10_000);
  });
});
