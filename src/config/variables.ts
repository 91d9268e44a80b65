import { outboxSection } from '../outbox/section.ts';
import { type Form, formed } from '../settings/form.ts';
import type { Section } from '../settings/section.ts';
import { attendanceSection } from './sections/attendance.ts';
import { authSection } from './sections/auth.ts';
import { botSection } from './sections/bot.ts';
import { endpointsSection } from './sections/endpoints.ts';
import { lakeSection } from './sections/lake.ts';
import { multiTenantSection } from './sections/multi-tenant.ts';
import { networkSection } from './sections/network.ts';
import { resilienceSection } from './sections/resilience.ts';

interface Variable {
  /** Where it goes in the configuration. */
  readonly path: readonly [string, ...string[]];
  readonly form: Form;
}

/** Every environment variable, and the key of `sluice.yaml` that it stands for. What it means is said in the schema. */
export const variables: Readonly<Record<string, Variable>> = {
  ...variablesOf(authSection),
  ...variablesOf(endpointsSection),
  ...variablesOf(resilienceSection({})),
  ...variablesOf(multiTenantSection),
  TEAMS_WEBHOOK_URL: { path: ['receivers', 'default', 'webhook'], form: 'text' },
  TEAMS_WEBHOOK_ALLOWED_HOSTS: { path: ['webhooks', 'allowed_hosts'], form: 'list' },
  TEAMS_WEBHOOK_TWIN_HOSTS: { path: ['webhooks', 'twin_hosts'], form: 'list' },
  ...variablesOf(networkSection),
  ...variablesOf(outboxSection),
  ...variablesOf(botSection),
  SLUICE_LOG_LEVEL: { path: ['log_level'], form: 'text' },
  ...variablesOf(lakeSection(0)),
  ...variablesOf(attendanceSection),
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
