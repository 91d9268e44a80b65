import type { Send } from '../http/types.ts';
import { isGuid } from '../runtime/guid.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Cloud, graphScope } from './clouds.ts';
import type { Credential } from './credential.ts';
import { authErrors } from './errors.ts';
import { managedIdentityTokens } from './managed-identity.ts';
import { msalTokens } from './msal.ts';
import type { AccessToken } from './token-source.ts';

/** Who signs in, and where. */
export interface IdentityOptions {
  readonly cloud: Cloud;
  /** Id or domain of the tenant. */
  readonly tenantId: string;
  /** Client id of the app registration; a managed identity needs none. */
  readonly clientId?: string | undefined;
  readonly credential: Credential;
  /** Default: the cloud's Graph. */
  readonly scope?: string | undefined;
  /** Another login service than the cloud's, for example a simulator; plain http is allowed here. */
  readonly loginUrl?: string | undefined;
  /** Carries the token requests, with its own retries. */
  readonly send: Send;
  readonly runtime: Runtime;
}

/**
 * Fetches tokens by any kind of credential. A token of another tenant than the configured one is not used.
 *
 * @throws SluiceError of surface `login`, or of surface `config`: `identity_invalid`, `tenant_mismatch`,
 *   `federated_token_unusable`, `managed_identity_missing`, `managed_identity_unavailable`
 */
export function signIn(options: IdentityOptions): () => Promise<AccessToken> {
  const fetchToken = fetcher(options);
  return async () => {
    const token = await fetchToken();
    const wanted = options.tenantId.toLowerCase();
    // A tenant that is named by its domain cannot be compared; a token that is no JWT says nothing.
    if (!isGuid(wanted) || token.tenantId === undefined || token.tenantId.toLowerCase() === wanted) return token;
    throw authErrors.tenant_mismatch({ wanted, given: token.tenantId });
  };
}

function fetcher(options: IdentityOptions): () => Promise<AccessToken> {
  const { credential, clientId, cloud } = options;
  if (credential.kind === 'managed-identity') {
    const audience = (options.scope ?? graphScope(cloud)).replace(/\/\.default$/, '');
    return managedIdentityTokens({ ...options, credential, audience });
  }
  if (clientId === undefined) throw authErrors.identity_invalid({ reason: 'the client id is missing' });
  return msalTokens({ ...options, credential, clientId });
}
