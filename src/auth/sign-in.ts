import { isSluiceError } from '../errors/sluice-error.ts';
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
  /**
   * The credential as it is configured now: asked when the login service refuses the one that is used, since secrets and
   * certificates are replaced while a process runs. Undefined, or a throw: there is no other.
   */
  readonly credentialNow?: (() => Credential | undefined) | undefined;
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
  let { credential } = options;
  let fetchToken = fetcher(options);
  const fetchWithNewest = async () => {
    try {
      return await fetchToken();
    } catch (error) {
      const newest = isRefused(error) ? otherThan(credential, options.credentialNow) : undefined;
      if (newest === undefined) throw error;
      const fetchAnew = fetcher({ ...options, credential: newest });
      const token = await fetchAnew();
      credential = newest;
      fetchToken = fetchAnew;
      return token;
    }
  };
  return async () => {
    const token = await fetchWithNewest();
    const wanted = options.tenantId.toLowerCase();
    // A tenant that is named by its domain cannot be compared; a token that is no JWT says nothing.
    if (!isGuid(wanted) || token.tenantId === undefined || token.tenantId.toLowerCase() === wanted) return token;
    throw authErrors.tenant_mismatch({ wanted, given: token.tenantId });
  };
}

const isRefused = (error: unknown): boolean => isSluiceError(error) && error.recovery === 'user_action';

/** What is configured now, when that is another credential than the one that was refused. */
function otherThan(refused: Credential, credentialNow: IdentityOptions['credentialNow']): Credential | undefined {
  try {
    const newest = credentialNow?.();
    return newest && proofOf(newest) !== proofOf(refused) ? newest : undefined;
  } catch {
    // It is being replaced: the refusal stands, and the next sign-in looks again.
    return undefined;
  }
}

/** What a credential proves itself with; of those that ask for it at every sign-in, what they are. */
function proofOf(credential: Credential): string {
  if (credential.kind === 'secret') return `secret ${credential.secret.reveal()}`;
  if (credential.kind === 'certificate')
    return `certificate ${credential.certificate} ${credential.privateKey.reveal()}`;
  return credential.kind;
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
