import { join } from 'node:path';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findCloud } from '../../src/auth/clouds.ts';
import { msalTokens } from '../../src/auth/msal.ts';
import { undiciTransport } from '../../src/http/undici-transport.ts';
import { Secret } from '../../src/runtime/secret.ts';
import { cli } from '../support/cli.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { accessToken, startServer, type TestServer } from '../support/http-server.ts';
import { withFolder } from '../support/lake.ts';
import { CANARY } from '../support/malformed.ts';

vi.setConfig({ testTimeout: 120_000 });

const SAID = `${CANARY} said this in confidence ${CANARY}`;
const token = { token_type: 'Bearer', expires_in: 3600, access_token: accessToken([]) };
const jwt = (claims: unknown) =>
  ['{}', JSON.stringify(claims), 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.');

interface LoginAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Answers of a token endpoint that are none. */
const NO_TOKEN: Readonly<Record<string, LoginAnswer>> = {
  'an empty answer': { body: '' },
  HTML: { body: `<html><title>${SAID}</title>`, headers: { 'content-type': 'text/html' } },
  'a cut answer': { body: `{"token_type":"Bearer","access_token":"${CANARY}` },
  'a word without quotes': { body: `{"access_token":${CANARY}}` },
  'a raw control character': { body: `{"access_token":"${CANARY}\u0001"}` },
  'bytes that are no UTF-8': { body: Buffer.from(`{"access_token":"${CANARY}\u00ff"}`, 'latin1') },
  'UTF-16': { body: Buffer.from(JSON.stringify(token), 'utf16le') },
  'gzip that is none': { body: SAID, headers: { 'content-encoding': 'gzip' } },
  'gzip cut in half': {
    body: gzipSync(JSON.stringify({ ...token, note: SAID })).subarray(0, 30),
    headers: { 'content-encoding': 'gzip' },
  },
  'a text': { body: JSON.stringify(SAID) },
  'a list': { body: [SAID] },
  null: { body: 'null' },
  'no token': { body: { token_type: 'Bearer', note: SAID } },
  'a token that is an object': { body: { ...token, access_token: { [CANARY]: SAID } } },
  'a token that is a list': { body: { ...token, access_token: [SAID] } },
  'a token of words': { body: { ...token, access_token: SAID } },
  'a token with a line break': { body: { ...token, access_token: `${CANARY}\r\nx: y` } },
  'a token beyond ASCII': { body: { ...token, access_token: `${CANARY}é` } },
  'a life that is a text': { body: { ...token, expires_in: SAID } },
  'a life that is over': { body: { ...token, expires_in: 0 } },
  'a life below nothing': { body: { ...token, expires_in: -5 } },
  'a life that is an object': { body: { ...token, expires_in: { [CANARY]: SAID } } },
  'an error with status 200': { body: { error: CANARY, error_description: SAID, suberror: SAID } },
};

/** Refusals, with something planted wherever a service could say something. */
const REFUSALS: Readonly<Record<string, LoginAnswer>> = Object.fromEntries(
  [400, 401, 403, 404, 429, 503].map((status) => [
    `a ${status} that quotes`,
    {
      status,
      headers: { 'retry-after': SAID, 'x-ms-request-id': SAID },
      body: {
        error: SAID,
        error_description: `AADSTS7000215: ${SAID}`,
        error_codes: [CANARY, 7000215],
        error_uri: `https://x/?${CANARY}`,
        suberror: SAID,
        claims: SAID,
        trace_id: SAID,
        correlation_id: SAID,
      },
    },
  ]),
);

/** Answers with a token that says odd things of itself. */
const ODD_CLAIMS: Readonly<Record<string, unknown>> = {
  'a payload of words': SAID,
  'roles that are a text': { roles: SAID, tid: SAID },
  'roles of words': { roles: [SAID, { [CANARY]: SAID }], tid: { [CANARY]: SAID } },
};

describe('what is planted in the answer of the login service', () => {
  let server: TestServer;
  let next: LoginAnswer = { body: '' };
  beforeAll(async () => {
    server = await startServer((_, response) => {
      const { status = 200, headers = {}, body } = next;
      const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(bytes);
    });
  });
  afterAll(() => server.close());

  const fetched = async () => {
    const transport = undiciTransport({ connections: 1, surface: 'login' });
    const tokens = msalTokens({
      cloud: findCloud('public'),
      tenantId: '11111111-2222-3333-4444-555555555555',
      clientId: 'client',
      credential: { kind: 'secret', secret: new Secret('s3cret') },
      loginUrl: server.url,
      send: transport.send,
      runtime: fastRuntime(1),
    });
    return tokens().finally(() => transport.close());
  };

  it.each(Object.entries({ ...NO_TOKEN, ...REFUSALS }))(
    '%s: is a typed error that says none of it',
    async (_, answer) => {
      next = answer;
      const error: unknown = await fetched().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        surface: 'login',
        code: expect.stringMatching(/^(login|client|body|network|page)_/),
      });
      const { cause: _cause, stack: _stack, ...shown } = error as Error;
      expect(`${(error as Error).message} ${JSON.stringify(error)} ${inspect(shown, { depth: 9 })}`).not.toContain(
        CANARY,
      );
    },
  );

  it.each(Object.keys(NO_TOKEN).filter((name) => !name.startsWith('gzip')))(
    '%s: is called an answer that is no token',
    async (name) => {
      next = NO_TOKEN[name]!;
      await expect(fetched()).rejects.toMatchObject({ code: 'login_answer_invalid', surface: 'login' });
    },
  );

  it.each(Object.entries(ODD_CLAIMS))('%s: is a token that shows nothing', async (_, claims) => {
    next = { body: { ...token, access_token: jwt(claims) } };
    const found = await fetched();
    expect([[...found.roles], found.tenantId]).toEqual([[], undefined]);
  });

  it('is in no output of a command', async () => {
    await withFolder(async (folder) => {
      const env = {
        TEAMS_TENANT_ID: '11111111-2222-3333-4444-555555555555',
        TEAMS_CLIENT_ID: 'client',
        TEAMS_CLIENT_SECRET: 's3cret',
        TEAMS_LOGIN_URL: server.url,
        TEAMS_GRAPH_URL: `${server.url}/v1.0`,
        TEAMS_MAX_RETRIES: '0',
      };
      const lake = ['--lake', join(folder, 'lake')];
      for (const name of ['HTML', 'a word without quotes', 'an error with status 200', 'a token of words']) {
        next = NO_TOKEN[name]!;
        for (const args of [['check'], ['plan', ...lake], ['sync', ...lake], ['sync', '--json', ...lake]]) {
          const { code, out, err } = await cli(args, env);
          expect([name, args[0], code]).toEqual([name, args[0], 1]);
          expect(out + err).toContain('login_answer_invalid');
          expect(out + err).not.toContain(CANARY);
        }
      }
    });
  });
});
