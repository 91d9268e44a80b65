import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type CloudName, clouds } from '../auth/clouds.ts';
import type { ManagedIdentity } from '../auth/credential.ts';
import { federatedTokenFile } from '../auth/federated-token.ts';
import { identityHost } from '../auth/identity-host.ts';
import { parseCardSource } from '../cards/parse-card.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import { parseProxyUrl } from '../http/proxy.ts';
import { MAX_BODY_BYTES } from '../messages/received.ts';
import type { FieldKit, NotifierKind } from '../notifiers/kind.ts';
import { houseKinds } from '../notifiers/kinds.ts';
import { outboxSection } from '../outbox/section.ts';
import { routingSchema } from '../router/config/schema.ts';
import { isGuid } from '../runtime/guid.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { Secret } from '../runtime/secret.ts';
import { closed, filled, pathIn, secretIn, whole } from '../settings/fields.ts';
import type { ReferenceSources } from '../settings/references.ts';
import { readCertificate } from './certificate.ts';
import { readAuthorities } from './credential.ts';
import { lakeSection } from './lake-section.ts';
import { configured, type SectionShapes, sectionShapes } from './notifiers.ts';
import { receiverSchema, receiversOf, timezone } from './receivers.ts';
import { type SectionName, SHARED_SECTION } from './section-names.ts';

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'Must be an http or https URL.' })
  .transform((text) => text.replace(/\/+$/, ''));
const milliseconds = (min: number, max: number) => whole(min, max);
const named = <Value extends z.ZodType>(value: Value) =>
  z.record(z.string().regex(/^[\w.-]{1,100}$/, 'A name has letters, digits, "_", "." and "-", at most 100.'), value);

const HOUR_MS = 3_600_000;
const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

/** Whether only this machine reaches the host. */
export const isLoopback = (host: string): boolean => LOOPBACK.includes(host.toLowerCase());

type WayToSignIn = 'certificate' | 'client_secret' | 'federated_token_file' | 'managed_identity';

/** Faults of ways to sign in that stand beside others. Only a certificate may: it beats a secret while one moves over. */
function waysToSignIn(given: { readonly [Way in WayToSignIn]?: unknown }) {
  const ways = (Object.keys(given) as WayToSignIn[]).filter((way) => WAYS.includes(way) && given[way] !== undefined);
  return LONELY.filter((way) => ways.includes(way) && ways.length > 1).map((way) => {
    const others = ways.filter((other) => other !== way).map((other) => `auth.${other}`);
    return { path: way, message: `Stands beside ${others.join(' and ')}. Keep one way to sign in.` };
  });
}

const LONELY: readonly WayToSignIn[] = ['federated_token_file', 'managed_identity'];
const WAYS: readonly WayToSignIn[] = ['certificate', 'client_secret', ...LONELY];

/**
 * The one schema of `sluice.yaml`, environment variables and flags. Unknown keys are refused. Secrets come out as
 * {@link Secret}, and no fault repeats a value.
 *
 * @param sources - where references to secrets and files lead
 * @param kinds - the notifiers that receivers may have
 */
export function configSchema(sources: ReferenceSources, kinds: readonly NotifierKind[] = houseKinds) {
  const kit = fieldKit(sources);
  const own = sectionShapes(kinds, kit);
  const { secret, path } = kit;

  /** Read with the configuration, so that a card that is no JSON stops the start and not a message. */
  const template = path.transform((file, context): unknown => {
    sources.onFile?.(file);
    try {
      return parseCardSource(readFileSync(file), file);
    } catch (error) {
      const message = isSluiceError(error) ? error.message : `The file ${file} cannot be read.`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  });

  const managedIdentity = filled.transform((text, context): ManagedIdentity => {
    const clientId = text.toLowerCase() === 'system' ? undefined : text;
    if (clientId === undefined || isGuid(clientId)) {
      return { kind: 'managed-identity', clientId, host: identityHost(sources.environment) };
    }
    context.addIssue({ code: 'custom', message: 'Must be "system" or the client id (a GUID) of an identity.' });
    return z.NEVER;
  });

  const auth = closed({
    tenant_id: filled.optional().describe('Directory (tenant) id.'),
    client_id: filled.optional().describe('Application (client) id of the app registration.'),
    client_secret: secret.optional().describe('Client secret. Or give a certificate.'),
    certificate: path
      .optional()
      .describe('File with the certificate and its private key: PEM, or PKCS #12 (.pfx). Instead of a secret.'),
    certificate_password: secret.optional().describe('Password of an encrypted key or a PKCS #12 file.'),
    federated_token_file: path
      .transform(federatedTokenFile)
      .optional()
      .describe(
        'File with the token of a federated identity, read at every sign-in: in Kubernetes the path that stands in AZURE_FEDERATED_TOKEN_FILE. Instead of a secret.',
      ),
    managed_identity: managedIdentity
      .optional()
      .describe(
        '"system" for the identity that Azure gives this machine, or the client id of a user-assigned one. Instead of client id and secret.',
      ),
    bot_app_id: filled.optional().describe('Application id of the bot.'),
    bot_app_secret: secret.optional().describe('Secret of the bot.'),
    cloud: z
      .enum(Object.keys(clouds) as CloudName[])
      .default('public')
      .describe('Which Microsoft cloud the tenant is in.'),
  }).transform(({ certificate: file, certificate_password: password, ...rest }, context) => {
    for (const { path, message } of waysToSignIn({ ...rest, certificate: file })) {
      context.addIssue({ code: 'custom', path: [path], message });
    }
    if (file === undefined) return { ...rest, certificate: undefined };
    sources.onFile?.(file);
    const certificate = readCertificate(file, password);
    if (!('problem' in certificate)) return { ...rest, certificate };
    context.addIssue({ code: 'custom', path: ['certificate'], message: certificate.problem });
    return z.NEVER;
  });

  const endpoints = closed({
    graph_url: httpUrl.optional().describe("Graph base URL with version, when it is not the cloud's own."),
    login_url: httpUrl.optional().describe("Login base URL, when it is not the cloud's own."),
  });

  const proxy = secret.transform((url, context) => {
    if (parseProxyUrl(url.reveal())) return url;
    context.addIssue({
      code: 'custom',
      message: 'Expected http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT.',
    });
    return z.NEVER;
  });

  const network = closed({
    https_proxy: proxy.optional().describe('Proxy for https, with name and password where it wants them.'),
    http_proxy: proxy.optional().describe('Proxy for plain http, which only test twins and private gateways speak.'),
    all_proxy: proxy.optional().describe('Proxy for whatever has none of its own.'),
    no_proxy: z
      .array(filled)
      .default([])
      .describe('Hosts without proxy: example.com with all below it, host:port, 10.0.0.0/8, *. Never this machine.'),
    ca: path
      .transform((file, context) => {
        sources.onFile?.(file);
        const authorities = readAuthorities(file);
        if (authorities !== undefined) return authorities;
        context.addIssue({ code: 'custom', message: `${file} must be readable and hold certificates in PEM.` });
        return z.NEVER;
      })
      .optional()
      .describe('PEM file with further certificate authorities, beside the built-in ones and NODE_EXTRA_CA_CERTS.'),
  });

  const resilience = closed({
    max_retries: whole(0, 20).optional().describe('Retries after the first attempt. Default: 6 reading, 9 sending.'),
    initial_backoff_ms: milliseconds(1, HOUR_MS)
      .optional()
      .describe('Longest wait before the first retry; it grows with each. Default: 500 reading, 1000 sending.'),
    max_backoff_ms: milliseconds(1, 24 * HOUR_MS)
      .optional()
      .describe(
        'Longest wait before any retry, unless the service asks for more. Default: 20 s reading, 10 h sending.',
      ),
    circuit_breaker_threshold: whole(1, 1_000)
      .default(5)
      .describe('Failures in a row after which an endpoint of Graph or of a receiver is left alone.'),
    circuit_breaker_timeout_ms: milliseconds(100, HOUR_MS)
      .optional()
      .describe('Time until it is probed again. Default: 10 s reading, 30 s sending.'),
    request_timeout_ms: milliseconds(100, 600_000)
      .default(30_000)
      .describe('Time limit of one request, reading and sending.'),
    connection_timeout_ms: milliseconds(100, 60_000)
      .default(10_000)
      .describe('Time limit for opening a connection, reading and sending.'),
    ...own[SHARED_SECTION],
    bot_rate_limit_per_second: whole(1, 7)
      .default(7)
      .describe('For the bot only, which is still to come: messages per conversation. The published limit is 7.'),
  }).refine(
    ({ initial_backoff_ms: first, max_backoff_ms: most }) => first === undefined || most === undefined || first <= most,
    { path: ['max_backoff_ms'], error: 'Must not be less than initial_backoff_ms.' },
  );

  const multiTenant = closed({
    enabled: z.boolean().default(false).describe('Several tenants in one process.'),
    allowed_tenants: z.array(filled).default([]).describe('Tenants that may send; others are refused.'),
    isolation: z
      .enum(['strict', 'shared_receivers'])
      .default('strict')
      .describe('strict: a tenant reaches its own receivers only. shared_receivers: also those without a tenant.'),
  }).refine(({ enabled, allowed_tenants: allowed }) => !enabled || allowed.length > 0, {
    path: ['allowed_tenants'],
    error: 'Name the tenants that may send.',
  });

  const cards = closed({
    links: z
      .enum(['any', 'public'])
      .default('any')
      .describe('Links that people open. any: http and https, internal addresses too. public: https to public hosts.'),
    image_hosts: z
      .array(filled)
      .default([])
      .describe('Hosts that images and media may come from although not public or not https, exact names.'),
    timezone: timezone.default('UTC').describe('Time zone of the times in cards, by its IANA name.'),
  });

  const server = closed({
    host: filled.default('127.0.0.1').describe('Address to listen on.'),
    port: whole(0, 65_535).default(8686).describe('Port; 0 is any free one.'),
    instance: filled.default('default').describe('Name of this process; each one on a shared database has its own.'),
    api_keys: z
      .array(closed({ key: secret, tenant: filled.optional() }))
      .default([])
      .describe('Keys that senders give as Bearer or x-api-key. Needed unless the host is this machine only.'),
    max_body_bytes: whole(1_024, MAX_BODY_BYTES).default(MAX_BODY_BYTES).describe('Largest request body.'),
    request_timeout_ms: milliseconds(100, 600_000).default(15_000).describe('Time for a client to send a request.'),
    drain_ms: milliseconds(0, 600_000).default(10_000).describe('Time for open requests at the end.'),
  }).refine(({ host, api_keys: keys }) => isLoopback(host) || keys.length > 0, {
    path: ['api_keys'],
    error: `Without keys the host must be one of ${LOOPBACK.join(', ')}.`,
  });

  const sections = {
    auth: auth.prefault({}),
    endpoints: endpoints.prefault({}),
    network: network.prefault({}),
    resilience: resilience.prefault({}),
    multi_tenant: multiTenant.prefault({}),
    cards: cards.prefault({}),
    notifiers: z
      .array(filled)
      .default([])
      .describe('Notifiers beside those of Sluice: names of packages, or paths of modules that begin with "./".'),
    receivers: named(receiverSchema(kinds, kit)).default({}),
    templates: named(template).default({}).describe('Card templates: name to JSON file.'),
    routing: routingSchema.optional(),
    lake: lakeSection(systemRuntime.now()).schema(sources).prefault({}),
    outbox: outboxSection.schema(sources).prefault({}),
    server: server.prefault({}),
    log_level: z
      .enum(['silent', 'error', 'warn', 'info', 'debug'])
      .default('warn')
      .describe('Which log lines are written.'),
  } satisfies Record<SectionName, z.ZodType>;
  return closed({ ...notifierSections(own), ...sections }).transform((given, context) => {
    const notifiers = configured(kinds, given, kit);
    const refuse = (path: readonly PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    const receivers = receiversOf(given.receivers, notifiers, refuse);
    for (const [name, { template: wanted }] of Object.entries(receivers)) {
      if (wanted === undefined || Object.hasOwn(given.templates, wanted)) continue;
      const valid = Object.keys(given.templates).join(', ') || 'none is defined';
      refuse(['receivers', name, 'template'], `Unknown template. Valid: ${valid}.`);
    }
    const config = { ...given, notifiers, receivers };
    checkTenants(config, refuse);
    return config;
  });
}

/** The sections that belong to notifiers alone. */
function notifierSections(own: SectionShapes): object {
  const { [SHARED_SECTION]: _, ...alone } = own;
  return Object.fromEntries(Object.entries(alone).map(([name, fields]) => [name, closed(fields).prefault({})]));
}

/** What the fields of notifiers are made of. */
export const fieldKit = (sources: ReferenceSources): FieldKit => ({
  z,
  text: filled,
  secret: secretIn(sources),
  path: pathIn(sources),
});

/** A configuration without faults. */
export type SluiceConfig = z.output<ReturnType<typeof configSchema>>;

type TenantsConfig = Pick<SluiceConfig, 'multi_tenant' | 'server'> & {
  readonly receivers: Readonly<Record<string, { readonly tenant?: string | undefined }>>;
};

/** Each key and each receiver belongs to a tenant that is allowed: nothing is shared by oversight. */
function checkTenants(config: TenantsConfig, refuse: (path: readonly PropertyKey[], message: string) => void): void {
  const { enabled, allowed_tenants: allowed, isolation } = config.multi_tenant;
  if (!enabled) return;
  const check = (tenant: string | undefined, path: PropertyKey[], needed: boolean) => {
    if (tenant === undefined ? !needed : allowed.includes(tenant)) return;
    refuse(path, `Expected one of: ${allowed.join(', ')}.`);
  };
  config.server.api_keys.forEach(({ tenant }, index) => {
    check(tenant, ['server', 'api_keys', index, 'tenant'], true);
  });
  for (const [name, { tenant }] of Object.entries(config.receivers)) {
    check(tenant, ['receivers', name, 'tenant'], isolation === 'strict');
  }
}

/** The schema for editors: JSON Schema draft 2020-12 of what may stand in `sluice.yaml`. */
export function configJsonSchema(): Record<string, unknown> {
  const sources = { environment: {}, folder: '.' };
  return z.toJSONSchema(configSchema(sources), { io: 'input', unrepresentable: 'any' });
}
