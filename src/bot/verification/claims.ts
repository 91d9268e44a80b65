import { type Refusal, refuse } from './refusals.ts';

/** What a verified token says. */
export interface Claims {
  readonly serviceUrl: string;
}

/** What a token must say. */
export interface ExpectedClaims {
  readonly issuer: string;
  readonly appId: string;
  readonly nowMs: number;
}

/** @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication (5 minutes) */
const CLOCK_SKEW_SECONDS = 300;

/**
 * Judges the claims of a token whose signature is good. Each has one form: no list of audiences, no text in place of a
 * number. A claim that is missing refuses the token.
 */
export function judgeClaims(claims: Readonly<Record<string, unknown>>, expected: ExpectedClaims): Claims | Refusal {
  const { iss: issuer, aud: audience, exp: expires, nbf: begins, iat: issued, serviceurl: serviceUrl } = claims;
  if (issuer !== expected.issuer) return refuse('issuer');
  if (typeof audience !== 'string' || audience.toLowerCase() !== expected.appId) return refuse('audience');
  if (!isInstant(expires) || !isInstant(begins) || expires <= begins) return refuse('times');
  if (issued !== undefined && !isInstant(issued)) return refuse('times');
  const nowSeconds = expected.nowMs / 1_000;
  if (nowSeconds >= expires + CLOCK_SKEW_SECONDS) return refuse('expired');
  if (nowSeconds < Math.max(begins, issued ?? begins) - CLOCK_SKEW_SECONDS) return refuse('not-yet-valid');
  if (typeof serviceUrl !== 'string' || serviceUrl === '') return refuse('service-url');
  return { serviceUrl };
}

const isInstant = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value > 0;
