import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Runtime } from '../../runtime/runtime.ts';
import type { AssertionFault } from './client-assertion.ts';

/** What Entra ID expects of a federated token: https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation-create-trust */
const AUDIENCE = 'api://AzureADTokenExchange';
const ISSUER = 'https://oidc.twin.example/';
const SUBJECT = 'system:serviceaccount:data:sluice';

/** Another identity provider, a Kubernetes cluster for example, that the twin's app registration trusts. */
export interface ForeignIssuer {
  /** `iss` of its tokens. */
  readonly issuer: string;
  /** @param claims - in place of the right ones, for tokens that must be refused */
  issue(claims?: { readonly subject?: string; readonly audience?: string; readonly lifeS?: number }): Promise<string>;
  /** Why Entra ID would not take a token; undefined: it would. */
  check(token: string): Promise<AssertionFault | undefined>;
}

export function createForeignIssuer(runtime: Runtime): ForeignIssuer {
  let made: KeyObject | undefined;
  // Made when it is needed: few twins are signed in to this way.
  const privateKey = () => {
    made ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    return made;
  };
  return {
    issuer: ISSUER,
    issue: ({ subject = SUBJECT, audience = AUDIENCE, lifeS = 3600 } = {}) => {
      const nowS = Math.floor(runtime.now() / 1000);
      return new SignJWT({})
        .setProtectedHeader({ alg: 'RS256', kid: 'twin' })
        .setIssuer(ISSUER)
        .setSubject(subject)
        .setAudience(audience)
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + lifeS)
        .sign(privateKey());
    },
    check: async (token) => {
      try {
        const { payload } = await jwtVerify(token, createPublicKey(privateKey()), {
          currentDate: new Date(runtime.now()),
        });
        if (payload.aud !== AUDIENCE) return { code: 700212, text: noRecord('audience', String(payload.aud)) };
        if (payload.sub !== SUBJECT) return { code: 700213, text: noRecord('subject', String(payload.sub)) };
        return undefined;
      } catch (error) {
        return error instanceof errors.JWTExpired
          ? { code: 700024, text: 'Client assertion is not within its valid time range.' }
          : { code: 700027, text: 'Client assertion failed signature validation.' };
      }
    },
  };
}

const noRecord = (claim: string, value: string) =>
  `No matching federated identity record found for presented assertion ${claim} '${value}'.`;
