import { Command } from 'commander';
import type { ExitCode, Io } from '../io.ts';
import { existingLake, withLake } from '../lake.ts';
import { chosenTables, jsonOption, lakeOption, tablesOption } from '../options.ts';
import { renderTable } from '../render/table.ts';

/** `sluice compact`: fewer, larger files; the same answers. */
export function compactCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('compact')
    .summary('merge small files and refresh current/')
    .description(
      'Merges the change files of each table, refreshes current/, and removes files that no commit names. Queries answer the same before, during and after.',
    )
    .addOption(lakeOption())
    .addOption(tablesOption())
    .addOption(jsonOption('print the result as JSON'))
    .addHelpText('after', '\nExample:\n  sluice compact --lake ./lake')
    .action(async (options: { lake: string; tables?: string[]; json?: boolean }) => {
      const names = chosenTables(options.tables).map(({ name }) => name);
      const report = await withLake({ lake: existingLake(options.lake) }, (lake) =>
        lake.compact({ tables: names }, io.signal),
      );
      const rows = Object.entries(report.tables).map(([name, table]) => [
        name,
        table.filesBefore,
        table.filesAfter,
        table.rowsBefore,
        table.rowsAfter,
      ]);
      if (options.json) io.out(`${JSON.stringify({ event: 'compact', ...report })}\n`);
      else
        io.out(
          `${renderTable(['table', 'files before', 'after', 'change rows before', 'after'], rows, io)}\n${report.orphansRemoved} orphan files removed.\n`,
        );
      exit(0);
    });
}
