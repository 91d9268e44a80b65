import { placeFrom } from '../settings/form.ts';
import type { Override } from './variables.ts';

/**
 * The variables of the container job that `sluice attendance` takes the place of. They count for that command alone: names
 * such as `tenant` mean something else to others.
 */
export const originalVariables = {
  tenant: 'Directory (tenant) id.',
  client_id: 'Application (client) id.',
  client_screte: 'Client secret, as the original job spells it; client_secret is stronger.',
  client_secret: 'Client secret.',
  SGA_UPN: 'A user whose meetings are read.',
  SGA_UPN2: 'A second one.',
  SGA_UPN3: 'A third one.',
  REG_ACCOUNT_URL: 'URL of the storage account that the checkpoint lies in.',
  REG_CONTAINER: 'Its container. Default: staging.',
  REG_BLOB_NAME: 'The name of its blob. Default: msteams/registry/latest_meeting_start.txt.',
} as const;

type OriginalVariable = keyof typeof originalVariables;

const USERS: readonly OriginalVariable[] = ['SGA_UPN', 'SGA_UPN2', 'SGA_UPN3'];
const OF_CHECKPOINT: readonly OriginalVariable[] = ['REG_CONTAINER', 'REG_BLOB_NAME'];
const CONTAINER = 'staging';
const BLOB = 'msteams/registry/latest_meeting_start.txt';

/** What the original environment says, as overrides of the sections, and what is wrong with it. */
export interface OriginalEnvironment {
  readonly overrides: readonly Override[];
  /** With the variable that each is about, never its value. */
  readonly faults: readonly string[];
  /** The same of those who are named: they do not count where somebody else is. */
  readonly faultsOfUsers: readonly string[];
  /** Where the original job wrote everything: a store. Undefined: its account is not named. */
  readonly container: string | undefined;
}

/** @see docs/attendance.md for what each variable becomes */
export function originalEnvironment(environment: Readonly<Record<string, string | undefined>>): OriginalEnvironment {
  const said = (name: OriginalVariable): string | undefined => environment[name]?.trim() || undefined;
  const override = (source: string, path: readonly string[], value: unknown): readonly Override[] =>
    value === undefined ? [] : [{ source, path, value }];

  const users = USERS.filter((name) => said(name) !== undefined);
  const account = said('REG_ACCOUNT_URL')?.replace(/\/+$/, '');
  const container = account && placeFrom(`${account}/${said('REG_CONTAINER') ?? CONTAINER}`, '.');
  const checkpoint = container && `${container}/${said('REG_BLOB_NAME') ?? BLOB}`;
  const secret: OriginalVariable = said('client_secret') === undefined ? 'client_screte' : 'client_secret';
  const overrides = [
    ...override('tenant', ['auth', 'tenant_id'], said('tenant')),
    ...override('client_id', ['auth', 'client_id'], said('client_id')),
    ...override(secret, ['auth', 'client_secret'], said(secret)),
    ...override(users.join(', '), ['attendance', 'accounts'], users.length > 0 ? users.map(said) : undefined),
    ...override('REG_ACCOUNT_URL', ['attendance', 'checkpoint'], checkpoint),
  ];
  return { overrides, container, faults: lonely(said, account), faultsOfUsers: emptyUsers(environment) };
}

/** A user that is set to nothing would be left out in silence. */
const emptyUsers = (environment: Readonly<Record<string, string | undefined>>): readonly string[] =>
  USERS.filter((name) => environment[name]?.trim() === '').map(
    (name) => `${name} is set and empty. Give a user, or take the variable away.`,
  );

/** The original had an account in its code. */
const lonely = (
  said: (name: OriginalVariable) => string | undefined,
  account: string | undefined,
): readonly string[] =>
  account === undefined
    ? OF_CHECKPOINT.filter((name) => said(name) !== undefined).map(
        (name) => `${name} is set, and REG_ACCOUNT_URL is not: give the URL of the storage account.`,
      )
    : [];
