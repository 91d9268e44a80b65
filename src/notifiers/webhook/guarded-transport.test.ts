import type { LookupAddress } from 'node:dns';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type LookupFunction, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../../test/support/http-server.ts';
import { systemRuntime } from '../../runtime/runtime.ts';
import { guardedLookup } from './guarded-connector.ts';
import { type GuardedTransportOptions, guardedTransport } from './guarded-transport.ts';

/** 9 MB in 9 KB. */
const bomb = gzipSync(Buffer.alloc(9_000_000));

const plain = (response: ServerResponse) => response.writeHead(202).end();

/** Answers of a known status whose body cannot be read to its end. */
const unreadable: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  never_ending: (response) => response.writeHead(202).flushHeaders(),
  too_long: (response) => response.writeHead(202).end('x'.repeat(100_000)),
  a_large_page: (response) => response.writeHead(404).end(`<html>${'x'.repeat(3_000_000)}`),
  in_another_encoding: (response) => response.writeHead(202, { 'content-encoding': 'br' }).end('x'),
  broken_gzip: (response) => response.writeHead(202, { 'content-encoding': 'gzip' }).end('no gzip'),
  cut_gzip: (response) =>
    response.writeHead(202, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(1_000)).subarray(0, 20)),
  a_bomb: (response) => response.writeHead(202, { 'content-encoding': 'gzip' }).end(bomb),
  cut_off: (response) => {
    response.writeHead(202, { 'content-length': '50' }).write('half');
    setTimeout(() => response.destroy(), 20);
  },
};

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));

/** Counts who gets through to the machine itself. */
let canary: Server;
let connects = 0;
let canaryPort: number;

beforeAll(async () => {
  canary = createServer((socket) => {
    connects++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => canary.listen(0, resolve));
  canaryPort = (canary.address() as AddressInfo).port;
});

afterAll(() => new Promise((resolve) => canary.close(resolve)));

async function post(url: string, options: Partial<GuardedTransportOptions> = {}) {
  const transport = guardedTransport({ runtime: systemRuntime, timeoutMs: 5_000, ...options });
  try {
    return await transport.send({ method: 'POST', url, route: '/webhook', body: '{}' });
  } finally {
    await transport.close();
  }
}

const code = (error: { code: string }) => error.code;
const refusal = (url: string, options?: Partial<GuardedTransportOptions>) =>
  post(url, options).then(({ status }) => `answered ${status}`, code);

/** A resolver that gives these addresses, one list per lookup, the last one for ever. */
function resolver(...answers: string[][]): LookupFunction & { calls: number } {
  const lookup = (_host: string, options: object, callback: (...args: never[]) => void) => {
    const addresses = answers[Math.min(found.calls++, answers.length - 1)]!;
    const all: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const reply = callback as (error: null, address: unknown, family?: number) => void;
    if ('all' in options && options.all) reply(null, all);
    else reply(null, all[0]!.address, all[0]!.family);
  };
  const found = Object.assign(lookup as unknown as LookupFunction, { calls: 0 });
  return found;
}

/** What a socket would be given: addresses, or the code of the refusal. */
const lookedUp = (lookup: LookupFunction, options: { all: boolean } = { all: true }) =>
  new Promise((resolve) => {
    lookup('name.example', options, (error, found) => resolve(error ? error.code : found));
  });

/** Special-purpose addresses of the IANA registries, and the other ways to write them. */
const refusedAddresses = [
  ['0.0.0.0', '10.0.0.5', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.255.255.254', '169.254.169.254'],
  ['172.16.0.1', '172.31.255.255', '192.0.0.192', '192.0.2.1', '192.88.99.1', '192.168.0.1', '198.18.0.1'],
  ['198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '168.63.129.16'],
  ['::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::a00:5'],
  ['100::1', '2001::1', '2001:db8::1', '2002:7f00:1::1', '3fff::1', '5f00::1', 'fc00::1', 'fd00:ec2::254'],
  ['fe80::1', 'fec0::1', 'ff02::1'],
].flat();

const otherSpellings = [
  ['2130706433', '0x7f000001', '017700000001', '127.1', '0x7f.1', '0177.0.0.1', '127.0.0.1.', '0'],
  ['[::ffff:7f00:1]', '[0:0:0:0:0:ffff:169.254.169.254]', '\u2460\u2461\u2466.1', '127\u30020\u30020\u30021'],
].flat();

describe('an address in place of a name', () => {
  it.each(refusedAddresses)('%s is refused', async (address) => {
    const host = address.includes(':') ? `[${address}]` : address;
    expect(await refusal(`https://${host}:${canaryPort}/`)).toBe('address_not_allowed');
  });

  it.each(otherSpellings)('spelled %s is refused', async (host) => {
    expect(await refusal(`https://${host}:${canaryPort}/`)).toBe('address_not_allowed');
  });

  it('opens no connection on the way', () => {
    expect(connects).toBe(0);
  });
});

describe('a name', () => {
  it.each(refusedAddresses)('that resolves to %s is refused', async (address) => {
    const lookup = resolver([address]);
    expect(await refusal(`https://rebind.example:${canaryPort}/`, { lookup })).toBe('address_not_allowed');
    expect(lookup.calls).toBe(1);
  });

  it('of this machine is refused with the system resolver', async () => {
    expect(await refusal(`https://localhost:${canaryPort}/`)).toBe('address_not_allowed');
  });

  it('that resolves to something else the second time is refused then', async () => {
    const lookup = guardedLookup(resolver(['8.8.8.8'], ['127.0.0.1']));
    expect(await lookedUp(lookup)).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await lookedUp(lookup)).toBe('address_not_allowed');
  });

  it('with public and private addresses never leads to a private one', async () => {
    const lookup = guardedLookup(resolver(['127.0.0.1', '8.8.8.8', '::1', '64:ff9b::808:808']));
    expect(await lookedUp(lookup)).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await lookedUp(lookup, { all: false })).toBe('8.8.8.8');
  });

  it('is configured: its address is checked all the same', async () => {
    const lookup = resolver(['10.0.0.5']);
    const allow = { hosts: [`internal.example:${canaryPort}`] };
    expect(await refusal(`https://internal.example:${canaryPort}/`, { lookup, allow })).toBe('address_not_allowed');
  });

  it('opens no connection to this machine', () => {
    expect(connects).toBe(0);
  });
});

describe('the socket', () => {
  it('is closed unused when its far end is not public, whatever the lookup said', async () => {
    const received: string[] = [];
    const server = createServer((socket) => socket.on('data', (bytes) => received.push(String(bytes))));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const outcome = await refusal('https://looks-public.example/', {
      open: (_target, callback) => {
        const socket = connect(port, '127.0.0.1', () => callback(null, socket));
      },
    });
    expect(outcome).toBe('address_not_allowed');
    expect(received).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('plain http', () => {
  it('is refused, even to a configured host', async () => {
    const lookup = resolver(['8.8.8.8']);
    expect(await refusal('http://hooks.example/', { lookup, allow: { hosts: ['hooks.example:80'] } })).toBe(
      'address_not_allowed',
    );
    expect(lookup.calls).toBe(0);
  });
});

describe('a test twin', () => {
  let server: TestServer;
  let twin: string;

  beforeAll(async () => {
    server = await startServer(({ url }, response) => {
      if (url === '/redirect') response.writeHead(307, { location: `${server.url}/landed` }).end();
      else if (url === '/silence') return;
      else (unreadable[url!.slice(1)] ?? plain)(response);
    });
    twin = new URL(server.url).host;
  });
  afterAll(() => server.close());

  it('named by host and port is reached over http', async () => {
    expect((await post(`${server.url}/x`, { allow: { twins: [twin] } })).status).toBe(202);
  });

  it.skipIf(!hasIpv6)('may have an IPv6 address', async () => {
    const other = createHttpServer((_, response) => response.writeHead(202).end());
    await new Promise<void>((resolve) => other.listen(0, '::1', resolve));
    const host = `[::1]:${(other.address() as AddressInfo).port}`;
    expect((await post(`http://${host}/`, { allow: { twins: [host] } })).status).toBe(202);
    await new Promise((resolve) => other.close(resolve));
  });

  it('opens nothing but itself', async () => {
    const allow = { twins: [twin] };
    const before = server.requests.length;
    expect(await refusal(`http://127.0.0.1:${canaryPort}/`, { allow })).toBe('address_not_allowed');
    expect(await refusal(server.url.replace('127.0.0.1', 'localhost'), { allow })).toBe('address_not_allowed');
    expect(await refusal(server.url, { allow: { hosts: [twin] } })).toBe('address_not_allowed');
    expect(server.requests.length).toBe(before);
  });

  it('redirects, and nobody follows', async () => {
    expect((await post(`${server.url}/redirect`, { allow: { twins: [twin] } })).status).toBe(307);
    expect(server.requests.map(({ url }) => url)).not.toContain('/landed');
  });

  it('that never answers is given up', async () => {
    expect(await refusal(`${server.url}/silence`, { allow: { twins: [twin] }, timeoutMs: 100 })).toBe('timeout');
  });

  it.each(Object.keys(unreadable))('is believed its status, though its body is %s', async (fault) => {
    const answer = await post(`${server.url}/${fault}`, { allow: { twins: [twin] }, timeoutMs: 2_000 });
    expect(answer.status).toBe(fault === 'a_large_page' ? 404 : 202);
    expect(answer.body.byteLength).toBeLessThanOrEqual(64 * 1024);
  });
});
