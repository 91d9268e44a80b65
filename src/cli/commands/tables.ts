import { Command } from 'commander';
import type { Column, TableShape } from '../../schema/column.ts';
import { duckdbType } from '../../schema/sql.ts';
import { tables } from '../../tables/index.generated.ts';
import type { Io } from '../io.ts';
import { chosenTables, jsonOption } from '../options.ts';
import { renderTable } from '../render/table.ts';

/** `sluice tables [NAME]`: what can be landed. */
export function tablesCommand(io: Io): Command {
  return new Command('tables')
    .description('Lists the tables that Sluice lands, or the columns of one.')
    .argument('[name]', 'a table')
    .addOption(jsonOption('print the declaration as JSON'))
    .addHelpText('after', '\nExample:\n  sluice tables messages')
    .action((name: string | undefined, options: { json?: boolean }) => {
      const chosen = name === undefined ? tables : chosenTables([name]);
      if (options.json) io.out(`${JSON.stringify(name === undefined ? chosen : chosen[0], null, 2)}\n`);
      else io.out(`${name === undefined ? listing(io) : columnsOf(chosen[0]!, io)}\n`);
    });
}

function listing(io: Io): string {
  const rows = tables.map((table) => [table.name, table.ingestionType, table.primaryKey.join(', '), table.description]);
  return renderTable(['table', 'type', 'key', 'rows'], rows, { ...io, wrap: true });
}

function columnsOf(table: TableShape, io: Io): string {
  const rows = Object.entries<Column>(table.columns).map(([name, column]) => [
    name,
    duckdbType(column.type),
    column.description,
  ]);
  const key = `Key: ${table.primaryKey.join(', ')}.${table.cursor ? ` Cursor: ${table.cursor}.` : ''}`;
  return `${table.description}\n${key}\n\n${renderTable(['column', 'type', 'meaning'], rows, { ...io, wrap: true })}`;
}
