import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { systemRuntime } from '../runtime/runtime.ts';
import { timeout } from './timeout.ts';
import { type TransportOptions, undiciTransport } from './undici-transport.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function serve(listener: RequestListener, options: Partial<TransportOptions> = {}) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const transport = undiciTransport({ connections: 2, surface: 'graph', ...options });
  open.push(
    () => transport.close(),
    () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x?sig=canary`;
  return { transport, request: { method: 'GET', url, route: '/x' } as const };
}

it('gives status, lower-case headers and the inflated body', async () => {
  const { transport, request } = await serve((incoming, answer) => {
    expect(incoming.headers['accept-encoding']).toBe('gzip');
    answer.writeHead(201, { 'Content-Encoding': 'gzip', 'X-Thing': 'a' }).end(gzipSync('{"value":[]}'));
  });
  const response = await transport.send(request);
  expect({ status: response.status, thing: response.headers['x-thing'], body: String(response.body) }).toEqual({
    status: 201,
    thing: 'a',
    body: '{"value":[]}',
  });
});

it('does not follow redirects', async () => {
  const { transport, request } = await serve((_, answer) => answer.writeHead(302, { location: '/y' }).end());
  expect((await transport.send(request)).status).toBe(302);
});

it.each<[string, RequestListener, string, Partial<TransportOptions>]>([
  ['a reset', (incoming) => incoming.socket.destroy(), 'network_error', {}],
  [
    'a body that ends early',
    (_, answer) => answer.writeHead(200, { 'content-length': '100' }).write('{"va', () => answer.destroy()),
    'body_truncated',
    {},
  ],
  ['a body over the limit', (_, answer) => answer.end('x'.repeat(5000)), 'body_too_large', { maxBodyBytes: 1000 }],
  [
    'a gzip bomb',
    (_, answer) => answer.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5_000_000))),
    'body_too_large',
    { maxBodyBytes: 100_000 },
  ],
  [
    'broken gzip',
    (_, answer) => answer.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip'),
    'body_encoding',
    {},
  ],
  ['silence', () => {}, 'timeout', { headersTimeoutMs: 300 }],
  ['a body that stops', (_, answer) => answer.writeHead(200).write('{'), 'timeout', { bodyTimeoutMs: 300 }],
])('%s is a typed error', async (_name, listener, code, options) => {
  const { transport, request } = await serve(listener, options);
  const error = await transport.send(request).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'SluiceError', code, surface: 'graph', request: { method: 'GET', route: '/x' } });
  expect(String((error as Error).message)).not.toContain('canary');
});

it('knows when a request cannot have been sent', async () => {
  const transport = undiciTransport({ connections: 1, surface: 'graph' });
  open.push(() => transport.close());
  const request = { method: 'POST', url: 'http://127.0.0.1:1/', route: '/x' } as const;
  await expect(transport.send(request)).rejects.toMatchObject({ code: 'network_error', details: { sent: false } });
});

it('ends a body that drips for ever', async () => {
  const { transport, request } = await serve((_, answer) => {
    answer.writeHead(200);
    const drip = setInterval(() => answer.write('.'), 20);
    answer.on('close', () => clearInterval(drip));
  });
  const send = timeout({ runtime: systemRuntime, defaultMs: 300, surface: 'graph' })(transport.send);
  await expect(send(request)).rejects.toMatchObject({ code: 'timeout', recovery: 'retry' });
});
