import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { faultKinds } from '../../../src/simulator/faults/fault-kinds.ts';
import { servedTwin, smallTenant, type TestTwin, until } from '../../support/served-twin.ts';

let served: TestTwin;
beforeAll(async () => {
  served = await servedTwin({ tenant: smallTenant({ messages: 120 }) });
});
afterAll(() => served[Symbol.asyncDispose]());
afterEach(() => served.control('DELETE', '/faults'));

const messages = () => `${served.channel}/messages?$top=50`;
const set = async (rule: Record<string, unknown>) => {
  const { status, body } = await served.control('POST', '/faults', rule);
  expect(status).toBe(201);
  return body;
};
const hits = async () => (await served.control('GET', '/faults')).body.faults[0].hits as number;

/** The raw exchange: what arrives when the answer is not good JSON. */
const raw = async (path: string, signal?: AbortSignal) =>
  fetch(path.startsWith('http') ? path : `${served.url}/v1.0${path}`, {
    headers: { authorization: `Bearer ${await served.token()}` },
    ...(signal && { signal }),
  });

describe('answers that stand in for the twin', () => {
  it.each([
    [{ kind: 'throttle', retryAfter: 7 }, 429, 'TooManyRequests'],
    [{ kind: 'status', status: 502 }, 502, 'BadGateway'],
    [{ kind: 'status' }, 503, 'Proxy_InternalServerError'],
    [{ kind: 'unauthorized' }, 401, 'InvalidAuthenticationToken'],
    [{ kind: 'forbidden' }, 403, 'Forbidden'],
    [{ kind: 'team-gone' }, 404, 'NotFound'],
  ])('%o', async (rule, status, code) => {
    await set({ ...rule, times: 1 });
    const answer = await served.get(messages());
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect((await served.get(messages())).status).toBe(200);
    expect(await hits()).toBe(1);
  });

  it('Retry-After as it was set, or none', async () => {
    await set({ kind: 'throttle', retryAfter: 7, nth: [1] });
    expect((await served.get('/teams')).headers.get('retry-after')).toBe('7');
    await served.control('DELETE', '/faults');
    await set({ kind: 'throttle', retryAfter: 'none' });
    expect((await served.get('/teams')).headers.get('retry-after')).toBeNull();
  });

  it('410 and 400 hit delta tokens only', async () => {
    const path = `${served.channel}/messages/delta?$top=50`;
    await set({ kind: 'delta-gone', nth: [1] });
    await set({ kind: 'delta-refused', nth: [2] });
    let page = await served.get(path);
    while (page.body['@odata.nextLink']) page = await served.get(page.body['@odata.nextLink']);
    const link = page.body['@odata.deltaLink'];
    const gone = await served.get(link);
    expect([gone.status, gone.body.error.code]).toEqual([410, 'SyncStateNotFound']);
    expect((await served.get(gone.headers.get('location')!)).status).toBe(200);
    const refused = await served.get(link);
    expect(refused.status).toBe(400);
  });

  it('a token that is dead from now on', async () => {
    await served.token();
    await set({ kind: 'token-expired', times: 1 });
    expect((await served.get('/teams')).status).toBe(401);
    expect((await served.get('/teams')).status).toBe(401);
    await served.token();
    expect((await served.get('/teams')).status).toBe(200);
  });

  it('a token endpoint that fails', async () => {
    await set({ kind: 'token-failure', times: 1 });
    const answer = await fetch(`${served.url}/${served.twin.tenant.id}/oauth2/v2.0/token`, {
      method: 'POST',
      body: '',
    });
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([
      503,
      'temporarily_unavailable',
    ]);
  });
});

describe('faults on the wire', () => {
  it.each(['reset', 'cut-off', 'wrong-length'])('%s breaks the exchange', async (kind) => {
    await set({ kind, route: '/teams/**', times: 1 });
    await expect(raw(messages()).then((answer) => answer.text())).rejects.toThrow();
    expect((await served.get(messages())).status).toBe(200);
  });

  it.each([
    ['hang', 0],
    ['answered-late', 1],
  ])('%s never answers; carried out: %i', async (kind, carriedOut) => {
    const { twin } = served;
    await set({ kind, route: '/teams/**', times: 1 });
    await served.control('POST', '/requests/reset');
    const controller = new AbortController();
    const answer = raw(messages(), controller.signal);
    await until(() => twin.requests().faults === 1);
    controller.abort();
    await expect(answer).rejects.toThrow(/abort/i);
    expect(twin.requests().total).toBe(carriedOut);
  });

  it('slow comes whole in the end', async () => {
    await set({ kind: 'slow', delayMs: 200, times: 1 });
    const { body } = await served.get(messages());
    expect(body.value.length).toBe(50);
    expect(await hits()).toBe(1);
  });

  it.each(['truncated-json', 'invalid-json'])('%s is a 200 that does not parse', async (kind) => {
    await set({ kind, route: '/teams/**', times: 1 });
    const answer = await raw(messages());
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(() => JSON.parse(text)).toThrow();
  });

  it('html is a 200 that is no JSON', async () => {
    await set({ kind: 'html', times: 1 });
    const answer = await raw('/teams');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  });
});

describe('faults of pages', () => {
  const page = async (link?: string) => (await served.get(link ?? `${served.channel}/messages?$top=20`)).body;
  const ids = (body: { value: { id: string }[] }) => body.value.map(({ id }) => id);

  it('page-loop leads to the page itself', async () => {
    await set({ kind: 'page-loop', nth: [2] });
    const first = await page();
    expect((await page(first['@odata.nextLink']))['@odata.nextLink']).toBe(first['@odata.nextLink']);
  });

  it('page-loop-pair leads from the second page back to the first', async () => {
    await set({ kind: 'page-loop-pair' });
    const second = await page((await page())['@odata.nextLink']);
    const link: string = second['@odata.nextLink'];
    expect(link).toContain(`${served.channel}/messages?$top=20`);
    expect(ids(await page(link))).not.toEqual(ids(second));
  });

  it('duplicate-rows repeats rows within and across pages', async () => {
    await set({ kind: 'duplicate-rows' });
    const first = await page();
    expect(ids(first).at(-1)).toBe(ids(first).at(-2));
    expect(ids(await page(first['@odata.nextLink']))[0]).toBe(ids(first).at(-1));
  });

  it('empty-page leads to the real page', async () => {
    const real = ids(await page());
    await set({ kind: 'empty-page', times: 2 });
    const empty = await page();
    expect(empty.value).toEqual([]);
    const other = await page(empty['@odata.nextLink']);
    expect(other['@odata.nextLink']).not.toBe(empty['@odata.nextLink']);
    expect(ids(await page(other['@odata.nextLink']))).toEqual(real);
  });

  it('one-item-pages and missing-value', async () => {
    await set({ kind: 'one-item-pages', nth: [1] });
    await set({ kind: 'missing-value', nth: [2] });
    const first = await page();
    expect(first.value.length).toBe(1);
    expect(await page(first['@odata.nextLink'])).not.toHaveProperty('value');
  });

  it('foreign-link leads to another host', async () => {
    await set({ kind: 'foreign-link' });
    expect(new URL((await page())['@odata.nextLink']).hostname).toMatch(/\.example$/);
  });

  it('both-links and no-link on delta', async () => {
    await set({ kind: 'both-links', nth: [1] });
    await set({ kind: 'no-link', nth: [2] });
    const path = `${served.channel}/messages/delta`;
    expect(await page(path)).toMatchObject({
      '@odata.nextLink': expect.any(String),
      '@odata.deltaLink': expect.any(String),
    });
    expect(Object.keys(await page(path)).sort()).toEqual(['@odata.context', 'value']);
  });
});

describe('which requests are hit', () => {
  it('one team, or one channel, by its id', async () => {
    const [first, second] = served.twin.tenant.teams();
    const channel = served.twin.tenant.channels(second!.id)[0]!;
    await set({ kind: 'team-gone', route: `/teams/${first!.id}/**` });
    await set({ kind: 'forbidden', route: `/teams/${second!.id}/channels/${channel.id}/**` });
    const gone = await served.get(`/teams/${first!.id}/channels`);
    expect([gone.status, gone.body.error.message]).toEqual([404, `No team found with Group Id ${first!.id}`]);
    expect((await served.get(`/teams/${second!.id}/channels`)).status).toBe(200);
    expect((await served.get(`/teams/${second!.id}/channels/${encodeURIComponent(channel.id)}/messages`)).status).toBe(
      403,
    );
  });

  it('by route, method and script', async () => {
    await set({ kind: 'status', route: '/teams/{id}/channels/**', method: 'GET', nth: [2, 3] });
    const statuses = [];
    for (let count = 0; count < 4; count++) statuses.push((await served.get(messages())).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
    expect((await served.get('/teams')).status).toBe(200);
  });

  it('by chance, the same by the same seed', async () => {
    const draw = async () => {
      await set({ kind: 'status', probability: 0.5, seed: 9 });
      const statuses = [];
      for (let count = 0; count < 20; count++) statuses.push((await served.get('/teams')).status);
      await served.control('DELETE', '/faults');
      return statuses;
    };
    const first = await draw();
    expect(new Set(first)).toEqual(new Set([200, 503]));
    expect(await draw()).toEqual(first);
  });

  it('inside a batch as well', async () => {
    await set({ kind: 'status', status: 502, route: '/users' });
    const { body } = await served.batch([{ id: '1', method: 'GET', url: '/users' }]);
    expect(body.responses[0]).toMatchObject({ id: '1', status: 502 });
  });

  it('every kind is listed with what it does', async () => {
    const { body } = await served.control('GET', '/faults');
    expect(Object.keys(body.kinds).sort()).toEqual(Object.keys(faultKinds).sort());
  });
});
