import { outboxSection } from '../outbox/section.ts';
import { type Form, formed } from '../settings/form.ts';
import type { Section } from '../settings/section.ts';
import { lakeSection } from './lake-section.ts';

interface Variable {
  /** Where it goes in the configuration. */
  readonly path: readonly [string, ...string[]];
  readonly form: Form;
}

/** Every environment variable, and the key of `sluice.yaml` that it stands for. What it means is said in the schema. */
export const variables: Readonly<Record<string, Variable>> = {
  TEAMS_TENANT_ID: { path: ['auth', 'tenant_id'], form: 'text' },
  TEAMS_CLIENT_ID: { path: ['auth', 'client_id'], form: 'text' },
  TEAMS_CLIENT_SECRET: { path: ['auth', 'client_secret'], form: 'text' },
  TEAMS_CLIENT_CERTIFICATE: { path: ['auth', 'certificate'], form: 'text' },
  TEAMS_CLIENT_CERTIFICATE_PASSWORD: { path: ['auth', 'certificate_password'], form: 'text' },
  TEAMS_FEDERATED_TOKEN_FILE: { path: ['auth', 'federated_token_file'], form: 'text' },
  TEAMS_MANAGED_IDENTITY: { path: ['auth', 'managed_identity'], form: 'text' },
  TEAMS_BOT_APP_ID: { path: ['auth', 'bot_app_id'], form: 'text' },
  TEAMS_BOT_APP_SECRET: { path: ['auth', 'bot_app_secret'], form: 'text' },
  TEAMS_CLOUD: { path: ['auth', 'cloud'], form: 'text' },
  TEAMS_GRAPH_URL: { path: ['endpoints', 'graph_url'], form: 'text' },
  TEAMS_LOGIN_URL: { path: ['endpoints', 'login_url'], form: 'text' },
  TEAMS_MAX_RETRIES: { path: ['resilience', 'max_retries'], form: 'number' },
  TEAMS_REQUEST_TIMEOUT_MS: { path: ['resilience', 'request_timeout_ms'], form: 'number' },
  TEAMS_MULTI_TENANT_ENABLED: { path: ['multi_tenant', 'enabled'], form: 'boolean' },
  TEAMS_ALLOWED_TENANTS: { path: ['multi_tenant', 'allowed_tenants'], form: 'list' },
  TEAMS_WEBHOOK_URL: { path: ['receivers', 'default', 'webhook'], form: 'text' },
  TEAMS_WEBHOOK_ALLOWED_HOSTS: { path: ['webhooks', 'allowed_hosts'], form: 'list' },
  TEAMS_WEBHOOK_TWIN_HOSTS: { path: ['webhooks', 'twin_hosts'], form: 'list' },
  // As curl reads them: both spellings, the lower-case one decides.
  ALL_PROXY: { path: ['network', 'all_proxy'], form: 'text' },
  all_proxy: { path: ['network', 'all_proxy'], form: 'text' },
  HTTP_PROXY: { path: ['network', 'http_proxy'], form: 'text' },
  http_proxy: { path: ['network', 'http_proxy'], form: 'text' },
  HTTPS_PROXY: { path: ['network', 'https_proxy'], form: 'text' },
  https_proxy: { path: ['network', 'https_proxy'], form: 'text' },
  NO_PROXY: { path: ['network', 'no_proxy'], form: 'list' },
  no_proxy: { path: ['network', 'no_proxy'], form: 'list' },
  SLUICE_CA_FILE: { path: ['network', 'ca'], form: 'text' },
  ...variablesOf(outboxSection),
  SLUICE_LOG_LEVEL: { path: ['log_level'], form: 'text' },
  ...variablesOf(lakeSection(0)),
};

function variablesOf({ name, variables: declared }: Section): Record<string, Variable> {
  const entries = Object.entries(declared);
  return Object.fromEntries(entries.map(([variable, { key, form }]) => [variable, { path: [name, key], form }]));
}

/** What a flag may set, by the name that the command line gives it. */
export const flags = {
  webhook: { path: ['receivers', 'default', 'webhook'], form: 'text' },
  outbox: { path: ['outbox', 'url'], form: 'text' },
  host: { path: ['server', 'host'], form: 'text' },
  port: { path: ['server', 'port'], form: 'number' },
  logLevel: { path: ['log_level'], form: 'text' },
} as const satisfies Readonly<Record<string, Variable>>;

export type Flags = { readonly [Name in keyof typeof flags]?: string | number | undefined };

/** One value from outside the file. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
  /** `TEAMS_CLOUD` or `--port`: stands in place of a line in faults. */
  readonly source: string;
}

/** What environment and flags say, the weaker first. Empty variables count as not set. */
export function overridesOf(environment: Readonly<Record<string, string | undefined>>, given: Flags = {}): Override[] {
  const fromEnvironment = Object.entries(variables).map(([name, row]) => override(row, environment[name], name));
  const fromFlags = Object.entries(flags).map(([name, row]) => {
    const value = given[name as keyof Flags];
    return override(row, value === undefined ? undefined : String(value), `--${kebab(name)}`);
  });
  return [...fromEnvironment, ...fromFlags].flatMap((found) => found ?? []);
}

function override({ path, form }: Variable, text: string | undefined, source: string): Override | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  return { path, value: formed(text.trim(), form), source };
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
