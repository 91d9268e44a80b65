import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startServer } from '../../test/support/http-server.ts';
import { configSchema } from '../config/schema.ts';
import type { HttpRequest } from '../http/types.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { Wire } from './wire.ts';

const request = (webhook: string): HttpRequest => ({
  method: 'POST',
  url: 'https://example.com/',
  route: '/webhook',
  ids: { webhook },
});

describe('a reload', () => {
  /** A server that answers when it is told to. */
  async function slow() {
    const waiting: ServerResponse[] = [];
    const server = await startServer((_, response) => void waiting.push(response));
    const host = new URL(server.url).host;
    const config = (timeoutMs: number) =>
      configSchema({ environment: {}, folder: '.' }).parse({
        webhooks: { twin_hosts: [host] },
        resilience: { request_timeout_ms: timeoutMs },
      });
    return { server, waiting, config };
  }
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('lets what is under way finish over the old sockets, and closes them then', async () => {
    const { server, waiting, config } = await slow();
    let current = config(20_000);
    const wire = new Wire({ config: () => current, runtime: systemRuntime });
    const first = wire.send({ ...request('a'), url: server.url, body: '{}' });
    await until(() => waiting.length === 1);
    for (let reload = 1; reload <= 5; reload++) {
      current = config(20_000 + reload);
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
    const { server, waiting, config } = await slow();
    let current = config(20_000);
    const wire = new Wire({ config: () => current, runtime: systemRuntime });
    const sockets = new Set<unknown>();
    for (let reload = 0; reload < 5; reload++) {
      current = config(20_000);
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

describe('the limits of a request', () => {
  const twin = (port: number, resilience: object) =>
    configSchema({ environment: {}, folder: '.' }).parse({
      resilience,
      webhooks: { twin_hosts: [`127.0.0.1:${port}`] },
    });

  /** Listens, and never says a word. */
  async function refusal(scheme: string, resilience: object): Promise<unknown> {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const config = twin(port, resilience);
    const wire = new Wire({ config: () => config, runtime: systemRuntime });
    const url = `${scheme}://127.0.0.1:${port}/`;
    const error = await wire.send({ ...request('silent'), url, body: '{}' }).catch((thrown: unknown) => thrown);
    await wire.close();
    silent.close();
    return error;
  }

  it('end one that is not answered: it may have been posted', async () => {
    const error = await refusal('http', { request_timeout_ms: 150 });
    expect(error).toMatchObject({ code: 'timeout', details: { timeoutMs: 150 } });
  });

  it('end a connection that does not open: nothing was sent', async () => {
    const error = await refusal('https', { connection_timeout_ms: 150 });
    expect(error).toMatchObject({ code: 'timeout', details: { sent: false } });
  });
});
