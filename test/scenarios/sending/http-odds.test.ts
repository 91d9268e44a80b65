import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { servedSender, servedWebhooks, type TestServer, type TestWebhooks, until } from '../../support/sending.ts';

let twin: TestWebhooks;
let served: TestServer;
const KEY = { authorization: 'Bearer key' };

beforeAll(async () => {
  twin = await servedWebhooks();
  served = await servedSender({
    webhooks: { twin_hosts: [twin.host] },
    receivers: { ops: { webhook: twin.url } },
    server: { api_keys: [{ key: 'key' }] },
  });
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await twin[Symbol.asyncDispose]();
});

const counted = async () => (await fetch(`${served.server.url}/metrics`, { headers: KEY })).text();

it('a key that stands behind two hundred other headers is read', async () => {
  const { hostname, port } = new URL(served.server.url);
  const others = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-other-${index}`, 'v']));
  const status = await new Promise((resolve, reject) => {
    request({ hostname, port, path: '/v1/outbox', headers: { ...others, ...KEY } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(200);
});

it('headers that are too large are refused as such', async () => {
  const answer = await fetch(`${served.server.url}/v1/outbox`, { headers: { ...KEY, 'x-large': 'v'.repeat(20_000) } });
  expect(answer.status).toBe(431);
});

it('health is counted under its own route', async () => {
  await fetch(`${served.server.url}/healthz`);
  await fetch(`${served.server.url}/readyz`);
  const text = await counted();
  expect(text).toMatch(/route="GET \/healthz",status="200"/);
  expect(text).toMatch(/route="GET \/readyz",status="200"/);
});

it('a client that goes away in mid-body is no failure of the server', async () => {
  const { hostname, port } = new URL(served.server.url);
  const head = `POST /v1/notifications HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer key\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"text":`;
  const socket = connect(Number(port), hostname, () =>
    socket.write(head, () => setTimeout(() => socket.destroy(), 50)),
  );
  await until(async () => /route="POST \/v1\/notifications",status="400"/.test(await counted()));
  expect(await counted()).not.toMatch(/status="500"/);
});

it('metrics need a key like everything else, health none', async () => {
  expect((await fetch(`${served.server.url}/metrics`)).status).toBe(401);
  expect((await fetch(`${served.server.url}/healthz`)).status).toBe(200);
});
