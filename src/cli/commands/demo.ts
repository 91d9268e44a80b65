import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { queryLake } from '../../lake/query/query.ts';
import { makeFolders } from '../../runtime/folders.ts';
import { type Simulator, startSimulator } from '../../simulator/start-simulator.ts';
import type { RunReport } from '../../sync/report.ts';
import { sync } from '../../sync/run.ts';
import { tables } from '../../tables/index.generated.ts';
import { type Connected, withConnection } from '../connect.ts';
import { type DemoQuery, demoQueries } from '../demo-queries.ts';
import { cliErrors } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { type CommandLake, lakeAt, withLake } from '../lake.ts';
import { chosenTables, path } from '../options.ts';
import { LiveProgress } from '../render/progress.ts';
import { renderFailures, renderReport } from '../render/report.ts';
import { bar, formatCell, renderTable } from '../render/table.ts';
import { printPlan } from './plan.ts';

/** The tenant of the demo: small enough for half a minute at the published limits. */
const TENANT = { teams: '6', channels: '5', messages: '120', users: '60', seed: '7', limits: 'published' } as const;

/** Never the lake of a real tenant. */
const DEMO_LAKE = './sluice-demo-lake';

/** Marks a lake as the demo's own, which the next demo may replace. */
const MARKER = '.demo';

const CHANGES = 40;
const CHART_WIDTH = 30;

/** `sluice demo`: the whole way in one command, with no tenant and no network. */
export function demoCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('demo')
    .description(
      'Starts a simulated tenant, plans, syncs it, lets people write on, syncs again, and asks three questions.',
    )
    .addOption(new Option('--lake <dir>', 'folder of the lake').argParser(path).default(DEMO_LAKE))
    .addHelpText('after', '\nExample:\n  sluice demo')
    .action(async (options: { lake: string }) => {
      const lake = await lakeAt(io, { url: options.lake });
      await prepareLake(options.lake, lake);
      const simulator = await startSimulator(TENANT);
      try {
        exit(await runDemo(io, { ...lake, name: options.lake }, simulator));
      } finally {
        await simulator.close();
      }
    });
}

/** The lake of the demo, and how the user named it. */
type DemoLake = CommandLake & { readonly name: string };

async function runDemo(io: Io, lake: DemoLake, simulator: Simulator): Promise<ExitCode> {
  heading(
    io,
    `A simulated tenant listens at ${simulator.url}: ${TENANT.teams} teams, ${TENANT.users} people, Graph's published limits.`,
  );
  // The simulated tenant, whatever the configuration of this folder and the variables say.
  const reports = await withConnection({ environment: simulator.env }, async (connected) => {
    heading(io, 'The plan');
    await printPlan(io, {
      ...connected,
      tables: chosenTables(undefined),
      options: { store: lake.store, onlyGranted: true },
    });
    heading(io, `First sync into ${lake.name}`);
    const first = await syncOnce(io, connected, lake);
    heading(io, `${CHANGES} things happen in the tenant: people post, reply, edit, react, delete`);
    await postEvents(simulator);
    heading(io, 'Second sync: only what changed');
    return [first, await syncOnce(io, connected, lake)];
  });
  for (const query of demoQueries) await ask(io, lake, query);
  heading(io, 'Next');
  // `npm run` and `npx` say what they run; on the PATH there is `sluice`.
  const name = io.env['npm_lifecycle_event'] === undefined ? 'sluice' : 'npx sluice';
  io.out(
    [
      `  ${name} query "SELECT count(*) FROM messages" --lake ${lake.name}`,
      `  ${name} tables messages`,
      `  ${name} simulate     # a tenant that stays up, for your own experiments`,
      `  docs/sync.md${' '.repeat(name.length - 3)}     # the same against your own tenant`,
      '',
    ].join('\n'),
  );
  return reports.every(({ outcome }) => outcome === 'ok') ? 0 : 1;
}

async function syncOnce(io: Io, { graph, runtime }: Connected, lake: CommandLake): Promise<RunReport> {
  const progress = new LiveProgress(io, { runtime, heartbeatMs: 0 });
  const report = await withLake(io, { lake, purpose: 'sync' }, (opened) =>
    sync(
      {
        graph,
        lake: opened,
        tables: chosenTables(undefined),
        onlyGranted: true,
        runtime,
        onEvent: (event) => progress.show(event),
      },
      io.signal,
    ),
  );
  progress.clear();
  io.out(renderReport(report, io));
  io.err(renderFailures(report));
  return report;
}

async function postEvents(simulator: Simulator): Promise<void> {
  const kinds = ['post', 'reply', 'react', 'edit', 'reply', 'react', 'delete', 'reply'];
  for (let index = 0; index < CHANGES; index++) {
    await fetch(`${simulator.url}/_twin/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: kinds[index % kinds.length] }),
    });
  }
}

async function ask(io: Io, { store }: CommandLake, query: DemoQuery): Promise<void> {
  heading(io, query.title);
  const { columns, rows } = await queryLake({
    store,
    tables,
    sql: query.sql,
    signal: io.signal,
  });
  io.out(`${query.chart ? chart(columns, rows, query.chart) : renderTable(columns, rows, io)}\n`);
}

function chart(
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
  options: NonNullable<DemoQuery['chart']>,
): string {
  const value = (row: readonly unknown[]) => Number(row[columns.indexOf(options.value)]);
  const label = (row: readonly unknown[]) =>
    options.label.map((name) => formatCell(row[columns.indexOf(name)])).join(' / ');
  const width = Math.max(...rows.map((row) => label(row).length));
  const max = Math.max(...rows.map(value));
  return rows
    .map((row) => `  ${label(row).padEnd(width)}  ${bar(value(row), max, CHART_WIDTH)} ${value(row)}`)
    .join('\n');
}

function heading(io: Io, text: string): void {
  io.out(`\n▸ ${text}\n\n`);
}

async function prepareLake(name: string, { folder: root = name }: CommandLake): Promise<void> {
  if (existsSync(root) && !existsSync(join(root, MARKER))) {
    throw cliErrors.lake_exists({ lake: root });
  }
  await rm(root, { recursive: true, force: true });
  await makeFolders(root, 0o700);
  await writeFile(join(root, MARKER), 'Made by `sluice demo`, which may replace it.\n', { mode: 0o600 });
}
