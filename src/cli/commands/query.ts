import { Command, Option } from 'commander';
import { openReader, type QueryRow, type QueryStream } from '../../lake/query/query.ts';
import { jsonLine } from '../../lake/query/values.ts';
import { tables } from '../../tables/index.generated.ts';
import { views } from '../../tables/views/index.ts';
import type { ExitCode, Io } from '../io.ts';
import { existing, lakeAt } from '../lake.ts';
import { lakeOption } from '../lake-options.ts';
import { lakeSettings } from '../lake-settings.ts';
import { configOption, jsonOption } from '../options.ts';
import { csvLine } from '../render/csv.ts';
import { renderRows } from '../render/table.ts';

interface Options {
  readonly lake?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly excel?: boolean;
}

/** `sluice query "SQL"`: DuckDB over the lake's current rows. */
export function queryCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('query')
    .description(
      'Runs SQL (DuckDB) over the current rows of every table; <table>_changes holds the history. Reads only; works while a sync writes.',
    )
    .argument('<sql>', 'a SELECT')
    .addOption(lakeOption('url'))
    .addOption(configOption())
    .addOption(jsonOption('one JSON object a row').conflicts('csv'))
    .addOption(new Option('--csv', 'comma-separated, with a header'))
    .addOption(
      new Option('--excel', 'CSV for a spreadsheet: texts that it would run as formulas are disarmed').conflicts(
        'json',
      ),
    )
    .addHelpText('after', '\nExample:\n  sluice query "SELECT count(*) FROM messages"')
    .action(async (sql: string, options: Options) => {
      await runQuery(io, sql, options);
      exit(0);
    });
}

export async function runQuery(io: Io, sql: string, options: Options): Promise<void> {
  const settings = await lakeSettings(io, options);
  const { store } = await existing(await lakeAt(io, settings), io.signal);
  await using reader = await openReader({ store, tables, views });
  if (options.json) await reader.stream(sql, (answer) => writeLines(io, answer, jsonLine), io.signal);
  else if (options.csv || options.excel) {
    const line = (row: readonly unknown[]) => csvLine(row, options);
    await reader.stream(sql, (answer) => writeLines(io, answer, line, line), io.signal);
  } else await reader.stream(sql, (answer) => writeTable(io, answer), io.signal);
}

/** Rows of a table on the terminal are aligned in groups of this many: a longer answer is not held as a whole. */
const GROUP_ROWS = 1_000;

async function writeTable(io: Io, { columns, batches }: QueryStream): Promise<void> {
  let before = 0;
  for await (const rows of grouped(batches)) {
    io.out(`${renderRows(columns, rows, { columns: io.columns, before })}\n`);
    before += rows.length;
    if ((await io.drained?.()) === false) return;
  }
  io.out(`(${before} ${before === 1 ? 'row' : 'rows'})\n`);
}

/** Rows in groups of {@link GROUP_ROWS}; an answer without rows is one group without rows. */
async function* grouped(batches: QueryStream['batches']): AsyncGenerator<readonly QueryRow[]> {
  let group: QueryRow[] = [];
  for await (const batch of batches) {
    for (const row of batch) {
      if (group.length === GROUP_ROWS) {
        yield group;
        group = [];
      }
      group.push(row);
    }
  }
  yield group;
}

/** Rows go out as they are found; a slow reader slows the query down. */
async function writeLines(
  io: Io,
  { columns, batches }: QueryStream,
  line: (row: QueryRow, columns: readonly string[]) => string,
  header?: (columns: readonly string[]) => string,
): Promise<void> {
  if (header) io.out(header(columns));
  for await (const batch of batches) {
    io.out(batch.map((row) => line(row, columns)).join(''));
    if ((await io.drained?.()) === false) return;
  }
}
