import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import type { Runtime } from '../../runtime/runtime.ts';

export const graphAudience = 'https://graph.microsoft.com';
/** @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication */
export const botAudience = 'https://api.botframework.com';

/** What the Graph side reads out of a good token. */
export interface Caller {
  readonly clientId: string;
  readonly tenantId: string;
  readonly roles: ReadonlySet<string>;
}

/** Why a token is not good, as Graph words it. */
export type TokenFault = 'expired' | 'malformed' | 'audience';

/** Signs access tokens and checks them again. */
export interface TokenIssuer {
  readonly lifetimeSeconds: number;
  /**
   * @param form - an `opaque` token is one that only the service can read
   * @param audience - whose token it is. Default: Graph's
   */
  issue(
    caller: { clientId: string; tenantId: string; roles: readonly string[] },
    form: 'jwt' | 'opaque',
    audience?: string,
  ): Promise<string>;
  check(token: string, audience?: string): Promise<Caller | TokenFault>;
  /** Makes a token worthless before its time, as a revocation does. */
  revoke(token: string): void;
  keys(): Promise<{ keys: JWK[] }>;
}

/**
 * RS256 access tokens in the form Entra ID gives for Microsoft Graph (version 1.0 claims, application permissions in
 * `roles`).
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference
 */
export function createTokenIssuer(options: { runtime: Runtime; lifetimeSeconds: number }): TokenIssuer {
  const { runtime, lifetimeSeconds } = options;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKey = createPublicKey(privateKey);
  const keyId = runtime.id();
  const good = new Map<string, Known>();
  const revoked = new Set<string>();

  async function verify(token: string, audience: string): Promise<Caller | TokenFault> {
    const checked = await verifyClaims(token, publicKey, { audience, nowMs: runtime.now() });
    if (typeof checked === 'string') return checked;
    good.set(token, checked);
    return checked.caller;
  }

  return {
    lifetimeSeconds,
    issue: async ({ clientId, tenantId, roles }, form, audience = graphAudience) => {
      const nowSeconds = Math.floor(runtime.now() / 1000);
      if (form === 'opaque') {
        const token = `opaque-${runtime.id()}`;
        const caller = { clientId, tenantId, roles: new Set(roles) };
        good.set(token, { caller, audience, expiresAtMs: (nowSeconds + lifetimeSeconds) * 1000 });
        return token;
      }
      return new SignJWT({ appid: clientId, idtyp: 'app', roles: [...roles], tid: tenantId, ver: '1.0' })
        .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: keyId })
        .setAudience(audience)
        .setIssuer(`https://sts.windows.net/${tenantId}/`)
        .setSubject(clientId)
        .setIssuedAt(nowSeconds)
        .setNotBefore(nowSeconds)
        .setExpirationTime(nowSeconds + lifetimeSeconds)
        .setJti(runtime.id())
        .sign(privateKey);
    },
    check: async (token, audience = graphAudience) => {
      if (revoked.has(token)) return 'expired';
      const known = good.get(token);
      if (!known) return verify(token, audience);
      if (known.audience !== audience) return 'audience';
      if (known.expiresAtMs > runtime.now()) return known.caller;
      good.delete(token);
      return 'expired';
    },
    revoke: (token) => {
      good.delete(token);
      revoked.add(token);
    },
    keys: async () => ({
      keys: [{ ...(await exportJWK(publicKey)), kty: 'RSA', use: 'sig', alg: 'RS256', kid: keyId, x5t: keyId }],
    }),
  };
}

/** A token that was found good. */
interface Known {
  readonly caller: Caller;
  readonly audience: string;
  readonly expiresAtMs: number;
}

async function verifyClaims(
  token: string,
  key: KeyObject,
  { audience, nowMs }: { readonly audience: string; readonly nowMs: number },
): Promise<Known | TokenFault> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['RS256'],
      audience,
      currentDate: new Date(nowMs),
    });
    const caller: Caller = {
      clientId: String(payload['appid']),
      tenantId: String(payload['tid']),
      roles: new Set(payload['roles'] as string[]),
    };
    return { caller, audience, expiresAtMs: payload.exp! * 1000 };
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'ERR_JWT_EXPIRED') return 'expired';
    return code === 'ERR_JWT_CLAIM_VALIDATION_FAILED' ? 'audience' : 'malformed';
  }
}
