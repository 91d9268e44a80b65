import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { servedWebhooks } from '../support/sending.ts';
import { runSluice } from '../support/sluice.ts';
import { startTwin } from '../support/twin.ts';

let folder: string;
let proxy: TestProxy;
const open: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-proxy-'));
});
afterEach(async () => {
  for (const close of open.splice(0)) await close();
  await rm(folder, { recursive: true, force: true });
});

/** A proxy that alone knows where a name leads. */
async function proxyTo(name: string, url: string, signIn?: string): Promise<TestProxy> {
  proxy = await startProxy({ routes: { [`${name}:80`]: new URL(url).host }, ...(signIn && { signIn }) });
  open.push(() => proxy.close());
  return proxy;
}

describe('reading through a proxy', () => {
  const tenant = async () => {
    const twin = await startTwin({ teams: 2, channels: 1, messages: 3, users: 5, limits: 'none' });
    open.unshift(() => twin.close());
    const { port } = new URL(twin.url);
    const env = Object.fromEntries(
      Object.entries(twin.env).map(([key, value]) => [
        key,
        value.replace(`127.0.0.1:${port}`, key.endsWith('HOSTS') ? 'graph.corp.invalid:80' : 'graph.corp.invalid'),
      ]),
    );
    return { twin, env };
  };

  it.each(['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'https_proxy'])(
    'takes sign-in and Graph through %s',
    async (name) => {
      const { twin, env } = await tenant();
      await proxyTo('graph.corp.invalid', twin.url, 'ann:canary');
      const withProxy = { ...env, [name]: proxy.url.replace('//', '//ann:canary@') };
      const synced = await runSluice(['sync', '--tables', 'teams'], withProxy, { cwd: folder });
      expect(synced.code, synced.err).toBe(0);
      expect(proxy.asked.some((line) => line.startsWith('POST ') && line.includes('/oauth2/'))).toBe(true);
      expect(proxy.asked).toContain('GET http://graph.corp.invalid/v1.0/teams');
      expect(synced.out + synced.err).not.toContain('canary');
    },
  );

  it('takes the proxy from sluice.yaml, and keeps NO_PROXY', async () => {
    const { twin, env } = await tenant();
    await proxyTo('graph.corp.invalid', twin.url);
    await writeFile(join(folder, 'sluice.yaml'), `network: { all_proxy: '${proxy.url}' }\n`);
    const through = await runSluice(['check'], env, { cwd: folder });
    expect(through.code, through.err).toBe(0);
    const before = proxy.asked.length;
    const direct = await runSluice(
      ['check'],
      { ...env, NO_PROXY: '.corp.invalid', TEAMS_MAX_RETRIES: '0' },
      { cwd: folder },
    );
    expect(direct.code).not.toBe(0);
    expect(direct.err + direct.out).toMatch(/name of the server was not found/);
    expect(proxy.asked.length).toBe(before);
  });

  it('says that the proxy is down, or wants a sign-in', async () => {
    const { twin, env } = await tenant();
    const down = { ...env, HTTPS_PROXY: 'http://127.0.0.1:1', TEAMS_MAX_RETRIES: '0' };
    const refused = await runSluice(['check'], down, { cwd: folder });
    expect(refused.code).not.toBe(0);
    expect(refused.err + refused.out).toMatch(/proxy was not reached/);
    await proxyTo('graph.corp.invalid', twin.url, 'ann:canary');
    const denied = await runSluice(
      ['check'],
      { ...env, HTTPS_PROXY: proxy.url, TEAMS_MAX_RETRIES: '0' },
      { cwd: folder },
    );
    expect(denied.code).not.toBe(0);
    expect(denied.err + denied.out).toMatch(/proxy refused/);
  });

  it('refuses an address that is none, and names the variable', async () => {
    const { env } = await tenant();
    const wrong = await runSluice(['check'], { ...env, HTTPS_PROXY: 'ftp://canary@x' }, { cwd: folder });
    expect(wrong.err).toMatch(/HTTPS_PROXY network\.https_proxy: Expected http/);
    expect(wrong.err).not.toContain('canary');
  });
});

describe('sending through a proxy', () => {
  it('posts to a webhook that only the proxy reaches', async () => {
    const twin = await servedWebhooks();
    open.unshift(async () => twin[Symbol.asyncDispose]());
    await proxyTo('hooks.corp.invalid', twin.base);
    const env = {
      TEAMS_WEBHOOK_TWIN_HOSTS: 'hooks.corp.invalid:80',
      HTTPS_PROXY: proxy.url,
    };
    const hook = twin.url.replace(new URL(twin.url).host, 'hooks.corp.invalid');
    const sent = await runSluice(['send', '--webhook', hook, '--text', 'through'], env, { cwd: folder });
    expect(sent.code, sent.err).toBe(0);
    expect(proxy.asked.filter((line) => line.startsWith('POST http://hooks.corp.invalid/'))).toHaveLength(1);
  });
});
