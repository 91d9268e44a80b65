import { tmpdir } from 'node:os';
import { Command, Option } from 'commander';
import { type GroupMember, membersOfGroups } from '../../attendance/group-members.ts';
import { takeOver } from '../../attendance/migration.ts';
import { publishDocuments } from '../../attendance/publish.ts';
import { attendanceTables } from '../../attendance/tables.ts';
import { type AttendanceJob, attendanceJob, whoKeys } from '../../config/attendance-job.ts';
import { type Account, documentName, layouts, placeOfFile } from '../../config/sections/attendance.ts';
import type { Override } from '../../config/variables.ts';
import { readLastingUrl } from '../../lake/stores/index.ts';
import type { Lake } from '../../lake/types.ts';
import { type Runtime, systemRuntime } from '../../runtime/runtime.ts';
import { formed } from '../../settings/form.ts';
import { unstartedRun } from '../../sync/outcomes.ts';
import { configInput } from '../configuration.ts';
import { withConnection } from '../connect.ts';
import type { ExitCode, Io } from '../io.ts';
import { type CommandLake, lakeAt, withLake } from '../lake.ts';
import { lakeFlags, lakeOption, lakeOptionOff, withLakeOptions } from '../lake-options.ts';
import { type CommandSettings, settled } from '../lake-settings.ts';
import { configOption, jsonOption, limitsOption, wholeNumber } from '../options.ts';
import { runShown } from '../run-sync.ts';
import { lakeOfConnection, sayTenant } from '../tenants.ts';

interface Options {
  readonly account?: readonly string[];
  readonly group?: readonly string[];
  readonly everybody?: boolean;
  readonly firstDays?: number;
  readonly checkpoint?: string;
  readonly snapshots?: string;
  readonly layout?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly limits: 'published' | 'none';
}

const DAY_MS = 86_400_000;

/** `sluice attendance`: the attendance of meetings, of some accounts or of everybody, in one run. */
export function attendanceCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return withLakeOptions(new Command('attendance'), ['url'])
    .description(
      'Reads calendars, online meetings and who attended them into the lake, for the accounts of the configuration: the first time some days back, then what is new, and again where a report is late. One account that fails stops no other. The environment of the original container job works unchanged.',
    )
    .addOption(new Option('--account <user...>', 'only these users, by sign-in name (UPN) or object id'))
    .addOption(new Option('--group <id...>', 'the members of these groups, and of groups inside of them, by object id'))
    .addOption(new Option('--everybody', 'every user of the directory').conflicts(['account', 'group']))
    .addOption(
      new Option('--first-days <n>', 'so many days back the first run of an account looks (default: 30)').argParser(
        wholeNumber({ min: 1, max: 3_650 }),
      ),
    )
    .addOption(
      new Option('--snapshots <url>', 'also write JSON documents of each account and run there: a folder, or its URL'),
    )
    .addOption(
      new Option(
        '--layout <layout>',
        'of the documents; original: folders, names and all-text tables of the original job (default: runs)',
      ).choices(layouts),
    )
    .addOption(new Option('--checkpoint <url>', 'text file of the original job with how far it was: it is read once'))
    .addOption(limitsOption())
    .addOption(lakeOption('commit_seconds'))
    .addOption(lakeOption('keep_raw'))
    .addOption(lakeOptionOff('keep_raw'))
    .addOption(lakeOption('wait'))
    .addOption(lakeOption('heartbeat_seconds'))
    .addOption(lakeOption('several_tenants'))
    .addOption(configOption())
    .addOption(jsonOption('one JSON event a line; the last is the run report'))
    .addHelpText(
      'after',
      '\nExamples:\n  sluice attendance                       # the accounts of the configuration, or of the original environment\n  sluice attendance --account ana@contoso.com --first-days 30 --lake ./lake',
    )
    .action(async (options: Options) => exit(await run(io, options)));
}

/** With `--json` the last line is a report, also of a run that could not begin. */
async function run(io: Io, options: Options): Promise<ExitCode> {
  try {
    const flags = lakeFlags(options);
    if (flags.url !== undefined) readLastingUrl(flags.url);
    const input = configInput(io, { config: options.config });
    const said = overrides(options);
    const who: readonly string[] = whoKeys;
    const saysWho = said.filter(({ path }) => who.includes(path[1]!)).map(({ path }) => path[1]!);
    const others = saysWho.length > 0 ? who.filter((key) => !saysWho.includes(key)) : [];
    const overridden = [...Object.keys(flags), ...others];
    const job = attendanceJob({ ...input, overridden, options: said }, systemRuntime.now());
    return await read(io, options, { ...job, lake: { ...job.lake, ...flags } });
  } catch (error) {
    if (options.json) io.out(`${JSON.stringify(unstartedRun(error, io.signal))}\n`);
    throw error;
  }
}

/** What options say of the section. Who is named by one is meant in place of those that the configuration names. */
function overrides({
  account,
  group,
  everybody,
  firstDays,
  checkpoint,
  snapshots,
  layout,
}: Options): readonly Override[] {
  const said = [
    { source: '--account', key: 'accounts', value: account },
    { source: '--group', key: 'groups', value: group },
    { source: '--everybody', key: 'everybody', value: everybody },
    { source: '--first-days', key: 'first_days', value: firstDays },
    { source: '--snapshots', key: 'snapshots', value: snapshots && formed(snapshots, 'place') },
    { source: '--layout', key: 'layout', value: layout },
    { source: '--checkpoint', key: 'checkpoint', value: checkpoint && formed(checkpoint, 'place') },
  ];
  return said.flatMap(({ source, key, value }) =>
    value === undefined ? [] : [{ source, path: ['attendance', key], value }],
  );
}

async function read(io: Io, options: Options, { attendance, lake: said, elsewhere }: AttendanceJob): Promise<ExitCode> {
  const settings = settled(said, options.config);
  const named = await lakeAt(io, settings);
  const input = { ...configInput(io, { config: options.config }), elsewhere, limits: options.limits };
  return withConnection(input, async ({ graph, runtime, telemetry }) => {
    const { several_tenants: severalTenants, keep_raw: keepRaw, wait: waitMs } = settings;
    const own = await lakeOfConnection(io, graph, { lake: named, severalTenants });
    sayTenant(io, own, options);
    const { checkpoint, groups, first_days: firstDays } = attendance;
    const inGroups = groups && (await membersOfGroups(graph, groups, io.signal));
    const accounts = inGroups ? withMembers(attendance.accounts ?? [], inGroups.members) : attendance.accounts;
    const users = accounts?.map(({ user }) => user);
    return withLake(io, { lake: own, purpose: 'sync', keepRaw, waitMs }, async (lake) => {
      const file = checkpoint && placeOfFile(checkpoint);
      if (file) {
        const { store } = await lakeAt(io, { ...settings, url: file.store });
        const from = { lake, graph, runtime, users, checkpoint: { store, key: file.key } };
        const taken = await takeOver(from, io.signal);
        if (taken) io.err(`${taken}\n`);
      }
      let found: ReadonlyMap<string, string> = new Map();
      const run = {
        ...{ graph, lake, runtime, telemetry, users, tables: attendanceTables, command: 'attendance' },
        segmentMs: settings.commit_seconds * 1000,
        sinceMs: firstDays && runtime.now() - firstDays * DAY_MS,
        unfound: inGroups?.skipped,
        onNames: (ids: ReadonlyMap<string, string>) => {
          found = ids;
        },
      };
      const code = await runShown(io, run, { json: options.json, heartbeatSeconds: settings.heartbeat_seconds });
      if (!io.signal.aborted) await publish(io, { lake, own, settings, attendance, accounts, found, runtime });
      return code;
    });
  });
}

/** Who is named keeps the name; members of groups are called by their sign-in names. */
function withMembers(accounts: readonly Account[], members: readonly GroupMember[]): readonly Account[] {
  const named = new Set(accounts.map(({ user }) => user.toLowerCase()));
  const taken = new Set(accounts.map(({ name }) => name.normalize('NFC').toLowerCase()));
  const others = members.filter(({ id, name }) => ![id, name].some((one) => named.has(one.toLowerCase())));
  const nameOf = ({ id, name }: GroupMember) =>
    taken.has(name.normalize('NFC').toLowerCase()) ? id : (documentName(name) ?? id);
  return [...accounts, ...others.map((one) => ({ user: one.id, name: nameOf(one) }))];
}

/** Documents of what is in the lake now; those that an earlier run did not come to are among them. */
async function publish(
  io: Io,
  run: {
    readonly lake: Lake;
    readonly own: CommandLake;
    readonly settings: CommandSettings;
    readonly attendance: AttendanceJob['attendance'];
    /** Undefined: everybody. */
    readonly accounts: readonly Account[] | undefined;
    readonly found: ReadonlyMap<string, string>;
    readonly runtime: Runtime;
  },
): Promise<void> {
  const { lake, own, settings, accounts, found, runtime } = run;
  const { snapshots, layout } = run.attendance;
  if (snapshots === undefined) return;
  const named = accounts?.map(({ user, name }) => [found.get(user), name] as const);
  const names = new Map(named?.flatMap(([id, name]) => (id === undefined ? [] : [[id, name] as const])));
  const to = await lakeAt(io, { ...settings, url: snapshots });
  await publishDocuments(
    {
      ...{ lake, store: own.store, to: to.store, layout, names, nowMs: runtime.now() },
      users: accounts && [...names.keys()],
      scratchDir: tmpdir(),
    },
    io.signal,
  );
}
