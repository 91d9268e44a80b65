import { Command, Option } from 'commander';
import { readState } from '../../lake/log/log.ts';
import { resourceNamed } from '../../resources/index.ts';
import { kindOf, pathTo } from '../../resources/types.ts';
import type { TableShape } from '../../schema/column.ts';
import type { PositionPlace } from '../../strategies/position-key.ts';
import { putBack } from '../../strategies/put-back.ts';
import { rememberedResources } from '../../sync/filling.ts';
import { tables as declared } from '../../tables/index.generated.ts';
import { configInput } from '../configuration.ts';
import { withConnection } from '../connect.ts';
import { deltaAfter } from '../delta-after.ts';
import { cliErrors } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { existing, lakeAt, withLake } from '../lake.ts';
import { lakeOption } from '../lake-options.ts';
import { lakeSettings } from '../lake-settings.ts';
import { chosenTables, configOption, jsonOption, limitsOption, partitionOption, writerWaitOption } from '../options.ts';
import { knownPlaces, placesNamed, scopeOfPlaces } from '../places.ts';
import { runShown } from '../run-sync.ts';
import { lakeOfConnection, sayTenant } from '../tenants.ts';
import { printPlan } from './plan.ts';

interface Options {
  readonly lake?: string;
  readonly partition?: string[];
  readonly config?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly wait?: number;
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
    .addOption(lakeOption('url'))
    .addOption(lakeOption('strategy'))
    .addOption(limitsOption())
    .addOption(writerWaitOption('default: not; without a duration: until it ends'))
    .addOption(lakeOption('heartbeat_seconds'))
    .addOption(configOption())
    .addOption(new Option('--dry-run', 'only say what would be read'))
    .addOption(jsonOption('one JSON event a line; the last is the run report'))
    .addHelpText('after', '\nExample:\n  sluice refresh messages --partition 19:general@thread.tacv2')
    .action(async (names: string[], options: Options) => exit(await refresh(io, names, options)));
}

async function refresh(io: Io, names: readonly string[], options: Options): Promise<ExitCode> {
  const tables = chosenTables(names);
  const settings = await lakeSettings(io, options);
  const { strategy, delta } = settings;
  const shown = { json: options.json, heartbeatSeconds: settings.heartbeat_seconds };
  const named = await existing(await lakeAt(io, settings), io.signal);
  const input = { ...configInput(io, { config: options.config }), limits: options.limits };
  return withConnection(input, async ({ graph, runtime, telemetry }) => {
    const own = await lakeOfConnection(io, graph, { lake: named, isReadOnly: true });
    const { store } = await existing(own, io.signal);
    sayTenant(io, own, options);
    const state = await readState(store, io.signal);
    const places =
      options.partition && placesNamed(options.partition, await knownPlaces(store, state.positions, io.signal));
    refuseOtherKinds(tables, places);
    const parts = rememberedResources(declared)
      .filter((resource) => tables.some((table) => table.resource === resource))
      .map((resource) => ({ resource, places }));
    const scope = scopeOfPlaces(places);
    if (options.dryRun) {
      const positions = Object.assign({}, ...parts.map((part) => putBack(state.positions, part)));
      const read = {
        ...scope,
        store,
        strategy,
        json: options.json,
      };
      return printPlan(io, { graph, runtime, tables, options: read, positions });
    }
    return withLake(io, { lake: own, purpose: 'refresh', waitMs: options.wait }, async (lake) => {
      const exportsAfter = delta ? deltaAfter(own) : undefined;
      const run = { graph, lake, tables, runtime, telemetry, command: 'refresh', again: parts, exportsAfter, ...scope };
      return runShown(io, { ...run, strategy }, shown);
    });
  });
}

/** Places of several kinds are read by different requests: a run is about one kind; a tenant-wide list has no parts. */
function refuseOtherKinds(tables: readonly TableShape[], places: readonly PositionPlace[] | undefined): void {
  if (places === undefined) return;
  const kinds = new Set(places.map(({ kind }) => kind));
  const whole = tables.find(({ resource }) => !kindsOfParts(resource).some((kind) => kinds.has(kind)));
  if (kinds.size < 2 && whole === undefined) return;
  throw whole ? cliErrors.partition_of_tenant({ table: whole.name }) : cliErrors.partition_mixed();
}

/** The kinds of places that a resource can be read of. */
function kindsOfParts(name: string): readonly string[] {
  const resource = resourceNamed(name);
  return [...pathTo(resource.of), ...(resource.details ? [resource] : [])].map(kindOf);
}
