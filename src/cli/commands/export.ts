import { join } from 'node:path';
import { Command, Option } from 'commander';
import { type ExportFormat, exportFormats, exportLake, tablesBehind } from '../../lake/export/export.ts';
import type { ExportReport } from '../../lake/export/report.ts';
import { storeBelow } from '../../lake/stores/below.ts';
import { systemRuntime } from '../../runtime/runtime.ts';
import { tables } from '../../tables/index.generated.ts';
import type { ExitCode, Io } from '../io.ts';
import { type CommandLake, existing, lakeAt, scratchOf, withLake } from '../lake.ts';
import { lakeOption } from '../lake-options.ts';
import { lakeSettings } from '../lake-settings.ts';
import {
  configOption,
  heldTables,
  jsonOption,
  span,
  tablesOption,
  tenantOption,
  writerWaitOption,
} from '../options.ts';
import { exportEvent, renderExport, renderNotExported } from '../render/export.ts';
import { forEachLake, lakesOf, tenantHeading } from '../tenants.ts';

interface Options {
  readonly lake?: string;
  readonly config?: string;
  readonly tenant?: string[];
  readonly tables?: string[];
  readonly json?: boolean;
  readonly wait?: number;
  readonly format: ExportFormat;
  readonly to?: string;
  readonly full?: boolean;
  readonly keep?: number;
}

/** `sluice export`: the rows that stand, as others read them. */
export function exportCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('export')
    .description(
      'Writes the rows that stand in a format that others read, or brings what it wrote before up to date: what is written is what changed. Who reads meanwhile sees one version or the next.',
    )
    .addOption(lakeOption('url'))
    .addOption(new Option('--format <format>', 'what is written').choices(exportFormats).default('parquet'))
    .addOption(new Option('--to <url>', 'a folder, or its URL; the format gets a folder in it (default: the lake)'))
    .addOption(tablesOption())
    .addOption(tenantOption())
    .addOption(new Option('--full', 'write everything anew'))
    .addOption(
      new Option(
        '--keep <duration>',
        'how long replaced files live on for those who read them (default: 7d)',
      ).argParser(span),
    )
    .addOption(writerWaitOption('default: not'))
    .addOption(configOption())
    .addOption(jsonOption('print the report as JSON'))
    .addHelpText(
      'after',
      '\nExamples:\n  sluice export --format parquet --to ./out\n  sluice export --format json --tables messages,message_replies --to ./out\n  sluice export --format delta     # in the folder of the lake',
    )
    .action(async (options: Options) => {
      const names = heldTables(options.tables).map(({ name }) => name);
      const settings = await lakeSettings(io, options);
      const lakes = await lakesOf(await existing(await lakeAt(io, settings), io.signal), options.tenant);
      const to = options.to === undefined ? undefined : await lakeAt(io, { ...settings, url: options.to });
      exit(await forEachLake(io, lakes, (lake) => run(io, { lake, to: placeOf(to, lake) }, { ...options, names })));
    });
}

/** Each of several tenants has its own place, called as in the lake. */
function placeOf(to: CommandLake | undefined, lake: CommandLake): CommandLake {
  if (to === undefined) return lake;
  if (lake.tenantId === undefined) return to;
  const name = `tenant_id=${lake.tenantId}`;
  return { store: storeBelow(to.store, name), folder: to.folder && join(to.folder, name) };
}

async function run(
  io: Io,
  { lake, to }: { readonly lake: CommandLake; readonly to: CommandLake },
  options: Options & { readonly names: readonly string[] },
): Promise<ExitCode> {
  const { names, wait: waitMs } = options;
  const { store, tenantId } = lake;
  const behind = await tablesBehind({ store, tables, names }, io.signal);
  if (behind.length > 0) {
    // A run was killed before it showed what it had landed.
    await withLake(io, { lake, purpose: 'export', waitMs }, (opened) => opened.publish({ tables: behind }, io.signal));
  }
  const report = await exportLake(
    {
      store,
      tables,
      names,
      format: options.format,
      to: to.store,
      runtime: systemRuntime,
      scratchDir: scratchOf(to),
      isFull: options.full,
      retentionMs: options.keep,
      waitMs,
      onWait: () => io.err(`Waiting for another export, which writes ${to.store.description}.\n`),
    },
    io.signal,
  );
  io.out(
    options.json
      ? `${JSON.stringify({ ...exportEvent(report), tenantId })}\n`
      : `${tenantHeading(lake)}${renderExport(report, io)}`,
  );
  if (!options.json) io.err(renderNotExported(report));
  return exitCodeOfExport(report);
}

function exitCodeOfExport({ tables: exported, notExported }: ExportReport): ExitCode {
  if (notExported.length === 0) return 0;
  return exported.length === 0 ? 1 : 3;
}
