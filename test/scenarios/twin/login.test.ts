import { generateKeyPairSync } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, importPKCS8, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../../../src/simulator/login/self-signed.ts';
import { BEGIN_MS } from '../../support/fast-runtime.ts';
import { servedTwin, type TestTwin } from '../../support/served-twin.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const app = selfSigned({ commonName: 'app', hosts: [], nowMs: BEGIN_MS });
let served: TestTwin;
beforeAll(async () => {
  served = await servedTwin({ app: { certificatePem: app.certificatePem, permissions: ['Team.ReadBasic.All'] } });
});
afterAll(() => served[Symbol.asyncDispose]());

const endpoint = () => `${served.url}/${served.twin.tenant.id}/oauth2/v2.0/token`;

async function ask(change: Record<string, string | undefined>, url = endpoint()) {
  const env = served.twin.env(served.url);
  const form: Record<string, string | undefined> = {
    grant_type: 'client_credentials',
    client_id: env['TEAMS_CLIENT_ID'],
    client_secret: env['TEAMS_CLIENT_SECRET'],
    scope: 'https://graph.microsoft.com/.default',
    ...change,
  };
  const given = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(given) });
  return { status: answer.status, body: (await answer.json()) as Record<string, never> & { access_token: string } };
}

async function assertion(change: Record<string, unknown> = {}, key = app.privateKeyPem): Promise<string> {
  const { clientId } = served.twin.app;
  return new SignJWT({
    iss: clientId,
    sub: clientId,
    aud: endpoint(),
    exp: Math.floor(served.twin.clock.now() / 1000) + 600,
    ...change,
  })
    .setProtectedHeader({ alg: 'PS256', 'x5t#S256': Buffer.from(app.thumbprintSha256, 'hex').toString('base64url') })
    .sign(await importPKCS8(key, 'PS256'));
}

const withAssertion = async (token: string) =>
  ask({
    client_secret: undefined,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: token,
  });

describe('the token endpoint', () => {
  it('gives an RS256 token that the published keys verify', async () => {
    const { status, body } = await ask({});
    expect([status, body['token_type'], body['expires_in']]).toEqual([200, 'Bearer', 3_599]);
    const keys = createRemoteJWKSet(new URL(`${served.url}/${served.twin.tenant.id}/discovery/v2.0/keys`));
    const { payload } = await jwtVerify(body.access_token, keys, {
      audience: 'https://graph.microsoft.com',
      currentDate: new Date(served.twin.clock.now()),
    });
    expect(payload).toMatchObject({
      roles: ['Team.ReadBasic.All'],
      appid: served.twin.app.clientId,
      tid: served.twin.tenant.id,
      iss: `https://sts.windows.net/${served.twin.tenant.id}/`,
    });
    expect(payload.exp! - payload.iat!).toBe(3_599);
  });

  it.each([
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
    ['no credential', { client_secret: undefined }, 401, 'invalid_client', 7000216],
    ['an unknown app', { client_id: 'nobody' }, 400, 'unauthorized_client', 700016],
    ['another scope', { scope: 'openid' }, 400, 'invalid_scope', 70011],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
    ['no client', { client_id: undefined }, 400, 'invalid_request', 900144],
  ])('refuses %s', async (_, change, status, error, code) => {
    const answer = await ask(change);
    expect([answer.status, answer.body['error'], answer.body['error_codes']]).toEqual([status, error, [code]]);
    expect(answer.body['error_description']).toContain(`AADSTS${code}: `);
  });

  it('refuses a tenant that is not this one', async () => {
    const { status, body } = await ask({}, `${served.url}/elsewhere/oauth2/v2.0/token`);
    expect([status, body['error_codes']]).toEqual([400, [90002]]);
  });

  it('takes an assertion signed with the registered certificate', async () => {
    const { status, body } = await withAssertion(await assertion());
    expect(status).toBe(200);
    expect(decodeJwt(body.access_token)['appid']).toBe(served.twin.app.clientId);
  });

  it.each([
    ['of another key', {}, 700027],
    ['past its life', { exp: 1_700_000_000 }, 700024],
    ['for another audience', { aud: 'https://elsewhere.example' }, 700023],
    ['about another subject', { sub: 'other' }, 700021],
  ])('refuses an assertion %s', async (name, change, code) => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const key = name === 'of another key' ? (other.export({ type: 'pkcs8', format: 'pem' }) as string) : undefined;
    const { body } = await withAssertion(await assertion(change, key));
    expect(body['error_codes']).toEqual([code]);
  });

  it('publishes its metadata under its own address', async () => {
    const base = `${served.url}/${served.twin.tenant.id}`;
    const metadata = (await (await fetch(`${base}/v2.0/.well-known/openid-configuration`)).json()) as Record<
      string,
      string
    >;
    expect(metadata['token_endpoint']).toBe(endpoint());
    const discovery = await fetch(`${served.url}/common/discovery/instance?api-version=1.1`);
    expect(await discovery.json()).toMatchObject({ metadata: [{ aliases: [new URL(served.url).host] }] });
  });
});

describe('what a token opens', () => {
  it('only routes whose permission was granted', async () => {
    expect((await served.get('/teams')).status).toBe(200);
    const messages = await served.get(`${served.channel}/messages`);
    expect([messages.status, messages.body.error.code]).toEqual([403, 'Forbidden']);
    expect(messages.body.error.message).toContain("requires one of 'ChannelMessage.Read.All, ");
    expect((await served.get('/users')).body.error.code).toBe('Authorization_RequestDenied');
  });

  it.each([
    [{}, 'Access token is empty.'],
    [{ authorization: 'Bearer nonsense' }, 'CompactToken validation failed with reason code: 80049228.'],
  ])('nothing with %o', async (headers, message) => {
    const answer = await fetch(`${served.url}/v1.0/teams`, { headers });
    const body = (await answer.json()) as { error: Record<string, string> };
    expect([answer.status, body.error['code'], body.error['message']]).toEqual([
      401,
      'InvalidAuthenticationToken',
      message,
    ]);
  });

  it('nothing once it is past its life', async () => {
    const runtime = new VirtualClock({ startMs: BEGIN_MS });
    await using short = await servedTwin({ runtime });
    expect((await short.get('/teams')).status).toBe(200);
    runtime.advance(3_600_000);
    expect((await short.get('/teams')).body.error.message).toContain('token is expired');
    await short.token();
    expect((await short.get('/teams')).status).toBe(200);
  });
});
