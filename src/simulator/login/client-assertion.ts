import { createHash, X509Certificate } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify, type ProtectedHeaderParameters } from 'jose';
import type { AppRegistration } from './app-registration.ts';
import type { LoginErrorCode } from './login-error.ts';

/** Clients round up: an assertion may start a moment from now. Five minutes is what Entra ID allows. */
const clockSkewSeconds = 300;

/** Why an assertion is refused. */
export interface AssertionFault {
  readonly code: LoginErrorCode;
  readonly text: string;
}

/** Who an assertion says it comes from: the app, or another identity provider; not checked yet. */
export function claimedIssuer(assertion: string): string | undefined {
  try {
    return decodeJwt(assertion).iss;
  } catch {
    return undefined;
  }
}

/**
 * Checks a certificate assertion: signature (RS256 or PS256) against the registered certificate, audience, life, issuer
 * and subject.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials
 */
export async function checkAssertion(options: {
  assertion: string;
  app: AppRegistration;
  audiences: readonly string[];
  nowMs: number;
}): Promise<AssertionFault | undefined> {
  const { assertion, app, audiences, nowMs } = options;
  if (app.certificatePem === undefined) return { code: 700027, text: notRegistered };
  try {
    const registered = new X509Certificate(app.certificatePem);
    if (!names(decodeProtectedHeader(assertion), registered)) return { code: 700027, text: notRegistered };
    const { payload } = await jwtVerify(assertion, registered.publicKey, {
      algorithms: ['RS256', 'PS256'],
      requiredClaims: ['exp', 'aud', 'iss', 'sub'],
      currentDate: new Date(nowMs),
      clockTolerance: clockSkewSeconds,
    });
    const named = [payload.aud].flat();
    if (!named.some((audience) => audiences.includes(audience ?? ''))) {
      return { code: 700023, text: 'Client assertion audience claim does not match Realm issuer.' };
    }
    if (payload.iss === app.clientId && payload.sub === app.clientId) return undefined;
    return { code: 700021, text: 'Client assertion application identifier does not match the client_id parameter.' };
  } catch (error) {
    return (error as { code?: string }).code === 'ERR_JWT_EXPIRED'
      ? { code: 700024, text: 'Client assertion is not within its valid time range.' }
      : { code: 700027, text: 'Client assertion failed signature validation.' };
  }
}

/** The header says by thumbprint which certificate belongs to the key: `x5t#S256`, or `x5t` in older clients. */
function names(header: ProtectedHeaderParameters, registered: X509Certificate): boolean {
  const thumbprint = (algorithm: string) => createHash(algorithm).update(registered.raw).digest('base64url');
  return header['x5t#S256'] === thumbprint('sha256') || header.x5t === thumbprint('sha1');
}

const notRegistered =
  'The certificate with identifier used to sign the client assertion is not registered on application.';
