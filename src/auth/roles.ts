import { isGuid } from '../runtime/guid.ts';
import type { Secret } from '../runtime/secret.ts';

/** `ChannelMessage.Read.All`. What is none is not shown to anybody. */
const ROLE = /^[A-Za-z][\w.-]{0,119}$/;

/**
 * The application permissions that a token states. Read for plans and reports only: Graph decides. A token that is no
 * JWT has none to show.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference
 */
export function readRoles(token: Secret): ReadonlySet<string> {
  const { roles } = claimsOf(token);
  return new Set(Array.isArray(roles) ? roles.filter((role) => typeof role === 'string' && ROLE.test(role)) : []);
}

/** The id of the tenant that a token is for, also where the tenant was named by a domain. */
export function readTenantId(token: Secret): string | undefined {
  const { tid } = claimsOf(token);
  return typeof tid === 'string' && isGuid(tid) ? tid : undefined;
}

function claimsOf(token: Secret): { readonly roles?: unknown; readonly tid?: unknown } {
  try {
    const [, payload = ''] = token.reveal().split('.');
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
