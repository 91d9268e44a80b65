import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Runtime } from '../../runtime/runtime.ts';
import { botAudience } from '../login/token-issuer.ts';

interface Key {
  readonly id: string;
  readonly privateKey: KeyObject;
}

/** What the bot service signs its requests to bots with. */
export interface BotIssuer {
  token(claims: { readonly appId: string; readonly serviceUrl: string }): Promise<string>;
  /** @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication */
  metadata(origin: string): object;
  keys(): object;
  /** A new key signs from now on. The old one stays published until the next rotation. */
  rotate(): void;
}

/** Life of a token to a bot: 3,900 s in the example of the page, 300 s in https://github.com/MicrosoftDocs/bot-docs/issues/2242 */
const LIFETIME_SECONDS = 3_900;
const ENDORSEMENTS = ['msteams', 'webchat', 'directline'];

export function createBotIssuer(runtime: Runtime): BotIssuer {
  const newKey = (): Key => ({
    id: runtime.id(),
    privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  });
  // Made when the first bot is spoken to: a key takes a tenth of a second.
  let keys: readonly Key[] = [];
  const published = () => {
    if (keys.length === 0) keys = [newKey()];
    return keys;
  };
  return {
    token: ({ appId, serviceUrl }) => {
      const [{ id, privateKey }] = published() as [Key];
      const nowSeconds = Math.floor(runtime.now() / 1_000);
      return new SignJWT({ serviceurl: serviceUrl })
        .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: id, x5t: id, cty: 'JWT' })
        .setIssuer(botAudience)
        .setAudience(appId)
        .setNotBefore(nowSeconds)
        .setExpirationTime(nowSeconds + LIFETIME_SECONDS)
        .sign(privateKey);
    },
    metadata: (origin) => ({
      issuer: botAudience,
      authorization_endpoint: 'https://invalid.botframework.com',
      jwks_uri: `${origin}/v1/.well-known/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
    }),
    keys: () => ({
      keys: published().map(({ id, privateKey }) => ({
        ...createPublicKey(privateKey).export({ format: 'jwk' }),
        use: 'sig',
        kid: id,
        x5t: id,
        endorsements: ENDORSEMENTS,
      })),
    }),
    rotate: () => {
      keys = [newKey(), ...published().slice(0, 1)];
    },
  };
}
