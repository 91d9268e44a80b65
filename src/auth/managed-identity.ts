import { isSluiceError, type SluiceError } from '../errors/sluice-error.ts';
import type { HttpRequest, HttpResponse, Send } from '../http/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Secret } from '../runtime/secret.ts';
import type { ManagedIdentity } from './credential.ts';
import { authErrors } from './errors.ts';
import type { IdentityHost } from './identity-host.ts';
import { readRoles, readTenantId } from './roles.ts';
import { readTokenAnswer } from './token-answer.ts';
import type { AccessToken } from './token-source.ts';

const ROUTE = '/managed-identity/token';
/** A machine outside of Azure has nobody at this address: that is told soon. */
const TIMEOUT_MS = 5_000;
const ATTEMPTS = 3;
/** How each host says that there is no such identity. 404 of the metadata service is one that is just being updated. */
const MISSING: Readonly<Record<IdentityHost['kind'], readonly number[]>> = {
  'app-service': [400, 404],
  metadata: [400],
};

/**
 * Fetches tokens of the machine's own identity. Not by MSAL: it keeps the first transport of the process for all
 * applications, so a second client would ask over one that is closed.
 *
 * @param options.audience - what the token is for, for example `https://graph.microsoft.com`
 * @throws SluiceError `managed_identity_missing`, `managed_identity_unavailable`
 */
export function managedIdentityTokens(options: {
  readonly credential: ManagedIdentity;
  readonly audience: string;
  readonly send: Send;
  readonly runtime: Runtime;
}): () => Promise<AccessToken> {
  const { send, runtime } = options;
  const request = tokenRequest(options.credential, options.audience);
  const where = new URL(request.url).host;
  return async () => {
    const issuedAtMs = runtime.now();
    const response = await send(request).catch((cause: unknown) => {
      throw authErrors.managed_identity_unavailable({ where, reason: codeOf(cause) }, { cause });
    });
    if (response.status !== 200) throw refusal(response, options.credential, where);
    const answer = readTokenAnswer(response.body, issuedAtMs);
    if (!answer) throw authErrors.managed_identity_unavailable({ where, reason: 'the answer is no token' });
    const value = new Secret(answer.access_token);
    return {
      value,
      issuedAtMs,
      expiresAtMs: issuedAtMs + answer.expires_in * 1000,
      roles: readRoles(value),
      tenantId: readTenantId(value),
    };
  };
}

function tokenRequest({ host, clientId }: ManagedIdentity, audience: string): HttpRequest {
  const url = new URL(host.endpoint);
  url.searchParams.set('resource', audience);
  if (clientId !== undefined) url.searchParams.set('client_id', clientId);
  url.searchParams.set('api-version', host.kind === 'app-service' ? '2019-08-01' : '2018-02-01');
  return {
    method: 'GET',
    url: url.href,
    route: ROUTE,
    headers: host.kind === 'app-service' ? { 'x-identity-header': host.header.reveal() } : { metadata: 'true' },
    timeoutMs: TIMEOUT_MS,
    attempts: ATTEMPTS,
  };
}

function refusal({ status }: HttpResponse, { clientId, host }: ManagedIdentity, where: string): SluiceError {
  if (MISSING[host.kind].includes(status)) {
    return authErrors.managed_identity_missing({ identity: clientId ?? 'system', status });
  }
  return authErrors.managed_identity_unavailable({ where, reason: `it answers ${status}` }, { recovery: 'retry' });
}

const codeOf = (cause: unknown): string => (isSluiceError(cause) ? cause.code : 'unexpected');
