import type { Secret } from '../runtime/secret.ts';

/**
 * The application permissions that a token states. Read for plans and reports only: Graph decides. A token that is no
 * JWT has none to show.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference
 */
export function readRoles(token: Secret): ReadonlySet<string> {
  try {
    const [, payload = ''] = token.reveal().split('.');
    const { roles } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { roles?: unknown };
    return new Set(Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : []);
  } catch {
    return new Set();
  }
}
