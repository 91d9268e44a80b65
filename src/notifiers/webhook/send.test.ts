import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../../test/support/http-server.ts';
import type { Transport } from '../../http/undici-transport.ts';
import { systemRuntime } from '../../runtime/runtime.ts';
import { Secret } from '../../runtime/secret.ts';
import { guardedTransport } from './guarded-transport.ts';
import { sendWebhook, type WebhookMessage } from './send.ts';
import { WebhookUrl } from './webhook-url.ts';

type Answer = (response: ServerResponse) => unknown;

let server: TestServer;
let transport: Transport;
let answer: Answer;

beforeAll(async () => {
  server = await startServer((_, response) => answer(response));
  const allow = { twins: [new URL(server.url).host, '127.0.0.1:9'] };
  transport = guardedTransport({ runtime: systemRuntime, timeoutMs: 3_000, allow });
});
afterAll(async () => {
  await transport.close();
  await server.close();
});

const webhook = (url: string) =>
  WebhookUrl.parse(url, { allow: { twins: [new URL(url).host] }, identityKey: new Secret('key') });

function send(over: Partial<WebhookMessage> = {}, signal?: AbortSignal) {
  const url = webhook(`${server.url}/hook?sig=s`);
  const payload = { type: 'message', text: 'Grüße' };
  return sendWebhook({ url, id: 'm 1\n', payload, send: transport.send, runtime: systemRuntime, ...over }, signal);
}

describe('on the wire', () => {
  it('goes as UTF-8 JSON with the id of the message', async () => {
    answer = (response) => response.writeHead(202).end();
    expect(await send()).toEqual({ kind: 'accepted' });
    expect(server.requests.at(-1)).toMatchObject({
      method: 'POST',
      url: '/hook?sig=s',
      headers: { 'content-type': 'application/json; charset=utf-8', 'webhook-id': 'm%201%0A' },
      body: '{"type":"message","text":"Grüße"}',
    });
    expect(server.requests.at(-1)?.headers).not.toHaveProperty('authorization');
  });

  it.each<[string, Answer, string]>([
    ['a number', (response) => response.end('1'), 'delivered'],
    ['an error text in a 200', (response) => response.end('… endpoint returned HTTP error 413 …'), 'permanent'],
    ['a redirect', (response) => response.writeHead(302, { location: '/elsewhere' }).end(), 'permanent'],
    ['500', (response) => response.writeHead(500).end(), 'unknown'],
    ['a reset', (response) => response.socket?.resetAndDestroy(), 'unknown'],
    ['a broken answer', (response) => response.write('x', () => response.destroy()), 'unknown'],
    ['no answer', () => {}, 'unknown'],
  ])('%s', async (_, given, kind) => {
    answer = given;
    expect((await send()).kind).toBe(kind);
  });

  it('a server that is not there was sent nothing', async () => {
    expect(await send({ url: webhook('http://127.0.0.1:9/hook') })).toMatchObject({
      kind: 'retry',
      error: { code: 'network_error' },
    });
  });

  it('an abort on the way leaves the outcome open, one before does not', async () => {
    const controller = new AbortController();
    answer = () => controller.abort();
    expect((await send({}, controller.signal)).kind).toBe('unknown');
    const before = server.requests.length;
    expect((await send({}, controller.signal)).kind).toBe('retry');
    expect(server.requests.length).toBe(before);
  });
});

describe('what the webhook would refuse is not sent', () => {
  const sized = (bytes: number) => 'é' + 'x'.repeat(bytes - 4);

  it('28 KB of UTF-8 go, one byte more does not', async () => {
    answer = (response) => response.writeHead(202).end();
    expect((await send({ payload: sized(28_672) })).kind).toBe('accepted');
    const before = server.requests.length;
    expect(await send({ payload: sized(28_673) })).toMatchObject({
      kind: 'permanent',
      error: { code: 'card_too_large', recovery: 'user_action' },
    });
    expect(await send({ payload: sized(21_001), maxBytes: 21_000 })).toMatchObject({ kind: 'permanent' });
    expect(server.requests.length).toBe(before);
  });

  it.each([
    ['undefined', undefined],
    ['bigint', 1n],
    ['cycle', cycle()],
  ])('%s is not JSON', async (_, payload) => {
    expect(await send({ payload })).toMatchObject({ kind: 'permanent', error: { code: 'payload_invalid' } });
  });
});

function cycle(): object {
  const node: Record<string, unknown> = {};
  node['self'] = node;
  return node;
}
