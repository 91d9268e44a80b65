import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { accessToken, json, startServer } from '../../test/support/http-server.ts';
import { createGovernor } from '../limits/governor.ts';
import { type Runtime, systemRuntime } from '../runtime/runtime.ts';
import { Secret } from '../runtime/secret.ts';
import { createGraphClient, type GraphClientOptions } from './client.ts';
import type { GraphClient, PageRequest } from './types.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const TENANT = '11111111-2222-3333-4444-555555555555';
/** Retries without the waiting. */
const hasty = { ...systemRuntime, random: () => 0 };

/** A login service and a Graph in one; `answer` is for Graph. */
async function graph(answer: Parameters<typeof startServer>[0], options: Partial<GraphClientOptions> = {}) {
  let tokens = 0;
  const server = await startServer((request, response) => {
    if (!request.url.includes('/oauth2/')) return answer(request, response);
    const token = accessToken(['Team.ReadBasic.All'], String(++tokens));
    json(response, 200, { token_type: 'Bearer', expires_in: 3600, access_token: token });
  });
  const client = createGraphClient({
    identity: { tenantId: TENANT, clientId: 'c', credential: { kind: 'secret', secret: new Secret('s') } },
    graphUrl: `${server.url}/v1.0`,
    loginUrl: server.url,
    runtime: hasty,
    governor: createGovernor({ runtime: hasty, limits: [] }),
    ...options,
  });
  closers.push(client.close, server.close);
  const asked = () => server.requests.filter(({ url }) => !url.includes('/oauth2/'));
  return { server, client, asked, tokens: () => tokens };
}

const teams: PageRequest = { url: '/teams?$top=2', route: '/teams' };
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

describe('a page', () => {
  it('is the bytes of the service with its links', async () => {
    const { server, client, asked } = await graph((request, response) =>
      json(
        response,
        200,
        { value: [{ id: request.url.length }], '@odata.nextLink': `${server.url}/v1.0/teams?$skiptoken=1` },
        {
          'request-id': 'r-1',
          date: 'Fri, 01 May 2026 12:00:00 GMT',
        },
      ),
    );
    const page = await client.page({ ...teams, headers: { prefer: 'odata.maxpagesize=5' } });
    expect(JSON.parse(text(page.bytes)).value).toEqual([{ id: '/v1.0/teams?$top=2'.length }]);
    expect(page).toMatchObject({
      nextLink: `${server.url}/v1.0/teams?$skiptoken=1`,
      requestId: 'r-1',
      serviceTimeMs: Date.parse('2026-05-01T12:00:00Z'),
      replyLinks: [],
    });
    expect(asked()[0]!.headers).toMatchObject({
      prefer: 'include-unknown-enum-members, odata.maxpagesize=5',
      authorization: expect.stringMatching(/^Bearer /),
    });
    await client.page({ ...teams, url: page.nextLink! });
    expect(client.stats).toMatchObject({ requests: 2, throttled: 0, retried: 0, byRoute: { '/teams': 2 } });
    expect([...(await client.permissions())]).toEqual(['Team.ReadBasic.All']);
  });

  it('wraps a single object', async () => {
    const { client } = await graph((_, response) => json(response, 200, { id: 't' }));
    const { bytes } = await client.page({ ...teams, shape: 'single' });
    expect(JSON.parse(text(bytes))).toEqual({ value: [{ id: 't' }] });
  });

  it.each<[string, string, string]>([
    ['a portal page', 'text/html', '<html>'],
    ['half a page', 'application/json', '{"value":[{"id":'],
    ['an array', 'application/json', '[]'],
    ['nothing', 'application/json', ''],
  ])('is fetched again after %s', async (_what, contentType, body) => {
    let calls = 0;
    const { client } = await graph((_, response) => {
      if (++calls < 3) response.writeHead(200, { 'content-type': contentType }).end(body);
      else json(response, 200, { value: [] });
    });
    expect(text((await client.page(teams)).bytes)).toBe('{"value":[]}');
    expect(client.stats).toMatchObject({ requests: 3, retried: 2 });
  });

  it('is a typed error when it stays invalid', async () => {
    const { client } = await graph((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    );
    await expect(client.page(teams)).rejects.toMatchObject({
      code: 'page_invalid',
      request: { route: '/teams', status: 200 },
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['both links', { value: [], '@odata.nextLink': 'n', '@odata.deltaLink': 'd' }],
    ['no link', { value: [] }],
  ])('of delta with %s is refused', async (_what, body) => {
    const { server, client } = await graph((_, response) => {
      const links = Object.entries(body).map(([key, link]) => [key, key === 'value' ? link : `${server.url}/${link}`]);
      json(response, 200, Object.fromEntries(links));
    });
    await expect(client.page({ ...teams, delta: true })).rejects.toMatchObject({ code: 'page_links' });
  });
});

describe('a refusal', () => {
  it('is typed by its body', async () => {
    const { client } = await graph((_, response) => json(response, 403, { error: { code: 'Forbidden', message: '' } }));
    await expect(client.page(teams)).rejects.toMatchObject({ code: 'permission_missing', recovery: 'admin_action' });
  });

  it('of a token brings one new token, and no loop', async () => {
    let accepted = 2;
    const { client, tokens, asked } = await graph((request, response) => {
      const bearer = Buffer.from(request.headers.authorization!.split('.')[1]!, 'base64url').toString('utf8');
      if (Number(JSON.parse(bearer).mark) >= accepted) json(response, 200, { value: [] });
      else json(response, 401, { error: { code: 'InvalidAuthenticationToken', message: 'expired' } });
    });
    await Promise.all([client.page(teams), client.page(teams), client.page(teams)]);
    expect(tokens()).toBe(2);
    accepted = 99;
    const before = asked().length;
    await expect(client.page(teams)).rejects.toMatchObject({ code: 'token_rejected', recovery: 'refresh_token' });
    expect({ tokens: tokens(), asked: asked().length - before }).toEqual({ tokens: 2, asked: 2 });
  });

  it('with 429 is waited out', async () => {
    let calls = 0;
    const { client } = await graph((_, response) => {
      if (++calls === 1) json(response, 429, {}, { 'retry-after-ms': '120' });
      else json(response, 200, { value: [] });
    });
    const startedAtMs = Date.now();
    await client.page(teams);
    expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(119);
    expect(client.stats).toMatchObject({ requests: 2, throttled: 1, retried: 1 });
  });
});

describe('patience', () => {
  /** Waits nothing, and keeps what it was asked to wait, at the upper bound of chance. */
  function noted() {
    const waits: number[] = [];
    const runtime: Runtime = {
      ...systemRuntime,
      random: () => 1,
      sleep: async (ms, signal) => {
        // The time limits of requests sleep too, and are ended by their signal.
        if (ms >= 30_000) return await systemRuntime.sleep(ms, signal);
        waits.push(ms);
      },
    };
    return { waits, runtime };
  }
  const failing: Parameters<typeof startServer>[0] = (_, response) => json(response, 503, {});

  it.each([
    [{}, [500, 1_000, 2_000, 4_000]],
    [{ initialBackoffMs: 100 }, [100, 200, 400, 800]],
    [{ maxBackoffMs: 700 }, [500, 700, 700, 700]],
    [{ initialBackoffMs: 25_000, maxRetries: 1 }, [25_000]],
    [{ maxRetries: 2 }, [500, 1_000]],
    [{ maxRetries: 0 }, []],
  ])('%j waits up to %j ms between attempts', async (options, expected) => {
    const { waits, runtime } = noted();
    const { client } = await graph(failing, { ...options, runtime });
    await expect(client.page(teams)).rejects.toMatchObject({ request: { status: 503 } });
    expect(waits).toEqual(expected);
  });

  it('leaves an endpoint alone after as many failures and for as long as it is told', async () => {
    const options = { maxRetries: 0, breakerFailures: 2, breakerPauseMs: 100, breakerWaitMs: 0 };
    const { client, asked } = await graph(failing, options);
    for (const _ of [1, 2]) await expect(client.page(teams)).rejects.toMatchObject({ request: { status: 503 } });
    await expect(client.page(teams)).rejects.toMatchObject({ code: 'circuit_open', retryAfterMs: 100 });
    expect(asked()).toHaveLength(2);
    await systemRuntime.sleep(120);
    await expect(client.page(teams)).rejects.toMatchObject({ request: { status: 503 } });
    expect(asked()).toHaveLength(3);
  });

  it('gives up a connection that does not open', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closers.push(async () => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const { client } = await graph(failing, {
      graphUrl: `https://127.0.0.1:${port}/v1.0`,
      maxRetries: 0,
      connectTimeoutMs: 200,
    });
    await expect(client.page(teams)).rejects.toMatchObject({ code: 'timeout', details: { sent: false } });
  });

  it('gives up an attempt that takes too long', async () => {
    const { client, asked } = await graph(() => {}, { maxRetries: 0, timeoutMs: 100 });
    await expect(client.page(teams)).rejects.toMatchObject({ code: 'timeout' });
    expect(asked()).toHaveLength(1);
  });
});

/** A canary host must never see a token (reliability rule R12). */
describe('a link to another host', () => {
  async function canary(
    give: (url: string) => Record<string, unknown>,
    use: (client: GraphClient, url: string) => Promise<unknown>,
    code = 'foreign_link',
  ) {
    const stranger = await startServer((_, response) => json(response, 200, { value: [] }));
    closers.push(stranger.close);
    const { client } = await graph((_, response) => json(response, 200, give(stranger.url)));
    await expect(use(client, stranger.url)).rejects.toMatchObject({ code });
    expect(stranger.requests).toEqual([]);
  }

  it.each(['@odata.nextLink', '@odata.deltaLink'])('as %s without a scheme is not given out', async (name) => {
    await canary(
      (url) => ({ value: [], [name]: `${url.replace('http:', '')}/v1.0/teams` }),
      (client) => client.page(teams),
    );
  });

  it.each([
    ['/v1.0/teams?$skiptoken=a', '/v1.0/teams?$skiptoken=a'],
    ['?$skiptoken=a', '/v1.0/teams?$skiptoken=a'],
    ['teams?$skiptoken=a', '/v1.0/teams?$skiptoken=a'],
  ])('%s belongs to the host that gave it', async (link, expected) => {
    const value = [{ 'replies@odata.nextLink': link }];
    const { client } = await graph((_, response) => json(response, 200, { value, '@odata.nextLink': link }));
    const page = await client.page({ ...teams, replies: true });
    for (const one of [page.nextLink, ...page.replyLinks]) {
      const { pathname, search, host } = new URL(one!);
      expect([`${pathname}${search}`, host]).toEqual([expected, new URL(page.url!).host]);
    }
  });

  it.each(['@odata.nextLink', '@odata.deltaLink'])('as %s is not given out', async (name) => {
    await canary(
      (url) => ({ value: [], [name]: `${url}/v1.0/teams` }),
      (client) => client.page(teams),
    );
  });

  it('among the replies is not given out', async () => {
    const give = (url: string) => ({ value: [{ 'replies@odata.nextLink': `${url}/r` }] });
    await canary(give, (client) => client.page({ ...teams, replies: true }));
  });

  it('is not followed when asked for', async () => {
    await canary(
      () => ({ value: [] }),
      (client, url) => client.page({ ...teams, url: `${url}/v1.0/teams` }),
      'kept_link_foreign',
    );
    await canary(
      () => ({ value: [] }),
      (client, url) => client.page({ ...teams, url: url.replace('http:', 'HTTPS:') }),
      'kept_link_foreign',
    );
  });
});
