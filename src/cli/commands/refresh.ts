import { Command, Option } from 'commander';
import type { TableShape } from '../../schema/column.ts';
import type { PositionPlace } from '../../strategies/position-key.ts';
import { putBack } from '../../strategies/put-back.ts';
import { incrementalResources } from '../../sync/filling.ts';
import { tables as declared } from '../../tables/index.generated.ts';
import { configInput } from '../configuration.ts';
import { withConnection } from '../connect.ts';
import { cliErrors } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { existingLake, withLake } from '../lake.ts';
import { readLakeState } from '../lake-state.ts';
import {
  chosenTables,
  configOption,
  heartbeatOption,
  jsonOption,
  lakeOption,
  limitsOption,
  partitionOption,
  strategyOption,
  writerWaitOption,
} from '../options.ts';
import { knownPlaces, placesNamed } from '../places.ts';
import { runShown } from '../run-sync.ts';
import { lakeOfConnection, sayTenant } from '../tenants.ts';
import { printPlan } from './plan.ts';

interface Options {
  readonly lake: string;
  readonly partition?: string[];
  readonly strategy?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly wait?: number;
  readonly heartbeatSeconds: number;
  readonly limits: 'published' | 'none';
}

/** `sluice refresh`: reads tables once more from their beginning. */
export function refreshCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('refresh')
    .description(
      'Reads tables again from their beginning, for example to fill a column that came with a new version. Rows stay until newer ones are there. Tables that are cut from the same pages are refreshed together. When it is stopped, the next sync goes on.',
    )
    .argument('<table...>', 'names of tables')
    .addOption(partitionOption())
    .addOption(lakeOption())
    .addOption(strategyOption())
    .addOption(limitsOption())
    .addOption(writerWaitOption('default: not; without a duration: until it ends'))
    .addOption(heartbeatOption())
    .addOption(configOption())
    .addOption(new Option('--dry-run', 'only say what would be read'))
    .addOption(jsonOption('one JSON event a line; the last is the run report'))
    .addHelpText('after', '\nExample:\n  sluice refresh messages --partition 19:general@thread.tacv2')
    .action(async (names: string[], options: Options) => exit(await refresh(io, names, options)));
}

async function refresh(io: Io, names: readonly string[], options: Options): Promise<ExitCode> {
  const tables = chosenTables(names);
  const named = existingLake(options.lake);
  const input = { ...configInput(io, { config: options.config }), limits: options.limits };
  return withConnection(input, async ({ graph, runtime, telemetry }) => {
    const own = await lakeOfConnection(io, graph, { lake: named, isReadOnly: true });
    const root = existingLake(own.root);
    sayTenant(io, own, options);
    const state = await readLakeState(root);
    const places =
      options.partition && placesNamed(options.partition, await knownPlaces(root, state.positions, io.signal));
    refuseOtherKinds(tables, places);
    const parts = incrementalResources(declared)
      .filter((resource) => tables.some((table) => table.resource === resource))
      .map((resource) => ({ resource, places }));
    const scope = scopeOf(places);
    if (options.dryRun) {
      const positions = Object.assign({}, ...parts.map((part) => putBack(state.positions, part)));
      const read = {
        ...options,
        lake: root,
        team: scope.teams && [...scope.teams],
        channel: scope.channels && [...scope.channels],
      };
      return printPlan(io, { graph, runtime, tables, options: read, positions });
    }
    return withLake(io, { lake: root, purpose: 'refresh', waitMs: options.wait }, async (lake) => {
      const { strategy } = options;
      const run = { graph, lake, tables, runtime, telemetry, command: 'refresh', again: parts, ...scope };
      return runShown(io, { ...run, strategy }, options);
    });
  });
}

/** Which teams and channels the run is about. */
function scopeOf(places: readonly PositionPlace[] | undefined): {
  teams?: readonly string[];
  channels?: readonly string[];
} {
  if (places === undefined) return {};
  const teams = [...new Set(places.map(({ ids }) => ids[0]!))];
  const channels = places.flatMap(({ ids }) => (ids.length > 1 ? ids.at(-1)! : []));
  return channels.length > 0 ? { teams, channels } : { teams };
}

/** Teams and channels are read by different requests: a run is about one kind; a tenant-wide list has no parts. */
function refuseOtherKinds(tables: readonly TableShape[], places: readonly PositionPlace[] | undefined): void {
  if (places === undefined) return;
  const kinds = new Set(places.map(({ kind }) => kind));
  const whole = tables.find(({ primaryKey, name }) => name !== 'teams' && !primaryKey.includes('team_id'));
  if (kinds.size < 2 && whole === undefined) return;
  throw whole ? cliErrors.partition_of_tenant({ table: whole.name }) : cliErrors.partition_mixed();
}
