import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { type WebhookRoutes, webhookRoutes } from './webhook-routes.ts';

const BASE = 'http://twin.test';
const card = (version = '1.4') => ({ type: 'AdaptiveCard', version, body: [{ type: 'TextBlock', text: 'Build 512' }] });
const envelope = (content: unknown) => ({
  type: 'message',
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
});

let twin: WebhookRoutes;
let clock: VirtualClock;
let ops: string;

beforeEach(() => {
  clock = new VirtualClock();
  twin = webhookRoutes({ runtime: clock, render: (one) => `[card ${JSON.stringify(one).length}]` });
  ops = twin.urls(BASE)[0]!;
});

const post = async (url: string, body: unknown, id?: string) =>
  await twin.app.request(url, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...(id && { 'webhook-id': id }) },
  });
const control = async (method: string, path: string, body?: unknown) =>
  await twin.app.request(`${BASE}/_twin${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
const script = (id: string, value: unknown) => control('POST', `/webhooks/${id}/script`, value);
const answered = async (response: Response) => [response.status, await response.text()] as const;

describe('a Workflows webhook', () => {
  it('accepts with an empty 202, posts, and shows what a person would see', async () => {
    expect(await answered(await post(ops, envelope(card()), 'm1'))).toEqual([202, '']);
    expect(twin.ledger('ops')).toMatchObject([{ messageId: 'm1', behaviour: 'flow', status: 202, run: 'posted' }]);
    const text = await (await control('GET', '/channel?webhook=ops')).text();
    expect(text).toContain('#ops');
    expect(text).toContain('[card ');
    expect(await (await control('GET', '/channel?webhook=ops&format=json')).json()).toMatchObject({
      webhook: 'ops',
      posts: [{ messageId: 'm1', cards: [{ card: card() }] }],
    });
    expect(await (await control('GET', '/channel?webhook=builds')).text()).toContain('nothing posted yet');
  });

  it.each([
    ['a bare card', card(), /AdaptiveCard/],
    ['a text', { text: 'hi' }, /AdaptiveCard/],
    ['another attachment', { attachments: [{ contentType: 'image/png' }] }, /AdaptiveCard/],
    ['a card of another type', envelope({ type: 'MessageCard' }), /AdaptiveCard/],
    ['a card without version', envelope({ type: 'AdaptiveCard' }), /version/],
    ['a card newer than 1.4', envelope(card('1.5')), /1\.5 is newer/],
    ['more than 28 KB', envelope({ ...card(), pad: 'é'.repeat(14_336) }), /too large/],
  ])('accepts %s too, and then fails inside the flow', async (_, body, reason) => {
    expect((await post(ops, body)).status).toBe(202);
    expect(twin.ledger('ops')).toMatchObject([{ run: 'failed', reason: expect.stringMatching(reason) }]);
    expect(await (await control('GET', '/channel?webhook=ops')).text()).toContain('nothing posted yet');
  });

  it.each<[string, (url: string) => string, string, number, string]>([
    ['a URL that was cut at &', (url) => url.replace(/\?.*/, '?sp=x'), '{}', 400, 'MissingApiVersionParameter'],
    ['a wrong signature', (url) => url.replace(/sig=.*/, 'sig=x'), '{}', 401, 'DirectApiAuthorizationRequired'],
    ['no JSON', (url) => url, '{', 400, 'InvalidRequestContent'],
    ['an unknown flow', (url) => url.replace('/ops/', '/none/'), '{}', 404, 'WorkflowNotFound'],
  ])('refuses %s', async (_, change, body, status, code) => {
    const response = await post(change(ops), body);
    expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([
      status,
      code,
    ]);
  });

  it('throttles above 4 in a second, with the wait in words', async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 5; index++) statuses.push((await post(ops, envelope(card()))).status);
    expect(statuses).toEqual([202, 202, 202, 202, 429]);
    expect(await (await post(ops, envelope(card()))).text()).toBe(
      'Out of call volume quota. Quota will be replenished in 00:00:01.',
    );
    await clock.pass(1_001);
    expect((await post(ops, envelope(card()))).status).toBe(202);
    expect(twin.ledger('ops').filter(({ behaviour }) => behaviour === 'over-limit')).toHaveLength(2);
  });

  it('throttles nobody when limits are off', async () => {
    const free = webhookRoutes({ runtime: clock, render: String, limits: 'none' });
    for (let index = 0; index < 200; index++) {
      const response = await free.app.request(free.urls(BASE)[0]!, { method: 'POST', body: '{}' });
      expect(response.status).toBe(202);
    }
  });
});

describe('a script', () => {
  it('plays its steps in order, then the last one, and a new script replaces it', async () => {
    await script('ops', {
      steps: [{ do: 'status', status: 503, retryAfter: 2, times: 2 }, { do: 'flow' }],
      after: { do: 'throttle' },
    });
    const [first, ...rest] = [
      await post(ops, envelope(card())),
      await post(ops, {}),
      await post(ops, envelope(card())),
    ];
    expect(first.headers.get('retry-after')).toBe('2');
    expect([first, ...rest].map(({ status }) => status)).toEqual([503, 503, 202]);
    expect((await post(ops, {})).status).toBe(429);
    await clock.pass(60_000);
    await script('ops', {});
    expect((await post(ops, envelope(card()))).status).toBe(202);
    expect(twin.ledger('ops').map(({ run }) => run)).toEqual(['none', 'none', 'posted', 'none', 'posted']);
  });

  it('lets the flow fail, or run later', async () => {
    await script('ops', {
      steps: [
        { do: 'flow-fails', reason: 'No owner.' },
        { do: 'flow', flowDelayMs: 5_000 },
      ],
    });
    await post(ops, envelope(card()));
    await post(ops, envelope(card()));
    expect(twin.ledger('ops')).toMatchObject([{ run: 'failed', reason: 'No owner.' }, { run: 'running' }]);
    await clock.pass(5_000);
    expect(twin.ledger('ops')[1]).toMatchObject({ run: 'posted' });
  });

  it('counts what was posted twice under one id', async () => {
    await script('ops', { steps: [{ do: 'executed-status' }] });
    const statuses = [];
    for (const id of ['m1', 'm1', 'm2']) statuses.push((await post(ops, envelope(card()), id)).status);
    expect(statuses).toEqual([500, 202, 202]);
    const { webhooks } = (await (await control('GET', '/webhooks')).json()) as { webhooks: object[] };
    expect(webhooks[0]).toMatchObject({ id: 'ops', url: ops, arrived: 3, posted: 3, failed: 0, duplicates: 1 });
    const ledger = (await (await control('GET', '/webhooks/ops/ledger')).json()) as { entries: object[] };
    expect(ledger.entries).toMatchObject([{ duplicate: false }, { duplicate: true }, { duplicate: false }]);
    await control('POST', '/webhooks/reset');
    expect(twin.ledger('ops')).toEqual([]);
  });

  it('answers late', async () => {
    await script('ops', { after: { do: 'flow', delayMs: 3_000 } });
    const answer = post(ops, envelope(card()));
    await clock.pass(2_999);
    expect(clock.sleeping).toBe(1);
    await clock.pass(1);
    expect((await answer).status).toBe(202);
  });

  it.each([
    ['unknown behaviour', { steps: [{ do: 'dance' }] }, 'steps.0.do'],
    ['unknown field', { step: [] }, 'step'],
    ['bad count', { steps: [{ do: 'flow', times: 0 }] }, 'steps.0.times'],
  ])('with %s is refused whole, naming the field', async (_, value, field) => {
    const response = await script('ops', value);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'twin_input_invalid', field } });
    expect((await post(ops, envelope(card()))).status).toBe(202);
  });

  it('for an unknown webhook names those there are', async () => {
    expect(await (await script('typo', {})).json()).toMatchObject({ error: { valid: ['ops', 'builds'] } });
    expect((await control('GET', '/channel')).status).toBe(400);
  });
});

describe('a retired connector', () => {
  const add = async (value: unknown) => (await (await control('POST', '/webhooks', value)).json()) as { url: string };

  it('answers 200 with an error as text', async () => {
    const { url } = await add({ id: 'old', kind: 'connector' });
    expect(url).toContain('/webhookb2/');
    const [status, text] = await answered(await post(url, { text: 'hi' }));
    expect(status).toBe(200);
    expect(text).toMatch(
      /^Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 403/,
    );
    expect(twin.ledger('old')).toMatchObject([{ run: 'none' }]);
    expect(twin.urls(BASE)).not.toContain(url);
  });

  it('answers as it did while it lived, when told to', async () => {
    const { url } = await add({ id: 'old', kind: 'connector' });
    await script('old', { after: { do: 'connector' } });
    expect(await answered(await post(url, { text: 'hi' }))).toEqual([200, '1']);
    expect(await answered(await post(url, {}))).toEqual([400, 'Summary or Text is required.']);
    expect(await answered(await post(url, 'x'))).toEqual([400, 'Bad payload received by generic incoming webhook.']);
    expect((await answered(await post(url, { text: 'x'.repeat(29_000) })))[1]).toContain('HTTP error 413');
    for (let index = 0; index < 4; index++) await post(url, { text: 'hi' });
    expect((await answered(await post(url, { text: 'hi' })))[1]).toContain('HTTP error 429');
    expect(await (await control('GET', '/channel?webhook=old')).text()).toContain('  hi');
  });

  it('is added once, under an id that can stand in a path', async () => {
    await add({ id: 'old', kind: 'connector' });
    expect((await control('POST', '/webhooks', { id: 'old' })).status).toBe(400);
    expect((await control('POST', '/webhooks', { id: '../x' })).status).toBe(400);
    expect(twin.add({ id: 'new' }, BASE)).toContain('/workflows/new/');
    expect(() => twin.add({ id: 'new' }, BASE)).toThrow(/"new" already/);
  });
});

describe('the twin around it', () => {
  it('is asked for nothing but webhooks', async () => {
    expect((await twin.app.request(`${BASE}/v1.0/users`)).status).toBe(404);
  });

  it('allows exactly its own host and port', () => {
    expect(twin.env('http://127.0.0.1:8123')).toEqual({ TEAMS_WEBHOOK_TWIN_HOSTS: '127.0.0.1:8123' });
    expect(twin.env('https://twin.test')).toEqual({ TEAMS_WEBHOOK_TWIN_HOSTS: 'twin.test:443' });
  });
});
