import { Command } from 'commander';
import type { ExitCode, Io } from '../io.ts';
import { type CommandLake, existing, lakeAt, withLake } from '../lake.ts';
import { lakeOption } from '../lake-options.ts';
import { lakeSettings } from '../lake-settings.ts';
import { configOption, heldTables, jsonOption, tablesOption, tenantOption, writerWaitOption } from '../options.ts';
import { renderTable } from '../render/table.ts';
import { forEachLake, lakesOf, tenantHeading } from '../tenants.ts';

interface Options {
  readonly lake?: string;
  readonly config?: string;
  readonly tenant?: string[];
  readonly tables?: string[];
  readonly json?: boolean;
  readonly wait?: number;
  readonly retention?: number | undefined;
}

/** `sluice compact`: fewer, larger files; the same answers. */
export function compactCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('compact')
    .description(
      'Makes many small files few, drops changes that are older than --retention, and removes files that nobody needs. Queries answer the same before, during and after.',
    )
    .addOption(lakeOption('url'))
    .addOption(tenantOption())
    .addOption(tablesOption())
    .addOption(writerWaitOption('default: until it ends'))
    .addOption(lakeOption('retention'))
    .addOption(configOption())
    .addOption(jsonOption('print the result as JSON'))
    .addHelpText('after', '\nExample:\n  sluice compact --lake ./lake')
    .action(async (options: Options) => {
      const names = heldTables(options.tables).map(({ name }) => name);
      const { retention, ...address } = await lakeSettings(io, options);
      const lakes = await lakesOf(await existing(await lakeAt(io, address), io.signal), options.tenant);
      exit(await forEachLake(io, lakes, (lake) => compact(io, lake, { ...options, retention, names })));
    });
}

async function compact(
  io: Io,
  lake: CommandLake,
  options: Options & { readonly names: readonly string[] },
): Promise<ExitCode> {
  const { names, wait, retention } = options;
  const report = await withLake(io, { lake, purpose: 'compact', waitMs: wait, retentionMs: retention }, (opened) =>
    opened.compact({ tables: names }, io.signal),
  );
  const rows = Object.entries(report.tables).map(([name, table]) => [
    name,
    table.filesBefore,
    table.filesAfter,
    table.rowsBefore,
    table.rowsAfter,
  ]);
  const { tenantId } = lake;
  if (options.json) io.out(`${JSON.stringify({ event: 'compact', tenantId, ...report })}\n`);
  else
    io.out(
      `${tenantHeading(lake)}${renderTable(['table', 'files before', 'after', 'rows in files before', 'after'], rows, io)}\nChanges are kept since version ${report.feedFrom}. ${report.orphansRemoved} orphan files removed${report.contentsRemoved > 0 ? `, ${report.contentsRemoved} files that no row names any more` : ''}.\n`,
    );
  return 0;
}
