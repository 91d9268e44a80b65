import { z } from 'zod';
import type { CloudName } from '../auth/clouds.ts';
import type { Credential } from '../auth/credential.ts';
import type { ProxySettings } from '../http/proxy.ts';
import { houseKinds } from '../notifiers/kinds.ts';
import type { ReferenceSources } from '../settings/references.ts';
import { configErrors } from './errors.ts';
import { fieldKit, sectionShapes } from './notifiers.ts';
import type { SluiceConfig } from './schema.ts';
import { SHARED_SECTION } from './section-names.ts';
import { authSection } from './sections/auth.ts';
import { endpointsSection } from './sections/endpoints.ts';
import { logLevel } from './sections/log-level.ts';
import { networkSection } from './sections/network.ts';
import { resilienceSection } from './sections/resilience.ts';

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

/** The sections that a connection is made of; the others may be wrong, or lack their secrets. */
export function connectionSections(sources: ReferenceSources, document: unknown) {
  return {
    auth: authSection.schema(sources).prefault({}),
    endpoints: endpointsSection.schema(sources).prefault({}),
    network: networkSection.schema(sources).prefault({}),
    resilience: resilienceSection(sharedFields(sources, document)).schema(sources).prefault({}),
    log_level: logLevel,
  };
}

/** What notifiers add to the section that they share. That of other packages is theirs to check, when they are loaded. */
function sharedFields(sources: ReferenceSources, document: unknown): Readonly<Record<string, z.ZodType>> {
  const { notifiers, [SHARED_SECTION]: shared } = Object(document) as Readonly<Record<string, unknown>>;
  const others = Array.isArray(notifiers) && notifiers.length > 0 ? Object.keys(Object(shared)) : [];
  return {
    ...Object.fromEntries(others.map((name) => [name, z.unknown()])),
    ...sectionShapes(houseKinds, fieldKit(sources))[SHARED_SECTION],
  };
}

/**
 * The connection that a configuration describes.
 *
 * @throws SluiceError `config_invalid` naming every key that is missing
 */
export function connectionOf({
  auth,
  endpoints,
  resilience,
  network,
}: Pick<SluiceConfig, 'auth' | 'endpoints' | 'resilience' | 'network'>): Connection {
  const { tenant_id: tenantId, client_id: clientId } = auth;
  const credential = credentialOf(auth);
  const missing = missingOf(auth).map(({ key, variable, or = '' }) => `${variable} (auth.${key}) is not set${or}`);
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

/** What nothing says of who signs in, by its key and its variable. */
export interface MissingKey {
  readonly key: 'tenant_id' | 'client_id' | 'client_secret';
  readonly variable: string;
  /** What else would do, in brackets. */
  readonly or?: string | undefined;
}

export function missingOf(auth: SluiceConfig['auth']): readonly MissingKey[] {
  const credential = credentialOf(auth);
  const needed: readonly (MissingKey & { readonly isGiven: boolean })[] = [
    { key: 'tenant_id', variable: 'TEAMS_TENANT_ID', isGiven: auth.tenant_id !== undefined },
    {
      key: 'client_id',
      variable: 'TEAMS_CLIENT_ID',
      isGiven: auth.client_id !== undefined || credential?.kind === 'managed-identity',
    },
    {
      key: 'client_secret',
      variable: 'TEAMS_CLIENT_SECRET',
      or: ' (or TEAMS_CLIENT_CERTIFICATE, TEAMS_FEDERATED_TOKEN_FILE, TEAMS_MANAGED_IDENTITY)',
      isGiven: credential !== undefined,
    },
  ];
  return needed.filter(({ isGiven }) => !isGiven);
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
