import { Command } from 'commander';
import { type AccountAccess, accountAccess, tablesOfAccounts } from '../../attendance/account-access.ts';
import { membersOfGroups } from '../../attendance/group-members.ts';
import { POLICY_APP } from '../../errors/graph-access-rules.ts';
import type { GraphClient } from '../../graph/types.ts';
import { resourceNamed } from '../../resources/index.ts';
import type { TableShape } from '../../schema/column.ts';
import { idsOfNames } from '../../sync/by-name.ts';
import { leastPermissions, manifestOf, resourceSpecific } from '../../sync/least-permissions.ts';
import { missingPermissions, resourcesOf } from '../../sync/plan.ts';
import { type Probe, probeReads } from '../../sync/probe.ts';
import { type AskedNames, askedOf, namesOf } from '../../sync/scope.ts';
import { configInput } from '../configuration.ts';
import { withConnection } from '../connect.ts';
import type { ExitCode, Io } from '../io.ts';
import { scopeKeys, withLakeOptions } from '../lake-options.ts';
import { lakeSettings } from '../lake-settings.ts';
import { chosenTables, configOption, jsonOption } from '../options.ts';
import { renderTable } from '../render/table.ts';

/** What Graph and the token allow for one table. */
interface TableCheck {
  readonly table: string;
  readonly ok: boolean;
  /** Permissions of which any one is enough; the least is first. */
  readonly permissions: readonly string[];
  /** The permission to grant, when the table cannot be read. */
  readonly missing?: string | undefined;
  /** What Graph said to a request: its refusal decides, whatever the token shows. */
  readonly answer: Probe['answer'];
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

type Needs = ReturnType<typeof needsOf>;

interface Options {
  readonly tables?: string[] | undefined;
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

/** `sluice check`: signs in, asks Graph once for all that the tables need, and compares the token's permissions. */
export function checkCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return withLakeOptions(new Command('check'), ['tables', ...scopeKeys])
    .description(
      'Signs in, asks Graph once for each kind of data, of the first record or of one that is named, and says which table each missing permission costs, and what these tables need at least.',
    )
    .addOption(configOption())
    .addOption(jsonOption('print the result as JSON'))
    .addHelpText('after', '\nExample:\n  sluice check --tables messages')
    .action(async (options: Options) => exit(await run(io, options)));
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const settings = await lakeSettings(io, options);
  const tables = chosenTables(settings.tables, settings);
  return withConnection(configInput(io, { config: options.config }), async ({ graph, connection, runtime }) => {
    const granted = await graph.permissions(io.signal);
    const { names } = await idsOfNames(graph, namesOf(settings), io.signal);
    const probes = await probeReads({ graph, tables, asked: askedOf(names), now: () => runtime.now() }, io.signal);
    const checks = tables.map((table) => checkTable(table, granted, probes));
    const ofAccounts = tablesOfAccounts(tables);
    const named = { ids: names.users ?? [], unread: [] };
    const { ids, unread } =
      ofAccounts.length > 0 && names.users === undefined ? await accountsOf(io, options, graph) : named;
    const { tenantId, clientId } = connection;
    const tried = { graph, tables: ofAccounts, ids: ofAccounts.length > 0 ? ids : [], now: () => runtime.now() };
    const asked = await accountAccess(tried, io.signal);
    const accounts = [...asked, ...unread].map((one) => ({
      ...one,
      message: one.message?.replace(POLICY_APP, clientId ?? POLICY_APP),
    }));
    const needs = needsOf(tables, clientId);
    if (options.json) {
      const told = { tenantId, clientId, permissions: [...granted].sort(), tables: checks, accounts, ...needs };
      io.out(`${JSON.stringify(told)}\n`);
    } else {
      const signedIn = `Signed in to tenant ${tenantId} as ${clientId ?? 'its managed identity'}.`;
      const parts = [signedIn, render(checks, io), ...(accounts.length > 0 ? [renderAccounts(accounts, io)] : [])];
      io.out(`${[...parts, renderNeeds(needs)].join('\n\n')}\n`);
    }
    return checks.every(({ ok }) => ok) && accounts.every(({ policy }) => isWell(policy)) ? 0 : 3;
  });
}

/** The accounts whose meetings `sluice attendance` would read, where the configuration names some; and groups that it cannot read. */
async function accountsOf(
  io: Io,
  options: Options,
  graph: GraphClient,
): Promise<{ readonly ids: readonly string[]; readonly unread: readonly AccountAccess[] }> {
  const input = configInput(io, { config: options.config });
  const [{ loadSection }, { attendanceSection }] = await Promise.all([
    import('../../config/load-section.ts'),
    import('../../config/sections/attendance.ts'),
  ]);
  const { accounts = [], groups = [] } = loadSection(attendanceSection, input);
  const names: AskedNames = { users: accounts.map(({ user }) => user) };
  const found = accounts.length > 0 ? ((await idsOfNames(graph, names, io.signal)).names.users ?? []) : [];
  const { members, skipped } = await membersOfGroups(graph, groups, io.signal);
  return {
    ids: [...new Set([...found, ...members.map(({ id }) => id)])],
    unread: skipped.map(({ partition, code, message }) => ({ user: partition, policy: 'refused', code, message })),
  };
}

const isWell = (policy: AccountAccess['policy']): boolean => policy === 'granted' || policy === 'untried';

/** What is to be granted so that these tables can be read, at least. */
function needsOf(tables: readonly TableShape[], clientId: string | undefined) {
  const resources = resourcesOf(tables);
  const inPlaces = resourceSpecific(resources);
  return {
    least: leastPermissions(resources),
    resourceSpecific: inPlaces,
    manifest: inPlaces.length > 0 ? manifestOf(clientId, inPlaces) : undefined,
  };
}

function renderNeeds({ least, resourceSpecific: inPlaces, manifest }: Needs): string {
  return [
    `The least that these tables need: ${least.join(', ')}.`,
    ...(manifest
      ? [
          `For single teams and chats, by installing the app in them (resource-specific consent): ${inPlaces.map(({ permission, insteadOf }) => `${permission} instead of ${insteadOf}`).join(', ')}. In the manifest of the Teams app:`,
          JSON.stringify(manifest, undefined, 2),
        ]
      : []),
  ].join('\n');
}

function checkTable(table: TableShape, granted: ReadonlySet<string>, probes: readonly Probe[]): TableCheck {
  const { reads, details } = resourceNamed(table.resource);
  const permissions = [...new Set([...reads, ...(details ? [details] : [])].flatMap((read) => read.permissions))];
  const { answer, error } = probes.find(({ resource }) => resource === table.resource)!;
  const isShown = reads.some((read) => missingPermissions(read, granted).length === 0);
  const ok = answer === 'read' || (answer === 'untried' && isShown);
  const missing = ok || isShown ? undefined : reads[0].permissions[0]!;
  return {
    table: table.name,
    ok,
    permissions,
    missing,
    answer,
    code: error?.code,
    message: error?.message,
  };
}

function render(checks: readonly TableCheck[], io: Io): string {
  const rows = checks.map(({ table, ok, permissions, missing, answer, message = '' }) => [
    ok ? (answer === 'untried' ? 'untried' : 'ok') : 'no',
    table,
    missing === undefined ? message : `grant ${missing} and admin consent`,
    `any of ${permissions.join(', ')}`,
  ]);
  return renderTable(['', 'table', 'to do', 'needs'], rows, { ...io, wrap: true });
}

const POLICIES: Readonly<Record<AccountAccess['policy'], readonly [mark: string, said: string]>> = {
  granted: ['ok', 'an application access policy lets the application in'],
  missing: ['no', ''],
  refused: ['no', ''],
  untried: ['untried', 'organises no meeting that could be asked for'],
};

function renderAccounts(accounts: readonly AccountAccess[], io: Io): string {
  const rows = accounts.map(({ user, policy, message }) => [POLICIES[policy][0], user, message ?? POLICIES[policy][1]]);
  return renderTable(['', 'account', 'its meetings'], rows, { ...io, wrap: true });
}
