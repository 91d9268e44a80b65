import { Command, Option } from 'commander';
import { type Finding, type FsckReport, fsck, type Mending } from '../../lake/health/fsck.ts';
import type { RepairReport } from '../../lake/types.ts';
import { tables } from '../../tables/index.generated.ts';
import type { ExitCode, Io } from '../io.ts';
import { type CommandLake, existing, lakeAt, withLake } from '../lake.ts';
import { lakeOption } from '../lake-options.ts';
import { lakeSettings } from '../lake-settings.ts';
import { configOption, jsonOption, tenantOption, writerWaitOption } from '../options.ts';
import { count, renderTable } from '../render/table.ts';
import { forEachLake, lakesOf, tenantHeading } from '../tenants.ts';

interface Options {
  readonly lake?: string;
  readonly config?: string;
  readonly tenant?: string[];
  readonly repair?: boolean;
  readonly json?: boolean;
  readonly wait?: number;
}

/** `sluice fsck`: what is missing or damaged in a lake, what a repair costs, and the repair. */
export function fsckCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('fsck')
    .description(
      'Compares every file with what the log says of it: commits, table files (length, rows, checksum, values), what current/ shows. Says what a repair would do and what would be read again. Changes nothing without --repair.',
    )
    .addOption(lakeOption('url'))
    .addOption(tenantOption())
    .addOption(new Option('--repair', 'mend it: from other files or kept pages, else by reading again'))
    .addOption(writerWaitOption('with --repair; default: until it ends'))
    .addOption(configOption())
    .addOption(jsonOption('print the result as JSON'))
    .addHelpText('after', '\nExample:\n  sluice fsck --lake ./lake')
    .action(async (options: Options) => {
      const settings = await lakeSettings(io, options);
      const lakes = await lakesOf(await existing(await lakeAt(io, settings), io.signal), options.tenant);
      exit(await forEachLake(io, lakes, (lake) => checkLake(io, lake, options)));
    });
}

async function checkLake(io: Io, own: CommandLake, options: Options): Promise<ExitCode> {
  const { store, tenantId } = own;
  const look = () => fsck({ store, tables }, io.signal);
  const found = await look();
  if (!options.repair || found.findings.length === 0) {
    io.out(
      options.json
        ? `${JSON.stringify({ event: 'fsck', tenantId, ...found })}\n`
        : `${tenantHeading(own)}${render(found, io)}\n`,
    );
    return found.findings.length === 0 ? 0 : 3;
  }
  const access = { lake: own, purpose: 'repair', waitMs: options.wait, mendsLog: true } as const;
  const repaired = await withLake(io, access, (opened) => opened.repair(io.signal));
  const after = await look();
  io.out(
    options.json
      ? `${JSON.stringify({ event: 'fsck', tenantId, ...found, repaired, after })}\n`
      : `${tenantHeading(own)}${[render(found, io), '', ...outcome(found, repaired, after, io)].join('\n')}\n`,
  );
  const isWhole = after.findings.length === 0 && repaired.feedFrom === undefined && !isReadAgain(found, repaired);
  return isWhole ? 0 : 3;
}

/** What each remedy does, in words. */
const MENDINGS: Readonly<Record<Mending, string>> = {
  none_needed: 'nothing: no answer needs it',
  go_back: 'go on from the commit before it; what it brought is read again',
  show_again: 'make it anew from the log',
  copy: 'copy it from a file with the same bytes',
  rebuild: 'make it anew from other files of the lake',
  raw: 'land its kept pages again',
  list_again: 'drop it; the next sync lists this table again',
  fetch_again: 'drop it and its rows; the next sync with --hosted-contents fetches it again',
  read_again: 'drop it and forget positions; the next sync reads again',
  history_ends: 'drop it; no current row is lost, older changes are not complete any more',
};

function render(report: FsckReport, io: Io): string {
  const { findings, notes, cost, orphans, unnamed } = report;
  const rows = [...findings, ...notes].map(({ file, kind, why, table, rows, mending }: Finding) => [
    file,
    table === undefined ? '' : `${table}, ${count(rows ?? 0)} rows`,
    kind,
    why,
    MENDINGS[mending],
  ]);
  const head =
    findings.length === 0
      ? `Nothing is wrong with version ${report.version}: ${count(report.files)} files are as they were written.`
      : `${count(findings.length)} of the lake's files are not as they were written (version ${report.version} of ${report.newest} can be read).`;
  return [
    head,
    ...(rows.length > 0
      ? ['', renderTable(['file', 'holds', 'is', 'because', 'repair'], rows, { ...io, wrap: true })]
      : []),
    ...(cost.keptPages > 0 ? [`A repair lands ${count(cost.keptPages)} files of kept pages again.`] : []),
    ...(cost.partitions.length > 0
      ? [
          `A repair makes the next sync read ${count(cost.partitions.length)} partitions again, about ${count(cost.rows)} rows:`,
          ...cost.partitions.map((key) => `  ${key}`),
        ]
      : []),
    ...(unnamed.files > 0
      ? [
          `${count(unnamed.files)} files (${count(unnamed.bytes)} bytes) are named by no row; sluice compact removes them.`,
        ]
      : []),
    ...(orphans.files > 0
      ? [
          `${count(orphans.files)} files (${count(orphans.bytes)} bytes) are named by no commit; sluice compact removes those that nobody writes.`,
        ]
      : []),
  ].join('\n');
}

const isReadAgain = (found: FsckReport, { forgotten }: RepairReport) =>
  forgotten.length > 0 || found.findings.some(({ mending }) => mending === 'go_back' || mending === 'list_again');

function outcome(found: FsckReport, repaired: RepairReport, after: FsckReport, io: Io): string[] {
  const lines = (title: string, names: readonly string[]) =>
    names.length === 0 ? [] : [title, ...names.map((name) => `  ${name}`)];
  const { restored, dropped, landedAgain, forgotten, feedFrom } = repaired;
  return [
    ...lines('Restored:', restored),
    ...lines('Dropped from the log:', dropped),
    ...lines('Kept pages landed again:', landedAgain),
    ...lines('The next sync reads again:', forgotten),
    ...(feedFrom === undefined ? [] : [`Changes are complete after version ${feedFrom}.`]),
    ...(isReadAgain(found, repaired) ? ['Run sluice sync to read what was lost.'] : []),
    after.findings.length === 0 ? 'Nothing is wrong now.' : render(after, io),
  ];
}
