/** What a token request is answered with. https://datatracker.ietf.org/doc/html/rfc6749#section-5.1 */
export interface TokenAnswer {
  readonly token_type: 'Bearer';
  readonly access_token: string;
  readonly expires_in: number;
}

/** RFC 6749 lets the life be left out; Entra ID's least is an hour: https://learn.microsoft.com/en-us/entra/identity-platform/configurable-token-lifetimes */
const DEFAULT_LIFE_S = 3_600;
const MOST_LIFE_S = 86_400;

/** What may stand in a header as a token: https://datatracker.ietf.org/doc/html/rfc6750#section-2.1 */
const TOKEN = /^[\w.~+/=-]+$/;

/**
 * Undefined: it is no such answer. Nothing else of it is taken over, and nothing of it is quoted. Hosts of managed
 * identities state the end (`expires_on`) in place of the life.
 */
export function readTokenAnswer(body: Uint8Array, nowMs: number): TokenAnswer | undefined {
  const { access_token: token, expires_in: life, expires_on: end } = objectIn(body);
  const endS = wholeOf(end);
  const lifeS = wholeOf(life ?? (typeof endS === 'number' ? endS - Math.floor(nowMs / 1000) : DEFAULT_LIFE_S));
  if (typeof token !== 'string' || !TOKEN.test(token)) return undefined;
  if (typeof lifeS !== 'number' || !(lifeS >= 1)) return undefined;
  return { token_type: 'Bearer', access_token: token, expires_in: Math.min(lifeS, MOST_LIFE_S) };
}

/** Some services write numbers as texts. */
const wholeOf = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;

interface Read {
  readonly access_token?: unknown;
  readonly expires_in?: unknown;
  readonly expires_on?: unknown;
}

function objectIn(body: Uint8Array): Read {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
