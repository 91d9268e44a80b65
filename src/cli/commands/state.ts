import { Command } from 'commander';
import { readState } from '../../lake/log/log.ts';
import { type PositionPlace, placeOfName } from '../../strategies/position-key.ts';
import { isChosen } from '../../strategies/put-back.ts';
import { incrementalResources } from '../../sync/filling.ts';
import type { ExitCode, Io } from '../io.ts';
import { existing, lakeAt } from '../lake.ts';
import { lakeOption } from '../lake-options.ts';
import { lakeSettings } from '../lake-settings.ts';
import { filteredPartitions, readPartitions } from '../lake-status.ts';
import { configOption, heldTables, jsonOption, partitionOption, tableOption, tenantOption } from '../options.ts';
import { knownPlaces, placesNamed } from '../places.ts';
import { count, renderTable } from '../render/table.ts';
import { forEachLake, lakesOf, tenantHeading } from '../tenants.ts';
import { resetCommand } from './reset.ts';

interface Options {
  readonly lake?: string;
  readonly config?: string;
  readonly tenant?: string[];
  readonly table?: string[];
  readonly partition?: string[];
  readonly json?: boolean;
}

/** `sluice state`: the positions of a lake, place by place. */
export function stateCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('state')
    .description('Shows how far each place was read, and lets it be read again.')
    .addCommand(showCommand(io, exit))
    .addCommand(resetCommand(io, exit))
    .addHelpText(
      'after',
      '\nExamples:\n  sluice state show --table messages\n  sluice state reset --table messages --yes',
    );
}

function showCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('show')
    .summary('list the places with how far each was read')
    .description(
      'Lists what is read on from where it was left, place by place: up to when it was read, from when on, what is open and how many gaps it has. Marks of runs with a filter stand beside them, with the filter. Other lists are read whole in every run. Asks nothing of Graph.',
    )
    .addOption(tableOption())
    .addOption(partitionOption())
    .addOption(lakeOption('url'))
    .addOption(tenantOption())
    .addOption(configOption())
    .addOption(jsonOption('one place a line, as JSON'))
    .addHelpText('after', '\nExample:\n  sluice state show --table messages --json')
    .action(async (options: Options) => {
      const settings = await lakeSettings(io, options);
      const lakes = await lakesOf(await existing(await lakeAt(io, settings), io.signal), options.tenant);
      const tables = heldTables(options.table);
      exit(
        await forEachLake(io, lakes, async (lake) => {
          const { positions } = await readState(lake.store, io.signal);
          const places =
            options.partition && placesNamed(options.partition, await knownPlaces(lake.store, positions, io.signal));
          const resources = incrementalResources(tables);
          const named = [...new Set(tables.map(({ resource }) => resource))];
          const read = [...readPartitions(positions, resources), ...filteredPartitions(positions, named)];
          const found = read.filter(({ partition }) => isAbout(placeOfName(partition), places));
          if (options.json) for (const one of found) io.out(`${JSON.stringify(lineOf(one, lake.tenantId))}\n`);
          else io.out(`${tenantHeading(lake)}${render(found, io)}\n`);
          return 0;
        }),
      );
    });
}

/** What holds a place says how far it was read too: channels are exported with their team. */
function isAbout(place: PositionPlace | undefined, wanted: readonly PositionPlace[] | undefined): boolean {
  if (wanted === undefined) return true;
  if (place === undefined || place.ids.length === 0) return false;
  return isChosen(place, wanted) || wanted.some((one) => isChosen(one, [place]));
}

type ReadPartition = ReturnType<typeof readPartitions>[number] & { readonly filter?: string };

const lineOf = ({ gaps, ...one }: ReadPartition, tenantId: string | undefined) => ({
  event: 'position',
  tenantId,
  ...one,
  gaps: gaps.length,
});

function render(found: readonly ReadPartition[], options: { readonly columns: number }): string {
  if (found.length === 0) return 'No place was read yet.';
  const rows = found.map(({ resource, partition, through, since, isOpen, gaps, filter }) => [
    resource,
    partition,
    through ?? '',
    since ?? '',
    [
      ...(isOpen ? ['goes on'] : []),
      ...(gaps.length > 0 ? [`${count(gaps.length)} gaps`] : []),
      ...(filter === undefined ? [] : [`only ${filter}`]),
    ].join(', '),
  ]);
  return renderTable(['collection', 'place', 'read through', 'not before', ''], rows, { ...options, wrap: true });
}
