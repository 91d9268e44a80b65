import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startServer } from '../../test/support/http-server.ts';
import { startProxy } from '../../test/support/proxy.ts';
import { selfSigned } from '../../test/support/self-signed.ts';
import { Secret } from '../runtime/secret.ts';
import { type TransportOptions, undiciTransport } from './undici-transport.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});
const kept = <T extends { close(): Promise<unknown> }>(one: T): T => {
  open.unshift(() => one.close());
  return one;
};

const identity = selfSigned();

async function startHttps() {
  const server = createServer({ key: identity.privateKey, cert: identity.certificate }, (_, answer) =>
    answer.end('secure'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function get(url: string, options: Partial<TransportOptions>) {
  const transport = kept(undiciTransport({ connections: 2, surface: 'graph', ...options }));
  return transport.send({ method: 'GET', url, route: '/x' }).then(
    ({ status, body }) => `${status} ${String(body)}`,
    (error) => `${error.code} ${error.details.reason ?? ''} sent=${error.details.sent}`,
  );
}

describe('a request through a proxy', () => {
  it('reaches an https host that only the proxy knows, by CONNECT, and checks its certificate', async () => {
    const secure = await startHttps();
    const proxy = kept(await startProxy({ routes: { 'graph.corp.invalid:443': secure, 'test:443': secure } }));
    const settings = { proxy: { httpsProxy: new Secret(proxy.url) }, ca: identity.certificate };
    expect(await get('https://graph.corp.invalid/x', settings)).toBe('certificate_untrusted name sent=false');
    expect(await get('https://test/x', settings)).toBe('200 secure');
    expect(await get('https://test/x', { proxy: settings.proxy })).toBe('certificate_untrusted trust sent=false');
    expect(new Set(proxy.asked)).toEqual(new Set(['CONNECT graph.corp.invalid:443', 'CONNECT test:443']));
  });

  it('takes the whole URL for plain http', async () => {
    const server = kept(await startServer((_, answer) => answer.end('plain')));
    const proxy = kept(await startProxy({ routes: { 'twin.corp.invalid:80': new URL(server.url).host } }));
    expect(await get('http://twin.corp.invalid/x?a=1', { proxy: { allProxy: new Secret(proxy.url) } })).toBe(
      '200 plain',
    );
    expect(proxy.asked).toEqual(['GET http://twin.corp.invalid/x']);
    expect(server.requests[0]).toMatchObject({ url: '/x?a=1', headers: { host: 'twin.corp.invalid' } });
  });

  it('signs in where the proxy wants it, and says so where the sign-in is missing or wrong', async () => {
    const server = kept(await startServer((_, answer) => answer.end('in')));
    const routes = { 'twin.corp.invalid:80': new URL(server.url).host, 'a.corp.invalid:443': new URL(server.url).host };
    const proxy = kept(await startProxy({ routes, signIn: 'ann:p@ss' }));
    const named = (user: string) => ({ proxy: { allProxy: new Secret(proxy.url.replace('//', `//${user}`)) } });
    expect(await get('http://twin.corp.invalid/', named('ann:p%40ss@'))).toBe('200 in');
    expect(await get('http://twin.corp.invalid/', named('ann:no@'))).toBe('proxy_denied  sent=false');
    expect(await get('https://a.corp.invalid/', named(''))).toBe('proxy_denied  sent=false');
  });

  it('says that the proxy is at fault: it is down, unknown, or cannot reach the host', async () => {
    const proxy = kept(await startProxy());
    const at = (address: string) => ({ proxy: { httpsProxy: new Secret(address) } });
    expect(await get('https://a.corp.invalid/', at('http://127.0.0.1:1'))).toBe('network_error proxy sent=false');
    expect(await get('https://a.corp.invalid/', at('http://proxy.corp.invalid:1'))).toBe(
      'network_error proxy sent=false',
    );
    expect(await get('https://a.corp.invalid/', at(proxy.url))).toBe('network_error proxy sent=false');
    expect(await get('https://a.corp.invalid/', at('ftp://nothing'))).toBe('proxy_invalid  sent=false');
  });

  it('is told apart from a direct one that finds no name, no listener, another name', async () => {
    expect(await get('https://a.corp.invalid/', {})).toBe('network_error dns sent=false');
    expect(await get('http://127.0.0.1:1/', {})).toBe('network_error refused sent=false');
    const secure = await startHttps();
    expect(await get(`https://${secure}/`, {})).toBe('certificate_untrusted trust sent=false');
    expect(await get(`https://${secure}/`, { ca: identity.certificate })).toBe('certificate_untrusted name sent=false');
  });

  it('is refused by the guard before the proxy hears of it', async () => {
    const proxy = kept(await startProxy());
    const allowProxied = async () => {
      throw Object.assign(new Error('no'), {
        name: 'SluiceError',
        code: 'address_not_allowed',
        recovery: 'fail',
        details: {},
      });
    };
    const refused = await get('https://a.corp.invalid/', {
      proxy: { httpsProxy: new Secret(proxy.url) },
      allowProxied,
    });
    expect(refused).toBe('address_not_allowed  sent=undefined');
    expect(proxy.asked).toEqual([]);
  });
});
