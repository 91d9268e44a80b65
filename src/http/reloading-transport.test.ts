import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { startServer } from '../../test/support/http-server.ts';
import { Secret } from '../runtime/secret.ts';
import { reloadingTransport } from './reloading-transport.ts';
import type { HttpRequest } from './types.ts';
import { undiciTransport } from './undici-transport.ts';

const request = (webhook: string): HttpRequest => ({
  method: 'POST',
  url: 'https://example.com/',
  route: '/webhook',
  ids: { webhook },
});

/** Equal ones are other objects, with another secret that says the same. */
const settings = (headersTimeoutMs: number) => ({ headersTimeoutMs, password: new Secret('p') });
const open = ({ headersTimeoutMs }: ReturnType<typeof settings>) =>
  undiciTransport({ surface: 'webhook', connections: 4, headersTimeoutMs });

describe('a reload', () => {
  /** A server that answers when it is told to. */
  async function slow() {
    const waiting: ServerResponse[] = [];
    const server = await startServer((_, response) => void waiting.push(response));
    return { server, waiting };
  }
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('lets what is under way finish over the old sockets, and closes them then', async () => {
    const { server, waiting } = await slow();
    let current = settings(20_000);
    const wire = reloadingTransport(() => current, open);
    const first = wire.send({ ...request('a'), url: server.url, body: '{}' });
    await until(() => waiting.length === 1);
    for (let reload = 1; reload <= 5; reload++) {
      current = settings(20_000 + reload);
      const next = wire.send({ ...request('a'), url: server.url, body: '{}' });
      await until(() => waiting.length === 2);
      waiting.pop()!.writeHead(202).end();
      expect((await next).status).toBe(202);
    }
    waiting[0]!.writeHead(202).end();
    expect((await first).status).toBe(202);
    expect(server.requests).toHaveLength(6);
    await wire.close();
    await server.close();
  });

  it('that changes nothing for the sockets leaves them', async () => {
    const { server, waiting } = await slow();
    let current = settings(20_000);
    const wire = reloadingTransport(() => current, open);
    const sockets = new Set<unknown>();
    for (let reload = 0; reload < 5; reload++) {
      current = settings(20_000);
      const sent = wire.send({ ...request('a'), url: server.url, body: '{}' });
      await until(() => waiting.length === 1);
      sockets.add(waiting[0]!.socket?.remotePort);
      waiting.pop()!.writeHead(202).end();
      await sent;
    }
    // A transport of its own for each would be five.
    expect(sockets.size).toBeLessThan(5);
    await wire.close();
    await server.close();
  });
});

it('a secret that changes is a change', async () => {
  let password = new Secret('a');
  let opened = 0;
  const nothing = async () => {};
  const send = async () => ({ status: 200, headers: {}, body: new Uint8Array() });
  const transport = reloadingTransport(
    () => ({ password }),
    () => {
      opened += 1;
      return { send, close: nothing, finish: nothing };
    },
  );
  await transport.send(request('a'));
  password = new Secret('b');
  await transport.send(request('a'));
  expect(opened).toBe(2);
});
