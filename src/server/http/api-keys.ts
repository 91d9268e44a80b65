import { createHash, timingSafeEqual } from 'node:crypto';
import type { SluiceConfig } from '../../config/schema.ts';
import { isLoopback } from '../../config/sections/server.ts';
import { tenantsOf } from '../../sending/destinations.ts';
import { httpErrors } from '../errors.ts';

/** What a request says about who sends it. */
export interface Claims {
  readonly authorization: string | undefined;
  readonly apiKey: string | undefined;
  /** The `Host` header. */
  readonly host: string | undefined;
}

/**
 * The tenant that a request comes from. Without keys only this machine is let in, and only under a loopback name, so
 * that no web page can reach the server by a name of its own.
 *
 * @throws SluiceError `unauthenticated`
 */
export function tenantOfRequest(claims: Claims, config: SluiceConfig): string {
  const fallback = tenantsOf(config)[0]!;
  const keys = config.server.api_keys;
  if (keys.length === 0) {
    if (isLoopback(hostName(claims.host))) return fallback;
    throw unauthenticated('The Host header must be a loopback name.');
  }
  const given = claims.apiKey ?? /^Bearer +(\S+)$/i.exec(claims.authorization ?? '')?.[1];
  if (given === undefined) throw unauthenticated('Give a key as "Authorization: Bearer KEY" or "x-api-key: KEY".');
  // Every key is compared, so that time tells nothing about which one fitted.
  const fitting = keys.filter(({ key }) => equal(given, key.reveal()));
  if (fitting.length === 0) throw unauthenticated('The key is not known.');
  return fitting[0]!.tenant ?? fallback;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

const equal = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));

/** `[::1]:8686` as `::1`. */
function hostName(host = ''): string {
  return host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

const unauthenticated = (valid: string) => httpErrors.unauthenticated({ valid });
