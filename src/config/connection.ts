import type { CloudName } from '../auth/clouds.ts';
import type { Credential } from '../auth/credential.ts';
import type { ProxySettings } from '../http/proxy.ts';
import { configErrors } from './errors.ts';
import type { SluiceConfig } from './schema.ts';

/** How to reach one tenant: what a Graph client is made with. */
export interface Connection {
  readonly tenantId: string;
  /** Undefined: a managed identity signs in. */
  readonly clientId: string | undefined;
  readonly credential: Credential;
  readonly cloud: CloudName;
  readonly graphUrl?: string | undefined;
  readonly loginUrl?: string | undefined;
  readonly maxRetries: number;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly initialBackoffMs?: number | undefined;
  readonly maxBackoffMs?: number | undefined;
  readonly breakerFailures: number;
  readonly breakerPauseMs?: number | undefined;
  readonly proxy: ProxySettings;
  readonly ca: string | undefined;
}

/** Retries of one Graph request after its first attempt. */
const DEFAULT_GRAPH_RETRIES = 6;

/**
 * The connection that a configuration describes.
 *
 * @throws SluiceError `config_invalid` naming every key that is missing
 */
export function connectionOf({ auth, endpoints, resilience, network }: SluiceConfig): Connection {
  const { tenant_id: tenantId, client_id: clientId } = auth;
  const credential = credentialOf(auth);
  const missing = [
    ...(tenantId === undefined ? ['TEAMS_TENANT_ID (auth.tenant_id) is not set'] : []),
    ...(clientId === undefined && credential?.kind !== 'managed-identity'
      ? ['TEAMS_CLIENT_ID (auth.client_id) is not set']
      : []),
    ...(credential === undefined
      ? [
          'TEAMS_CLIENT_SECRET (auth.client_secret) is not set (or TEAMS_CLIENT_CERTIFICATE, TEAMS_FEDERATED_TOKEN_FILE, TEAMS_MANAGED_IDENTITY)',
        ]
      : []),
  ];
  if (missing.length > 0 || tenantId === undefined || credential === undefined)
    throw configErrors.connection_incomplete({ missing });
  return {
    tenantId,
    clientId,
    credential,
    cloud: auth.cloud,
    ...patience(resilience),
    proxy: proxyOf(network),
    ca: network.ca,
    graphUrl: endpoints.graph_url,
    loginUrl: endpoints.login_url,
  };
}

/** The proxies that a configuration names. */
export function proxyOf(network: SluiceConfig['network']): ProxySettings {
  return {
    httpsProxy: network.https_proxy,
    httpProxy: network.http_proxy,
    allProxy: network.all_proxy,
    noProxy: network.no_proxy,
  };
}

function patience(resilience: SluiceConfig['resilience']) {
  const { initial_backoff_ms: initialBackoffMs, max_backoff_ms: maxBackoffMs } = resilience;
  const { circuit_breaker_timeout_ms: breakerPauseMs } = resilience;
  return {
    maxRetries: resilience.max_retries ?? DEFAULT_GRAPH_RETRIES,
    timeoutMs: resilience.request_timeout_ms,
    connectTimeoutMs: resilience.connection_timeout_ms,
    breakerFailures: resilience.circuit_breaker_threshold,
    initialBackoffMs,
    maxBackoffMs,
    breakerPauseMs,
  };
}

/** How the app proves who it is; a certificate beats a secret, and the others stand alone. */
export function credentialOf(auth: SluiceConfig['auth']): Credential | undefined {
  const whole = auth.certificate ?? auth.federated_token_file ?? auth.managed_identity;
  if (whole) return whole;
  return auth.client_secret && { kind: 'secret', secret: auth.client_secret };
}
