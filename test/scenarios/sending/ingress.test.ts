import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  json,
  servedSender,
  servedWebhooks,
  type TestServer,
  type TestWebhooks,
  until,
} from '../../support/sending.ts';

let twin: TestWebhooks;
let open: TestServer;
let keyed: TestServer;
const tenants = { enabled: true, allowed_tenants: ['contoso', 'fabrikam'] };

beforeAll(async () => {
  twin = await servedWebhooks(['ops', 'builds']);
  const webhooks = { twin_hosts: [twin.host] };
  open = await servedSender({
    webhooks,
    receivers: { ops: { webhook: twin.url } },
    server: { max_body_bytes: 10_000, request_timeout_ms: 2_000 },
  });
  keyed = await servedSender({
    webhooks,
    multi_tenant: tenants,
    receivers: {
      default: { webhook: twin.url, tenant: 'contoso' },
      theirs: { webhook: twin.webhooks.urls(twin.base)[1], tenant: 'fabrikam' },
    },
    server: {
      api_keys: [
        { key: 'key-contoso', tenant: 'contoso' },
        { key: 'key-fabrikam', tenant: 'fabrikam' },
      ],
    },
  });
});
afterAll(async () => {
  await open[Symbol.asyncDispose]();
  await keyed[Symbol.asyncDispose]();
  await twin[Symbol.asyncDispose]();
});

const errorOf = (body: string) => (json(body) as { error: { code: string; faults?: string[] } }).error;

describe('bad input', () => {
  it.each([
    ['/v1/notifications', '{', 'body_invalid', /not JSON/],
    ['/v1/notifications', '{"txt":"x"}', 'body_invalid', /txt/],
    ['/v1/notifications', '{"text":"x","status":"open"}', 'body_invalid', /status: .*firing/],
    ['/v1/notifications', `${'['.repeat(4_000)}${']'.repeat(4_000)}`, 'body_invalid', /nested deeper/],
    ['/v1/notifications', '{"template":"none"}', 'template_unknown', /Valid/],
    [
      '/v1/notifications',
      '{"card":{"type":"AdaptiveCard","version":"1.4","body":[{"type":"Nope"}]}}',
      'card_invalid',
      /body\[0\]/,
    ],
    [
      '/v1/notifications',
      '{"card":{"type":"AdaptiveCard","version":"1.4","body":[{"type":"Image","url":"http://127.0.0.1/x"}]}}',
      'card_invalid',
      /https/,
    ],
    ['/v1/alerts/alertmanager', '{"version":"4","alerts":{}}', 'body_invalid', /alerts: Expected a list/],
    ['/v1/alerts/grafana', '{"alerts":[', 'body_invalid', /not JSON/],
    [
      '/v1/silences',
      '{"matchers":["a=~\\"(\\""],"endsAt":"2099-01-01T00:00:00Z","createdBy":"x"}',
      'pattern_invalid',
      /./,
    ],
    ['/v1/silences', '{"matchers":[],"endsAt":"tomorrow"}', 'body_invalid', /endsAt/],
  ])('at %s, %s is refused with the path and what is valid', async (path, body, code, message) => {
    const answer = await open.post(path, body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer.body).code).toBe(code);
    expect(answer.body).toMatch(message);
  });

  it('has a size, a type and a path', async () => {
    const sized = await open.post('/v1/notifications', { text: 'x'.repeat(20_000) });
    expect([sized.status, errorOf(sized.body).code]).toEqual([413, 'body_too_large']);
    const typed = await open.post('/v1/notifications', '{"text":"x"}', { 'content-type': 'text/plain' });
    expect([typed.status, errorOf(typed.body).code]).toEqual([415, 'content_type']);
    const lost = await open.post('/v2/notifications', '{}');
    expect([lost.status, errorOf(lost.body).code]).toEqual([404, 'not_found']);
    const state = await open.get('/v1/outbox?state=lost');
    expect(state.status).toBe(400);
    expect(state.body).toContain('superseded');
  });

  it('of a sender that takes a refusal as final is cut, dropped or left out, for that alert alone, and told', async () => {
    const good = { status: 'firing', labels: { alertname: 'Good' }, startsAt: '2026-01-01T00:00:00Z' };
    const odd = { ...good, labels: 3, annotations: { summary: null, description: 'Odd one' } };
    const before = twin.webhooks.ledger('ops').length;
    const answer = await open.post('/v1/alerts/grafana', { alerts: [good, odd, 'no alert'] });
    expect([answer.status, json(answer.body)]).toMatchObject([
      202,
      {
        accepted: 2,
        odd: [
          { field: 'labels', action: 'absent', count: 1 },
          { field: 'annotations', action: 'absent', count: 1 },
          { field: 'alert', action: 'dropped', count: 1 },
        ],
      },
    ]);
    await until(() => twin.webhooks.ledger('ops').length > before);
    const channel = await twin.channel('ops');
    expect(channel).toContain('Good');
    expect(channel).toContain('Odd one');
    const [logged] = open.lines.filter((line) => line.includes('ingress.odd'));
    expect(JSON.parse(logged!)).toMatchObject({
      level: 'warn',
      ingress: 'grafana',
      count: 3,
      paths: ['alerts[1].labels absent', 'alerts[1].annotations.summary absent', 'alerts[2] dropped'],
    });
    expect((await open.get('/metrics')).body).toContain(
      'sluice_ingress_oddities_total{ingress="grafana",field="alert",action="dropped"} 1',
    );
  });

  it('that is refused is logged, because its sender does not come again', async () => {
    expect((await open.post('/v1/alerts/alertmanager', '{"alerts":7}')).status).toBe(400);
    const logged = open.lines.filter((line) => line.includes('ingress.refused')).map((line) => JSON.parse(line));
    expect(logged).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        route: 'POST /v1/alerts/alertmanager',
        status: 400,
        code: 'body_invalid',
      }),
    );
  });
});

it('counts requests by route template, never by path', async () => {
  await open.get('/v1/outbox/some-id');
  await open.get('/some-path');
  const { body } = await open.get('/metrics');
  expect(body).toContain('sluice_server_requests_total{route="GET /v1/outbox/:id",status="404"} 1');
  expect(body).toContain('sluice_server_requests_total{route="unknown",status="404"}');
  expect(body).not.toMatch(/some-/);
});

describe('who is let in', () => {
  it('needs a key where keys are configured, for everything but health', async () => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { 'x-api-key': 'key-contoso1' }]) {
      const answer = await keyed.post('/v1/notifications', { text: 'x' }, headers);
      expect([answer.status, errorOf(answer.body).code]).toEqual([401, 'unauthenticated']);
      expect((await keyed.get('/metrics', headers)).status).toBe(401);
    }
    expect((await keyed.get('/healthz')).status).toBe(200);
    expect(json((await keyed.get('/readyz')).body)).toEqual({ status: 'ready' });
    expect((await keyed.get('/metrics', { authorization: 'Bearer key-contoso' })).status).toBe(200);
  });

  it('without keys is this machine, under a loopback name: a web page with its own name is not', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const url = new URL('/v1/outbox', open.server.url);
      request(url, { headers: { host: 'evil.example' } }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(401);
  });

  it('keeps tenants apart: receivers, outbox and silences', async () => {
    const contoso = { 'x-api-key': 'key-contoso' };
    const fabrikam = { 'x-api-key': 'key-fabrikam' };
    expect((await keyed.post('/v1/notifications', { text: 'ours' }, contoso)).status).toBe(202);
    // The default route leads to a receiver of contoso, which fabrikam must not reach.
    expect((await keyed.post('/v1/notifications', { text: 'theirs' }, fabrikam)).status).toBe(202);
    const messagesOf = async (headers: Record<string, string>) =>
      (
        json((await keyed.get('/v1/outbox', headers)).body) as {
          messages: { id: string; state: string; errorCode?: string }[];
        }
      ).messages;
    await until(async () => (await messagesOf(contoso))[0]?.state === 'accepted');
    await until(async () => (await messagesOf(fabrikam))[0]?.state === 'dead');
    const [ours, theirs] = [await messagesOf(contoso), await messagesOf(fabrikam)];
    expect(theirs).toMatchObject([{ errorCode: 'tenant_isolated' }]);
    expect((await keyed.get(`/v1/outbox/${ours[0]!.id}`, fabrikam)).status).toBe(404);
    expect((await keyed.get(`/v1/outbox/${ours[0]!.id}`, contoso)).status).toBe(200);
    const silence = { matchers: ['a="b"'], endsAt: '2099-01-01T00:00:00Z', createdBy: 'x' };
    await keyed.post('/v1/silences', silence, contoso);
    expect(json((await keyed.get('/v1/silences', fabrikam)).body)).toEqual({ silences: [] });
    expect(await twin.channel('ops')).not.toContain('theirs');
  });
});

describe('abuse', () => {
  /** Sends raw text and resolves with what came back until the server closed. */
  const raw = (text: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(open.server.url).port), '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        answer += chunk;
      });
      socket.on('error', () => {}).on('close', () => resolve(answer));
    });

  it('cuts off a client that never ends its headers or its body', async () => {
    const head = 'POST /v1/notifications HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n';
    const [headers, body] = await Promise.all([raw(head), raw(`${head}content-length: 50\r\n\r\n{"text":`)]);
    expect(headers).toContain('408');
    expect(body).toMatch(/^$|40[08]/);
  });

  it('refuses headers that are too large, and two lengths at once', async () => {
    expect(await raw(`GET /healthz HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toContain('431');
    const smuggled =
      'POST /v1/notifications HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';
    expect(await raw(smuggled)).toContain('400');
    expect((await open.get('/healthz')).status).toBe(200);
  });
});
