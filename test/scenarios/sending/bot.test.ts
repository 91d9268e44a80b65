import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/start-simulator.ts';
import { cli } from '../../support/cli.ts';
import { freePort } from '../../support/free-port.ts';
import { servedSender, servedWebhooks, type TestServer, type TestWebhooks, until } from '../../support/sending.ts';

interface TwinState {
  readonly conversations: readonly {
    readonly id: string;
    readonly alias: string;
    readonly posts: number;
    readonly people: readonly { readonly id: string }[];
  }[];
  readonly requests: readonly { readonly operation: string; readonly status: number }[];
}

describe('a receiver that a bot speaks to', () => {
  let folder: string;
  let simulator: Simulator;
  let webhooks: TestWebhooks;
  let server: TestServer;
  let users: readonly string[];

  const control = async (path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
    return (await fetch(`${simulator.url}/_twin${path}`, init)).text();
  };
  const twin = async () => JSON.parse(await control('/bot')) as TwinState;
  const conversation = async (alias: string) => (await twin()).conversations.find((one) => one.alias === alias)!;
  const channel = (alias: string) => control(`/channel?conversation=${alias}`);
  const act = (deed: object) => control('/bot/do', deed);
  const send = (to: string, text: string) =>
    server.server.sender.sendNow({ to: [to], content: { kind: 'text', text }, waitMs: 20_000 });
  const outcomeOf = async (to: string, text: string) => (await send(to, text)).destinations[0]!;
  const alert = (alertname: string, status: 'firing' | 'resolved', summary: string) => ({
    version: '4',
    groupKey: `{}:{alertname="${alertname}"}`,
    status,
    receiver: 'sluice',
    groupLabels: { alertname },
    commonLabels: { alertname, severity: 'critical' },
    commonAnnotations: { summary },
    externalURL: 'http://alertmanager.example',
    alerts: [
      {
        status,
        labels: { alertname, severity: 'critical' },
        annotations: { summary },
        startsAt: '2027-01-15T08:00:00Z',
        endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2027-01-15T09:00:00Z',
        fingerprint: `f${alertname}`,
      },
    ],
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-bot-sending-'));
    const port = await freePort();
    const bot = `http://127.0.0.1:${port}/api/messages`;
    simulator = await startSimulator({ bot, teams: 1, channels: 1, messages: 1, users: 6, limits: 'none' });
    webhooks = await servedWebhooks();
    const { TEAMS_BOT_APP_ID, TEAMS_BOT_APP_SECRET, TEAMS_BOT_TWIN_URL, TEAMS_TENANT_ID } = simulator.env;
    const ids = Object.fromEntries((await twin()).conversations.map(({ alias, id }) => [alias, id]));
    users = (await conversation('group')).people.map(({ id }) => id);
    server = await servedSender(
      {
        auth: { tenant_id: TEAMS_TENANT_ID },
        bot: { app_id: TEAMS_BOT_APP_ID, app_secret: TEAMS_BOT_APP_SECRET, twin_url: TEAMS_BOT_TWIN_URL },
        webhooks: { twin_hosts: [webhooks.host] },
        receivers: {
          team: { notifier: 'bot', channel: ids['channel'] },
          chat: { notifier: 'bot', chat: ids['group'] },
          place: { notifier: 'bot', conversation: ids['personal'] },
          person: { notifier: 'bot', user: users[1] },
          nowhere: { notifier: 'bot', chat: '19:nobody@thread.v2' },
          stranger: { notifier: 'bot', user: '00000000-0000-4000-8000-00000000dead' },
          ops: { webhook: webhooks.url },
        },
        routing: {
          route: {
            receivers: ['team'],
            group_by: ['alertname'],
            routes: [{ matchers: ['alertname="Disk"'], receivers: ['chat'], fallback_receiver: 'ops' }],
          },
        },
        server: { port },
      },
      { folder },
    );
    await until(async () => (await twin()).conversations.every(({ posts }) => posts > 0));
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await webhooks?.[Symbol.asyncDispose]();
    await simulator?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is sent to by the same call: a channel, a chat, a conversation, and a person whose chat is made once', async () => {
    for (const to of ['team', 'chat', 'place', 'person', 'person']) {
      expect(await outcomeOf(to, `hello ${to}`)).toMatchObject({ outcome: 'delivered' });
    }
    expect(await channel('channel')).toContain('hello team');
    expect(await channel('group')).toContain('hello chat');
    expect(await channel('personal')).toContain('hello place');
    const { requests, conversations } = await twin();
    const made = conversations.find(({ people, id }) => id.startsWith('a:') && people[0]!.id === users[1])!;
    expect(made.posts).toBe(2);
    // One for the channel's thread, one for the person.
    expect(requests.filter(({ operation }) => operation === 'create').map(({ status }) => status)).toEqual([201, 201]);
  });

  it('says what is wrong where the bot never was, or whom nobody knows', async () => {
    expect(await outcomeOf('nowhere', 'hello')).toMatchObject({
      outcome: 'permanent',
      error: { code: 'bot_never_there' },
    });
    expect(await outcomeOf('stranger', 'hello')).toMatchObject({
      outcome: 'permanent',
      error: { code: 'conversation_not_found' },
    });
  });

  it('is refused before any request once it was left or blocked, and sent to again when somebody is back', async () => {
    await act({ do: 'uninstall', conversation: 'personal' });
    const before = (await twin()).requests.length;
    expect(await outcomeOf('place', 'hello')).toMatchObject({ error: { code: 'bot_is_uninstalled' } });
    expect((await twin()).requests.length).toBe(before);
    await act({ do: 'install', conversation: 'personal' });
    await act({ do: 'block', conversation: 'personal' });
    expect(await outcomeOf('place', 'hello')).toMatchObject({ error: { code: 'bot_blocked' } });
    expect(await outcomeOf('place', 'hello')).toMatchObject({ error: { code: 'bot_is_blocked' } });
    await act({ do: 'unblock', conversation: 'personal' });
    await act({ do: 'say', conversation: 'personal', text: 'I am back' });
    expect(await outcomeOf('place', 'welcome')).toMatchObject({ outcome: 'delivered' });
  });

  it('has one message for an alert that comes and goes: it is edited, and told in its thread', async () => {
    const before = (await conversation('channel')).posts;
    const post = async (status: 'firing' | 'resolved', summary: string, edits: number) => {
      const edited = async () =>
        (await twin()).requests.filter(({ operation, status: answered }) => operation === 'update' && answered === 200);
      expect((await server.post('/v1/alerts/alertmanager', alert('Flapping', status, summary))).status).toBe(202);
      await until(async () => (await edited()).length === edits);
    };
    await post('firing', 'Latency is high', 0);
    await until(async () => (await conversation('channel')).posts === before + 1);
    await post('resolved', 'Latency was high', 1);
    await until(async () => (await conversation('channel')).posts === before + 2);
    await post('firing', 'Latency is high again', 2);
    await until(async () => (await conversation('channel')).posts === before + 3);
    const seen = await channel('channel');
    expect(seen).toContain('Latency is high again');
    expect(seen).not.toContain('Latency was high\n');
    expect(seen.match(/^↳/gm)!.length).toBeGreaterThanOrEqual(2);
    expect(seen.match(/edited/g)).toHaveLength(1);
  });

  it('falls back to a webhook once it is certain that nothing arrived, once, and says so', async () => {
    await act({ do: 'uninstall', conversation: 'group' });
    expect((await server.post('/v1/alerts/alertmanager', alert('Disk', 'firing', 'Disk is full'))).status).toBe(202);
    await until(async () => (await webhooks.channel('ops')).includes('Disk is full'));
    const [dead] = await server.server.sender.outbox.list({ destination: 'chat', states: ['dead'], limit: 1 });
    expect(dead).toMatchObject({ errorCode: 'bot_is_uninstalled', fellBackTo: expect.any(String) });
    expect((await webhooks.channel('ops')).match(/Disk is full/g)!.length).toBeGreaterThanOrEqual(1);
    await act({ do: 'install', conversation: 'group' });
  });

  it('does not fall back when the message may have been posted', async () => {
    const before = await webhooks.channel('ops');
    await control('/bot/script', { steps: [{ operation: 'send', status: 504, executed: true }] });
    const raised = alert('Disk', 'firing', 'Memory is full');
    expect((await server.post('/v1/alerts/alertmanager', { ...raised, groupKey: 'other' })).status).toBe(202);
    await until(async () => (await channel('group')).includes('Memory is full'));
    expect(await webhooks.channel('ops')).toBe(before);
  });

  it('sluice bot says where it can speak, whether all is right, and what to do where it is not', async () => {
    const from = ['--config', server.file];
    const listed = await cli(['bot', 'conversations', '--json', ...from]);
    const known = listed.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; state: string });
    expect(known.map(({ type }) => type).sort()).toEqual(['channel', 'groupChat', 'personal', 'personal']);
    expect(new Set(known.map(({ state }) => state))).toEqual(new Set(['active']));
    expect((await cli(['bot', 'conversations', ...from])).out).toContain('groupChat');
    const endpoint = ['--endpoint', `${server.server.url}/api/messages`];
    expect(await cli(['bot', 'check', ...endpoint, ...from])).toMatchObject({ code: 0 });
    const wrong = { TEAMS_BOT_APP_SECRET: 'canary-of-a-wrong-secret' };
    const told = await cli(['bot', 'check', '--endpoint', `${simulator.url}/nobody`, ...from], wrong);
    expect(told.code).toBe(3);
    expect(told.out).toMatch(/wrong {2}token: client_secret_wrong/);
    expect(told.out).toMatch(/wrong {2}endpoint: answers 4\d\d/);
    expect(told.out + told.err).not.toContain('canary');
    const bare = await cli(['bot', 'check', '--json', '--outbox', `sqlite:${join(folder, 'bare.db')}`], {
      TEAMS_BOT_TWIN_URL: simulator.url,
    });
    const { checks } = JSON.parse(bare.out) as { checks: { name: string; ok: boolean }[] };
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['app id', 'secret', 'tenants', 'conversations']),
    );
  });

  it('a refused token is renewed once, and 412 and 429 are tried again under the same id', async () => {
    for (const step of [{ status: 401 }, { status: 412 }, { status: 429, retryAfter: 1 }]) {
      await control('/bot/script', { steps: [{ ...step, operation: 'send' }] });
      expect(await outcomeOf('chat', `after ${step.status}`)).toMatchObject({ outcome: 'delivered' });
      expect((await channel('group')).match(new RegExp(`after ${step.status}`, 'g'))).toHaveLength(1);
    }
  });

  it('and nothing of it is in a log, a metric, a list or a dead letter, over every way in which it can fail', async () => {
    const TEXT = 'canary-of-a-message';
    for (const status of [400, 401, 403, 404, 413, 429, 500, 503]) {
      await control('/bot/script', {
        steps: [{ status, code: `Code ${TEXT}`, message: TEXT, retryAfter: 0, times: status === 401 ? 2 : 1 }],
      });
      await send('chat', TEXT);
    }
    const metrics = (await server.get('/metrics')).body;
    const listed = await server.server.sender.outbox.list({ limit: 1_000 });
    expect(listed.some(({ state }) => state === 'dead')).toBe(true);
    const endpoints = await server.server.sender.outbox.endpoints();
    const told = [...server.lines, metrics, JSON.stringify(listed), JSON.stringify(endpoints)].join('\n');
    const { conversations } = await twin();
    const ids = conversations.flatMap(({ id, people }) => [id, ...people.map((person) => person.id)]);
    const { TEAMS_BOT_APP_ID, TEAMS_BOT_APP_SECRET } = simulator.env;
    const canaries = [TEXT, TEAMS_BOT_APP_SECRET!, TEAMS_BOT_APP_ID!, 'eyJ', 'Bearer', ...ids];
    expect(canaries.filter((canary) => told.includes(canary))).toEqual([]);
  });
});
