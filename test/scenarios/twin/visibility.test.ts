import { describe, expect, it } from 'vitest';
import { BEGIN_MS } from '../../support/fast-runtime.ts';
import { readAll, servedTwin, smallTenant, type TestTwin } from '../../support/served-twin.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

async function event(twin: TestTwin, body: Record<string, unknown>) {
  const answer = await twin.control('POST', '/events', body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body[0] as { teamId: string; channelId: string };
}

const channelIds = async (twin: TestTwin) =>
  (await readAll(twin, `${twin.team}/channels`)).rows.map(({ id }) => id as string);
const exported = async (twin: TestTwin, filter = '') =>
  (await readAll(twin, `${twin.team}/channels/getAllMessages?$top=50${filter}`)).rows;
const messagesOf = async (twin: TestTwin, channelId: string) =>
  (await exported(twin)).filter(({ channelIdentity }) => channelIdentity.channelId === channelId);
const key = (row: { id: string; replyToId: string | null }) => `${row.replyToId}/${row.id}`;

describe.each(['deleteChannel', 'hideChannel'])('%s', (type) => {
  it('takes a channel out of every answer; restored, it has all its messages with their old times', async () => {
    await using twin = await servedTwin();
    const [, channelId] = await channelIds(twin);
    const before = await messagesOf(twin, channelId!);
    expect(before.length).toBeGreaterThan(0);
    await event(twin, { type, channelId });
    expect(await channelIds(twin)).not.toContain(channelId);
    expect(await messagesOf(twin, channelId!)).toEqual([]);
    expect((await twin.get(`${twin.team}/channels/${encodeURIComponent(channelId!)}/messages`)).status).toBe(404);
    expect(await event(twin, { type: 'restoreChannel', channelId })).toMatchObject({ channelId });
    expect(await channelIds(twin)).toContain(channelId);
    expect(await messagesOf(twin, channelId!)).toEqual(before);
  });
});

it('only a deleted channel is announced in General', async () => {
  await using twin = await servedTwin();
  const [, first, second] = await channelIds(twin);
  const count = async () =>
    (await exported(twin)).filter(({ eventDetail }) => JSON.stringify(eventDetail).includes('channelDeleted')).length;
  await event(twin, { type: 'hideChannel', channelId: first });
  expect(await count()).toBe(0);
  await event(twin, { type: 'deleteChannel', channelId: second });
  expect(await count()).toBe(1);
});

it('a team that was deleted comes back with channels, members and messages', async () => {
  await using twin = await servedTwin();
  const teamId = twin.twin.tenant.teams()[0]!.id;
  const [channels, messages] = [await channelIds(twin), await exported(twin)];
  await event(twin, { type: 'deleteTeam', teamId });
  expect((await twin.get(twin.team)).status).toBe(404);
  await event(twin, { type: 'restoreTeam', teamId });
  expect((await readAll(twin, '/teams')).rows.map(({ id }) => id)).toContain(teamId);
  expect(await channelIds(twin)).toEqual(channels);
  expect((await exported(twin)).map(key).sort()).toEqual(messages.map(key).sort());
  expect((await readAll(twin, `${twin.team}/members`)).rows.length).toBeGreaterThan(0);
});

it('what was never taken out cannot come back', async () => {
  await using twin = await servedTwin();
  const [channelId] = await channelIds(twin);
  const { status, body } = await twin.control('POST', '/events', { type: 'restoreChannel', channelId });
  expect([status, body.error.code]).toEqual([400, 'event_invalid']);
});

describe('an import', () => {
  it('makes a channel of old messages, which has a migration mode and two creation times', async () => {
    await using twin = await servedTwin();
    const { teamId } = { teamId: twin.twin.tenant.teams()[0]!.id };
    const { channelId } = await event(twin, {
      type: 'import',
      teamId,
      from: '2004-02-01T00:00:00Z',
      to: '2016-01-01T00:00:00Z',
      messages: 40,
      migrationMode: 'inProgress',
    });
    const channel = async () => (await twin.get(`${twin.team}/channels/${encodeURIComponent(channelId)}`)).body;
    const { migrationMode, createdDateTime, originalCreatedDateTime } = await channel();
    expect(migrationMode).toBe('inProgress');
    expect(createdDateTime < '2016').toBe(true);
    expect(originalCreatedDateTime > '2016').toBe(true);
    const rows = await messagesOf(twin, channelId);
    expect(rows.length).toBe(40);
    expect(rows.every((row) => row.lastModifiedDateTime > '2004-02' && row.lastModifiedDateTime < '2016')).toBe(true);
    expect(rows.some(({ replyToId }) => replyToId !== null)).toBe(true);
    await event(twin, { type: 'completeMigration', channelId });
    expect((await channel()).migrationMode).toBe('completed');
  });

  it('has messages of 1970 and 9999, each found by its range', async () => {
    await using twin = await servedTwin();
    const { channelId } = await event(twin, {
      type: 'import',
      teamId: twin.twin.tenant.teams()[0]!.id,
      times: ['1970-01-01T00:00:00Z', '2004-05-05T05:05:05.005Z', '9999-12-31T23:59:59.999Z'],
    });
    expect((await messagesOf(twin, channelId)).map(({ createdDateTime }) => createdDateTime)).toEqual([
      '1970-01-01T00:00:00.0Z',
      '2004-05-05T05:05:05.005Z',
      '9999-12-31T23:59:59.999Z',
    ]);
    const old = await exported(twin, '&$filter=lastModifiedDateTime lt 1970-01-02T00:00:00Z');
    expect(old.map(({ createdDateTime }) => createdDateTime)).toEqual(['1970-01-01T00:00:00.0Z']);
    const far = await exported(twin, '&$filter=lastModifiedDateTime gt 9000-01-01T00:00:00Z');
    expect(far.map(({ createdDateTime }) => createdDateTime)).toEqual(['9999-12-31T23:59:59.999Z']);
  });

  it.each([
    ['null', { lastModifiedDateTime: null }],
    ['absent', {}],
  ])('sends messages whose lastModifiedDateTime is %s, which no range finds', async (modifiedStamp, stamp) => {
    await using twin = await servedTwin();
    const { channelId } = await event(twin, {
      type: 'import',
      teamId: twin.twin.tenant.teams()[0]!.id,
      messages: 5,
      modifiedStamp,
    });
    const rows = await messagesOf(twin, channelId);
    expect(rows.length).toBe(5);
    for (const row of rows) {
      expect('lastModifiedDateTime' in row).toBe('lastModifiedDateTime' in stamp);
      expect(row.lastModifiedDateTime ?? null).toBe(null);
    }
    const ranged = await exported(twin, '&$filter=lastModifiedDateTime gt 1970-01-01T00:00:00Z');
    expect(ranged.filter(({ channelIdentity }) => channelIdentity.channelId === channelId)).toEqual([]);
  });

  it('into a hidden channel is seen when the channel is shown', async () => {
    await using twin = await servedTwin();
    const { channelId } = await event(twin, { type: 'import', teamId: twin.twin.tenant.teams()[0]!.id, hidden: true });
    expect(await channelIds(twin)).not.toContain(channelId);
    await event(twin, { type: 'restoreChannel', channelId });
    expect((await messagesOf(twin, channelId)).length).toBe(50);
  });
});

it('the index of getAllMessages lags when told, the list does not', async () => {
  const runtime = new VirtualClock({ startMs: BEGIN_MS });
  await using twin = await servedTwin({ tenant: smallTenant(), runtime });
  await twin.control('POST', '/behaviour', { exportLagMs: 600_000 });
  const { channelId } = await event(twin, { type: 'post', teamId: twin.twin.tenant.teams()[0]!.id, content: 'fresh' });
  const seen = async () => (await exported(twin)).some(({ body }) => body.content === 'fresh');
  expect(await seen()).toBe(false);
  const list = await twin.get(`${twin.team}/channels/${encodeURIComponent(channelId)}/messages`);
  expect(list.body.value[0].body.content).toBe('fresh');
  await twin.control('POST', '/clock', { advanceMs: 600_001 });
  expect(await seen()).toBe(true);
});

it('the Date header is ahead of the time when told', async () => {
  const runtime = new VirtualClock({ startMs: BEGIN_MS });
  await using twin = await servedTwin({ tenant: smallTenant(), runtime });
  await twin.control('POST', '/behaviour', { dateSkewMs: 2 * 3_600_000 });
  const { headers } = await twin.get('/teams');
  expect(Date.parse(headers.get('date')!) - runtime.now()).toBeGreaterThan(2 * 3_600_000 - 1000);
});

it('a setting of the behaviour that does not exist is refused with those that do', async () => {
  await using twin = await servedTwin();
  const { status, body } = await twin.control('POST', '/behaviour', { shortpages: 1 });
  expect([status, body.error.field]).toEqual([400, 'shortpages']);
  expect(body.error.valid).toContain('shortPages');
});

describe('permissions', () => {
  it('withheld, they are missing in the next token, or at once', async () => {
    await using twin = await servedTwin();
    const members = `${twin.team}/members`;
    expect((await twin.get(members)).status).toBe(200);
    await twin.control('POST', '/permissions', { withhold: ['TeamMember.Read.All'] });
    expect((await twin.get(members)).status).toBe(200);
    await twin.token();
    expect((await twin.get(members)).status).toBe(403);
    await twin.control('POST', '/permissions', { grant: ['TeamMember.Read.All'], atOnce: true });
    expect((await twin.get(members)).status).toBe(200);
  });

  it('a token may be one that only the service can read', async () => {
    await using twin = await servedTwin({ behaviour: { accessTokens: 'opaque' } });
    expect((await twin.token()).split('.').length).toBe(1);
    expect((await twin.get('/teams')).status).toBe(200);
  });
});

it('cut inline replies come without their link when told, and with their count', async () => {
  await using twin = await servedTwin({
    tenant: smallTenant({ repliesShare: 1, repliesPerThread: 4 }),
    behaviour: { inlineReplies: 2, inlineLink: 'absent', inlineCount: true },
  });
  const { rows } = await readAll(twin, `${twin.channel}/messages?$expand=replies`);
  const cut = rows.filter((row) => row['replies@odata.count'] > 2);
  expect(cut.length).toBeGreaterThan(0);
  for (const row of cut) {
    expect(row.replies.length).toBe(2);
    expect(row).not.toHaveProperty(['replies@odata.nextLink']);
  }
});

it('a clock that runs fast moves hours in a second', async () => {
  const runtime = new VirtualClock({ startMs: BEGIN_MS });
  await using twin = await servedTwin({ tenant: smallTenant(), runtime });
  const before = twin.twin.clock.now();
  await twin.control('POST', '/clock', { rate: 36_000 });
  runtime.advance(1000);
  expect(twin.twin.clock.now() - before).toBe(10 * 3_600_000);
});
