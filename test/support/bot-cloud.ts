import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { botClouds } from '../../src/bot/clouds.ts';
import { published, type TestKey, tokenOf } from './bot-service.ts';

/** What stands in for Microsoft's sign-in, keys and connector, on a port of this machine: it says yes to everything. */
export interface BotCloud extends AsyncDisposable {
  readonly url: string;
  /** Messages that bots have sent. */
  readonly replies: () => number;
}

const LIFETIME_SECONDS = 3_600;

/** @param keys - published for the bot service, and as those of Microsoft Entra ID too: as if it had signed */
export async function startBotCloud(keys: readonly TestKey[]): Promise<BotCloud> {
  let replies = 0;
  let url = '';
  const seconds = Math.floor(Date.now() / 1_000);
  const own = { aud: botClouds.public.issuer, exp: seconds + LIFETIME_SECONDS, nbf: seconds - 60, appid: 'bot' };
  const access_token = tokenOf({ typ: 'JWT', alg: 'RS256', kid: keys[0]!.kid }, own, keys[0]!);
  const token = JSON.stringify({ token_type: 'Bearer', expires_in: LIFETIME_SECONDS, access_token });
  const jwks = JSON.stringify({ keys: keys.map(published) });
  const metadata = () =>
    JSON.stringify({
      issuer: botClouds.public.issuer,
      jwks_uri: `${url}/v1/.well-known/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
    });
  const login = (path: string) => {
    const authority = `https://login.microsoftonline.com${path.split('/v2.0/')[0]}`;
    return JSON.stringify({
      issuer: `${authority}/v2.0`,
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      jwks_uri: `${authority}/discovery/v2.0/keys`,
    });
  };
  const answer = (method: string, path: string): readonly [status: number, body: string] => {
    if (path.includes('/v3/conversations')) {
      replies += 1;
      return [201, JSON.stringify({ id: String(replies) })];
    }
    if (method === 'POST') return [200, token];
    if (path.includes('openid-configuration')) return [200, login(path)];
    return [200, path.includes('openidconfiguration') ? metadata() : jwks];
  };
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const [status, body] = answer(request.method!, request.url!);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    replies: () => replies,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
