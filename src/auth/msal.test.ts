import { createHash, X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { accessToken, json, startServer, type TestServer } from '../../test/support/http-server.ts';
import { selfSigned } from '../../test/support/self-signed.ts';
import { loginRules } from '../errors/login-rules.ts';
import { undiciTransport } from '../http/undici-transport.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { Secret } from '../runtime/secret.ts';
import { clouds, findCloud } from './clouds.ts';
import type { ClientSecret } from './credential.ts';
import { type AppOptions, msalTokens } from './msal.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const TENANT = '11111111-2222-3333-4444-555555555555';

async function login(answer: Parameters<typeof startServer>[0]) {
  const server = await startServer(answer);
  const transport = undiciTransport({ connections: 1, surface: 'login' });
  closers.push(() => transport.close(), server.close);
  const fetcher = (credential: AppOptions['credential']) =>
    msalTokens({
      cloud: findCloud('public'),
      tenantId: TENANT,
      clientId: 'client',
      credential,
      loginUrl: server.url,
      send: transport.send,
      runtime: systemRuntime,
    });
  return { server, fetcher };
}

const grant: Parameters<typeof startServer>[0] = (_, response) =>
  json(response, 200, { token_type: 'Bearer', expires_in: 600, access_token: accessToken(['Team.ReadBasic.All']) });
const form = (server: TestServer) => new URLSearchParams(server.requests[0]!.body);
const secret: ClientSecret = { kind: 'secret', secret: new Secret('s3cret') };

describe('a token request', () => {
  it('goes to the configured login service over plain http, without discovery', async () => {
    const { server, fetcher } = await login(grant);
    const token = await fetcher(secret)();
    expect(server.requests.map(({ method, url }) => `${method} ${url.split('?')[0]}`)).toEqual([
      `POST /${TENANT}/oauth2/v2.0/token`,
    ]);
    expect(Object.fromEntries(form(server))).toMatchObject({
      grant_type: 'client_credentials',
      client_id: 'client',
      client_secret: 's3cret',
      scope: expect.stringContaining('https://graph.microsoft.com/.default'),
    });
    expect([...token.roles]).toEqual(['Team.ReadBasic.All']);
    expect((token.expiresAtMs - token.issuedAtMs) / 1000).toBeCloseTo(600, -1);
  });

  it('asks again each time: the cache is ours', async () => {
    const { server, fetcher } = await login(grant);
    const fetchToken = fetcher(secret);
    await fetchToken();
    await fetchToken();
    expect(server.requests).toHaveLength(2);
  });

  it('tells a wrong secret from an unreachable service', async () => {
    const { fetcher } = await login((_, response) =>
      json(response, 401, { error: 'invalid_client', error_description: 'AADSTS7000215: no', error_codes: [7000215] }),
    );
    await expect(fetcher(secret)()).rejects.toMatchObject({ code: 'client_secret_wrong', surface: 'login' });
    const { server, fetcher: gone } = await login(grant);
    await server.close();
    await expect(gone(secret)()).rejects.toMatchObject({ code: 'network_error', surface: 'login' });
  });

  it('proves a certificate with a signed assertion', async () => {
    const { privateKey, certificate } = selfSigned();
    const { server, fetcher } = await login(grant);
    await fetcher({ kind: 'certificate', privateKey: new Secret(privateKey), certificate, sendChain: true })();
    const assertion = form(server).get('client_assertion')!;
    const { publicKey, raw } = new X509Certificate(certificate);
    // MSAL rounds `nbf` to the nearest second, so it may lie half a second ahead.
    const { payload } = await jwtVerify(assertion, publicKey, { clockTolerance: 2 });
    expect(payload).toMatchObject({
      iss: 'client',
      sub: 'client',
      aud: expect.stringContaining(`/${TENANT}/oauth2/v2.0/token`),
    });
    expect(decodeProtectedHeader(assertion)).toMatchObject({
      alg: 'PS256',
      'x5t#S256': createHash('sha256').update(raw).digest('base64url'),
      x5c: [raw.toString('base64')],
    });
  });

  it('refuses a certificate that is none, without quoting it', () => {
    const pem = selfSigned().privateKey;
    const broken = () =>
      msalTokens({
        cloud: findCloud('public'),
        tenantId: TENANT,
        clientId: 'client',
        credential: { kind: 'certificate', privateKey: new Secret(pem), certificate: 'no certificate' },
        send: async () => ({ status: 500, headers: {}, body: new Uint8Array() }),
        runtime: systemRuntime,
      });
    expect(broken).toThrow(expect.objectContaining({ code: 'identity_invalid', recovery: 'user_action' }));
  });
});

it('names the known clouds for an unknown one', () => {
  expect(() => findCloud('mars')).toThrow(/"mars".*public.*china/s);
});

it.each(['AADSTS900382', 'AADSTS900432'])('names every cloud that may be meant, for %s', (code) => {
  const hint = loginRules.find(({ when }) => when?.codes?.includes(code))!.hint;
  for (const cloud of Object.keys(clouds)) expect(hint).toContain(cloud);
});
