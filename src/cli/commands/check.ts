import { Command } from 'commander';
import { resourceNamed } from '../../resources/index.ts';
import type { TableShape } from '../../schema/column.ts';
import { missingPermissions } from '../../sync/plan.ts';
import { configInput } from '../configuration.ts';
import { withConnection } from '../connect.ts';
import type { ExitCode, Io } from '../io.ts';
import { chosenTables, configOption, jsonOption, tablesOption } from '../options.ts';
import { renderTable } from '../render/table.ts';

/** What the token allows for one table. */
interface TableCheck {
  readonly table: string;
  readonly ok: boolean;
  /** Permissions of which any one is enough; the least is first. */
  readonly permissions: readonly string[];
  /** The permission to grant, when the table cannot be read. */
  readonly missing?: string;
}

interface Options {
  readonly tables?: string[];
  readonly config?: string;
  readonly json?: boolean;
}

/** `sluice check`: signs in and compares the token's permissions with what the tables need. */
export function checkCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('check')
    .description('Signs in, reads the permissions of the token, and says which table each missing one costs.')
    .addOption(tablesOption())
    .addOption(configOption())
    .addOption(jsonOption('print the result as JSON'))
    .addHelpText('after', '\nExample:\n  sluice check --tables messages')
    .action(async (options: Options) => exit(await run(io, options)));
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const tables = chosenTables(options.tables);
  return withConnection(configInput(io, { config: options.config }), async ({ graph, connection }) => {
    const granted = await graph.permissions(io.signal);
    const checks = tables.map((table) => checkTable(table, granted));
    if (options.json) {
      io.out(
        `${JSON.stringify({ tenantId: connection.tenantId, clientId: connection.clientId, permissions: [...granted].sort(), tables: checks })}\n`,
      );
    } else {
      io.out(`Signed in to tenant ${connection.tenantId} as ${connection.clientId}.\n\n${render(checks, io)}\n`);
    }
    return checks.every(({ ok }) => ok) ? 0 : 3;
  });
}

function checkTable(table: TableShape, granted: ReadonlySet<string>): TableCheck {
  const { reads, details } = resourceNamed(table.resource);
  const permissions = [...new Set([...reads, ...(details ? [details] : [])].flatMap((read) => read.permissions))];
  const ok = reads.some((read) => missingPermissions(read, granted).length === 0);
  return { table: table.name, ok, permissions, ...(!ok && { missing: reads[0].permissions[0]! }) };
}

function render(checks: readonly TableCheck[], io: Io): string {
  const rows = checks.map(({ table, ok, permissions, missing }) => [
    ok ? 'ok' : 'no',
    table,
    missing === undefined ? '' : `grant ${missing} and admin consent`,
    `any of ${permissions.join(', ')}`,
  ]);
  return renderTable(['', 'table', 'to do', 'needs'], rows, { ...io, wrap: true });
}
