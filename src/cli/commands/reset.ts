import { Command, Option } from 'commander';
import { readState } from '../../lake/log/log.ts';
import { splitKey } from '../../lake/log/partition-key.ts';
import { tenantUseErrors } from '../../lake/log/tenant-errors.ts';
import type { PartitionKey, Position } from '../../lake/types.ts';
import { systemRuntime } from '../../runtime/runtime.ts';
import type { TableShape } from '../../schema/column.ts';
import { filteredResources, type KnownFilter, knownFilters } from '../../strategies/filtered-positions.ts';
import { placeRead } from '../../strategies/positions.ts';
import { forgetFilter, putBack } from '../../strategies/put-back.ts';
import { runErrors } from '../../sync/errors.ts';
import { rememberedResources } from '../../sync/filling.ts';
import { nameOfFilter } from '../../sync/filter.ts';
import { logReset } from '../../sync/run-log.ts';
import { tables as declared } from '../../tables/index.generated.ts';
import { cliErrors } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { type CommandLake, existing, lakeAt, withLake } from '../lake.ts';
import { lakeOption } from '../lake-options.ts';
import { lakeSettings } from '../lake-settings.ts';
import { filterText } from '../lake-status.ts';
import {
  configOption,
  heldTables,
  jsonOption,
  partitionOption,
  tableOption,
  tenantOption,
  writerWaitOption,
} from '../options.ts';
import { knownPlaces, placesNamed, scopeOfPlaces } from '../places.ts';
import { count } from '../render/table.ts';
import { forEachLake, lakesOf, tenantHeading } from '../tenants.ts';

interface Options {
  readonly lake?: string;
  readonly config?: string;
  readonly tenant?: string[];
  readonly table?: string[];
  readonly partition?: string[];
  readonly filter?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly wait?: number;
}

/** `sluice reset`: the next sync reads from the beginning. */
export function resetCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('reset')
    .description(
      'Forgets how far messages were read, of everything or of some teams and channels, and which members of chats: the next sync reads them from their beginning. Rows are never deleted. Other lists (teams, users, channels, their members, chats) are read whole in every run; there is nothing to forget.',
    )
    .addOption(tableOption())
    .addOption(partitionOption())
    .addOption(
      new Option(
        '--filter <condition>',
        'only how far runs with this filter have read, as `state show` names it; marks of other runs stay',
      ),
    )
    .addOption(lakeOption('url'))
    .addOption(tenantOption())
    .addOption(new Option('--yes', 'do not ask'))
    .addOption(writerWaitOption('default: not; without a duration: until it ends'))
    .addOption(configOption())
    .addOption(jsonOption('print the result as JSON'))
    .addHelpText('after', '\nExample:\n  sluice reset --partition 19:general@thread.tacv2 --yes')
    .action(async (options: Options) => {
      const tables = heldTables(options.table);
      const settings = await lakeSettings(io, options);
      const lakes = await lakesOf(await existing(await lakeAt(io, settings), io.signal), options.tenant);
      // The same team or channel is in one of them only.
      if (options.partition && lakes.length > 1)
        throw tenantUseErrors.tenant_needed({
          what: '--partition',
          tenantIds: lakes.flatMap(({ tenantId }) => tenantId ?? []),
        });
      exit(await forEachLake(io, lakes, (lake) => reset(io, lake, { ...options, tables })));
    });
}

async function reset(
  io: Io,
  lake: CommandLake,
  options: Options & { readonly tables: readonly TableShape[] },
): Promise<ExitCode> {
  const { tables } = options;
  const { store, tenantId } = await existing(lake, io.signal);
  if (!options.json) io.err(tenantHeading(lake));
  const stored = (await readState(store, io.signal)).positions;
  const places = options.partition && placesNamed(options.partition, await knownPlaces(store, stored, io.signal));
  const isWanted = (resource: string) => tables.some((table) => table.resource === resource);
  const filters = options.filter === undefined ? undefined : filtersNamed(options.filter, stored, isWanted);
  const partsOf = (positions: ReadonlyMap<PartitionKey, Position>) =>
    filters?.map((filter) => forgetFilter(positions, { resource: filter.resource, places, filter })) ??
    rememberedResources(declared)
      .filter(isWanted)
      .map((resource) => putBack(positions, { resource, places }));
  const changes = (positions: ReadonlyMap<PartitionKey, Position>): Readonly<Record<PartitionKey, Position | null>> =>
    Object.assign({}, ...partsOf(positions));
  const planned = resetOf(changes(stored));
  if (planned.partitions.length === 0) {
    io.out(
      options.json ? `${JSON.stringify({ event: 'reset', tenantId, ...planned })}\n` : 'Nothing is to be forgotten.\n',
    );
    return 0;
  }
  if (!options.yes) await confirm(io, planned);
  const access = { lake, purpose: 'reset', waitMs: options.wait } as const;
  const done = await withLake(io, access, async (opened) => {
    const positions = changes(opened.positions());
    await logReset(opened, systemRuntime, {
      tables: tables.map(({ name }) => name),
      ...scopeOfPlaces(places),
    });
    await opened.note({}, positions);
    return resetOf(positions);
  });
  io.out(options.json ? `${JSON.stringify({ event: 'reset', tenantId, ...done })}\n` : `Done. ${sayReset(done)}\n`);
  return 0;
}

/** @throws SluiceError `unknown_value` naming those that there are */
function filtersNamed(
  text: string,
  stored: ReadonlyMap<PartitionKey, Position>,
  isWanted: (resource: string) => boolean,
): readonly KnownFilter[] {
  const known = [...filteredResources(stored)].filter(isWanted).flatMap((resource) => knownFilters(stored, resource));
  const name = nameOfFilter(text);
  const found = known.filter((filter) => filterText(filter) === text || filter.name === name);
  if (found.length > 0) return found;
  throw runErrors.unknown_value({ field: '--filter', value: text, valid: [...new Set(known.map(filterText))] });
}

interface Reset {
  /** Partitions that the next sync reads from their beginning. */
  readonly partitions: readonly PartitionKey[];
  /** Lower edges that stay: what was last modified before was never asked for. */
  readonly edges: readonly string[];
}

function resetOf(positions: Readonly<Record<PartitionKey, Position | null>>): Reset {
  const edges = Object.values(positions).flatMap((position) => position?.['since'] ?? []);
  return {
    partitions: (Object.keys(positions) as PartitionKey[]).sort(),
    edges: [...new Set(edges.map(String))].sort(),
  };
}

function sayReset({ partitions, edges }: Reset): string {
  const places = partitions.map((key) => ({
    resource: splitKey(key).resource,
    kind: placeRead(key)?.kind ?? 'place',
  }));
  const what = [...new Set(places.map(({ resource }) => resource))].map((resource) => {
    const kinds = places.filter((place) => place.resource === resource).map(({ kind }) => kind);
    return `the ${resource.replaceAll('_', ' ')} of ${listed(counted(kinds))}`;
  });
  const edge = edges.length > 0 ? ` Their lower edge stays: ${edges.join(', ')}.` : '';
  return `The next sync reads ${listed(what)} from their beginning.${edge} No row is deleted; \`sluice plan\` says what it costs.`;
}

/** A tenant is one: it is not counted. */
const counted = (kinds: readonly string[]): string[] =>
  [...new Set(kinds)].sort().map((kind) => {
    const n = kinds.filter((one) => one === kind).length;
    if (kind === 'tenant') return 'the tenant';
    return `${count(n)} ${n === 1 ? kind : `${kind}s`}`;
  });

const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

/** @throws SluiceError `confirmation_needed` */
async function confirm(io: Io, planned: Reset): Promise<void> {
  io.err(`${sayReset(planned)}\n`);
  const answer = await io.ask?.('Forget how far they were read? [y/N] ');
  if (answer !== undefined && /^y(es)?$/i.test(answer.trim())) return;
  throw cliErrors.confirmation_needed();
}
