import { X509Certificate } from 'node:crypto';
import { ConfidentialClientApplication, type INetworkModule, LogLevel } from '@azure/msal-node';
import { loginError } from '../errors/login-error.ts';
import { isSluiceError, type SluiceError } from '../errors/sluice-error.ts';
import type { HttpRequest, Send } from '../http/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Secret } from '../runtime/secret.ts';
import { type Cloud, graphScope } from './clouds.ts';
import type { ClientCertificate, ClientSecret, FederatedToken } from './credential.ts';
import { authErrors } from './errors.ts';
import { readRoles, readTenantId } from './roles.ts';
import { readTokenAnswer } from './token-answer.ts';
import type { AccessToken } from './token-source.ts';

/** An app registration and how it proves itself. */
export interface AppOptions {
  readonly cloud: Cloud;
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: ClientSecret | ClientCertificate | FederatedToken;
  /** Default: the cloud's Graph. */
  readonly scope?: string | undefined;
  /** Another login service than the cloud's, for example a simulator; plain http is allowed here. */
  readonly loginUrl?: string | undefined;
  /** Carries the token requests, with its own retries. */
  readonly send: Send;
  readonly runtime: Runtime;
}

const TOKEN_ROUTE = '/{tenant-id}/oauth2/v2.0/token';
const DEFAULT_LIFE_MS = 3_600_000;

/**
 * Fetches tokens with MSAL, over our own transport. Authority metadata is supplied, so the token request is the only
 * one; MSAL's cache is passed over, because it does not share requests between callers.
 *
 * @throws SluiceError of surface `login`, or `identity_invalid` of surface `config`
 */
export function msalTokens(options: AppOptions): () => Promise<AccessToken> {
  const authority = new URL(`https://${options.loginUrl ? new URL(options.loginUrl).host : options.cloud.loginHost}`);
  const wireOrigin = options.loginUrl ? new URL(options.loginUrl).origin : authority.origin;
  const scope = options.scope ?? graphScope(options.cloud);
  let refusal: SluiceError | undefined;
  const onRefusal = (error: SluiceError) => {
    refusal = error;
  };
  const application = describeFailure(
    () =>
      new ConfidentialClientApplication({
        auth: {
          clientId: options.clientId,
          authority: `${authority.origin}/${options.tenantId}`,
          knownAuthorities: [authority.host],
          ...metadata(authority, options.tenantId),
          ...msalCredential(options.credential, onRefusal),
        },
        system: {
          networkClient: network(options, wireOrigin, onRefusal),
          loggerOptions: { piiLoggingEnabled: false, logLevel: LogLevel.Error, loggerCallback: () => {} },
        },
      }),
  );
  return async () => {
    refusal = undefined;
    const issuedAtMs = options.runtime.now();
    try {
      const result = await application.acquireTokenByClientCredential({ scopes: [scope], skipCache: true });
      if (!result) throw new Error('no result');
      // MSAL reckons the expiry from the stated life on the system clock; the life alone is taken over.
      const lifeMs = result.expiresOn ? result.expiresOn.getTime() - Date.now() : DEFAULT_LIFE_MS;
      const value = new Secret(result.accessToken);
      return {
        value,
        issuedAtMs,
        expiresAtMs: issuedAtMs + lifeMs,
        roles: readRoles(value),
        tenantId: readTenantId(value),
      };
    } catch (error) {
      throw refusal ?? identityInvalid(error);
    }
  };
}

function metadata(authority: URL, tenantId: string) {
  const base = `${authority.origin}/${tenantId}`;
  return {
    authorityMetadata: JSON.stringify({
      token_endpoint: `${base}/oauth2/v2.0/token`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      issuer: `${base}/v2.0`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
    }),
    cloudDiscoveryMetadata: JSON.stringify({
      tenant_discovery_endpoint: `${base}/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [{ preferred_network: authority.host, preferred_cache: authority.host, aliases: [authority.host] }],
    }),
  };
}

function msalCredential(credential: AppOptions['credential'], onRefusal: (error: SluiceError) => void) {
  if (credential.kind === 'secret') return { clientSecret: credential.secret.reveal() };
  if (credential.kind === 'federated') return { clientAssertion: () => assertionOf(credential, onRefusal) };
  const thumbprintSha256 = describeFailure(() =>
    new X509Certificate(credential.certificate).fingerprint256.replaceAll(':', '').toLowerCase(),
  );
  return {
    clientCertificate: {
      thumbprintSha256,
      privateKey: credential.privateKey.reveal(),
      ...(credential.sendChain && { x5c: credential.certificate }),
    },
  };
}

/** MSAL wraps what is thrown here too. */
async function assertionOf({ assertion }: FederatedToken, onRefusal: (error: SluiceError) => void): Promise<string> {
  try {
    return (await assertion()).reveal();
  } catch (error) {
    if (isSluiceError(error)) onRefusal(error);
    throw error;
  }
}

/** MSAL wraps what its transport throws, so a refusal is also handed over beside it. */
function network(options: AppOptions, wireOrigin: string, onRefusal: (error: SluiceError) => void): INetworkModule {
  const exchange = async <T>(url: string, request: Pick<HttpRequest, 'method' | 'headers' | 'body'>) => {
    const { pathname, search } = new URL(url);
    const wire: HttpRequest = {
      ...request,
      url: `${wireOrigin}${pathname}${search}`,
      route: TOKEN_ROUTE,
      idempotent: true,
    };
    try {
      const response = await options.send(wire);
      if (response.status !== 200) throw loginError(response, wire, options.runtime.now());
      const body = readTokenAnswer(response.body, options.runtime.now());
      // Nothing of an answer that is none is looked at: a word in it is not a code of the service.
      if (!body) throw loginError({ status: 200, headers: {}, body: Buffer.of() }, wire);
      return { status: response.status, headers: {}, body: body as T };
    } catch (error) {
      onRefusal(isSluiceError(error) ? error : loginError({ status: 200, headers: {}, body: Buffer.of() }, wire));
      throw error;
    }
  };
  return {
    sendGetRequestAsync: (url, request) => exchange(url, { method: 'GET', headers: request?.headers ?? {} }),
    sendPostRequestAsync: (url, request) =>
      exchange(url, { method: 'POST', headers: request?.headers ?? {}, body: request?.body ?? '' }),
  };
}

function describeFailure<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw identityInvalid(error);
  }
}

/** MSAL's own refusal: a malformed id, key or certificate. Its message may quote input, so only its code is kept. */
function identityInvalid(error: unknown): SluiceError {
  const { errorCode, code } = error as { errorCode?: unknown; code?: unknown };
  return authErrors.identity_invalid({ reason: String(errorCode ?? code ?? 'malformed') });
}
