import { isDeepStrictEqual } from 'node:util';
import { splitKey } from '../lake/log/partition-key.ts';
import type { HeldColumns, KeptPages, Lake, PartitionKey, Position, TableCounts } from '../lake/types.ts';
import { resources } from '../resources/index.ts';
import type { TableShape } from '../schema/column.ts';
import { filteredKeys } from '../strategies/filtered-positions.ts';
import { storedPosition, unfilledOf } from '../strategies/position.ts';
import type { PositionPlace } from '../strategies/position-key.ts';
import {
  filled,
  isBegun,
  lookedKeys,
  type PlacedPosition,
  type Positions,
  type ReadPosition,
  readAgain,
  readPositions,
  windowPositions,
} from '../strategies/positions.ts';
import { markedKeys } from '../strategies/unmoved.ts';
import { adopted, declare, declaredFact, declaredOf, type Missing, missingOf, namedPart } from './declared.ts';
import { fillingErrors } from './errors.ts';
import type { Filling, NotFilled } from './report.ts';

type Facts = Readonly<Record<string, unknown>>;

/** What must be known of a lake to tell what came after it was read. */
export interface FillableLake {
  readonly facts: Facts;
  readonly tables: readonly TableShape[];
  positions(): Positions;
  heldColumns(): Promise<HeldColumns>;
  keptPages(resource: string): Promise<KeptPages | undefined>;
}

/** What a run does first, so that tables and columns which came after the rows are filled, or are known not to be. */
export interface FillingPlan {
  /** To be committed together, when there are any. */
  readonly facts: Facts | undefined;
  readonly positions: Readonly<Record<PartitionKey, Position | null>>;
  /** Kept pages to land again, and the positions that hold after them. */
  readonly landings: readonly Landing[];
  readonly fillings: readonly Filling[];
  /** The lake did not say what its rows were made for: what its files hold is taken. */
  readonly isAdopted: boolean;
}

interface Landing {
  readonly resource: string;
  readonly kept: KeptPages;
  readonly positions: ReadonlyMap<PartitionKey, Position>;
}

/**
 * Compares the tables with what the rows of the lake were made for. A column that came since is written into every position
 * as not filled. With all pages kept they are landed once more; without, a new table lets its partitions be read again, and
 * a new column waits for `sluice refresh`.
 */
export async function planFilling(lake: FillableLake): Promise<FillingPlan> {
  const stored = lake.positions();
  const now = declare(lake.tables);
  const known = declaredOf(lake.facts, now);
  const before = known ?? adopted(lake.tables, await lake.heldColumns());
  const positions: Record<PartitionKey, Position | null> = {};
  const landings: Landing[] = [];
  const fillings: Filling[] = [];
  for (const resource of incrementalResources(lake.tables)) {
    const missing = missingOf(before, lake.tables, resource, now);
    const isNews = hasMissing(missing);
    const read = readPositions(isNews ? stored : unfilledIn(stored), resource);
    // What the service still keeps is read again from its beginning.
    if (isNews) for (const { key } of windowPositions(stored, resource)) positions[key] = null;
    if (isNews) for (const key of lookedKeys(stored, resource)) positions[key] = null;
    // What meets a filter is read again with the next run that has it.
    if (isNews) for (const key of filteredKeys(stored, resource)) positions[key] = null;
    const marked = withMissing(read, missing);
    const open = [...marked].filter(([, position]) => namesOf(position, lake.tables).length > 0);
    const kept = open.length > 0 ? await lake.keptPages(resource) : undefined;
    const again = kept ? [] : open.filter(([, position]) => namesOf(position, lake.tables).some(isTable));
    const after = new Map([...marked, ...again.map(([key, position]) => [key, readAgain(position)] as const)]);
    for (const { key, position } of read) {
      if (after.get(key) !== position) positions[key] = storedPosition(after.get(key)!);
    }
    if (kept)
      landings.push({
        resource,
        kept,
        positions: new Map(open.map(([key, one]) => [key, storedPosition(filled(one))])),
      });
    const part = { resource, partitions: (kept ? open : again).length };
    const names = [...new Set((kept ? open : again).flatMap(([, one]) => namesOf(one, lake.tables)))];
    if (names.length > 0) fillings.push({ ...part, names, by: kept ? 'kept_pages' : 'reading_again' });
  }
  // A listing is landed whole when it is read: it is not passed over while something of it is missing.
  for (const resource of listedResources(lake.tables)) {
    if (!hasMissing(missingOf(before, lake.tables, resource, now))) continue;
    for (const key of markedKeys(stored, resource)) positions[key] = null;
    for (const { key } of windowPositions(stored, resource)) positions[key] = null;
    for (const key of filteredKeys(stored, resource)) positions[key] = null;
  }
  return {
    facts: isDeepStrictEqual(known, now) ? undefined : declaredFact(lake.tables),
    positions,
    landings,
    fillings,
    isAdopted: known === undefined && stored.size > 0,
  };
}

/** Positions as they are once these are committed. */
export function positionsAfter(
  stored: Positions,
  positions: Readonly<Record<PartitionKey, Position | null>>,
): Positions {
  const after = new Map(stored);
  for (const [key, position] of Object.entries(positions) as [PartitionKey, Position | null][]) {
    if (position === null) after.delete(key);
    else after.set(key, position);
  }
  return after;
}

/** Does what was planned. Positions move first: whenever it ends early, what is missing stays known. */
export async function fill(
  lake: Lake,
  plan: FillingPlan,
  loadId: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, TableCounts>>> {
  const counts: Record<string, TableCounts> = {};
  if (plan.facts !== undefined || Object.keys(plan.positions).length > 0) {
    await lake.note(plan.facts ?? {}, plan.positions);
  }
  for (const { resource, kept, positions } of plan.landings) {
    await using load = await lake.begin({ loadId, landsAgain: true });
    for await (const page of kept.pages(signal))
      await load.append({ ...page, resource, partition: 'kept', readBefore: true });
    for (const [key, position] of positions) load.advance(resource, splitKey(key).partition, position);
    await load.close();
    addCounts(counts, load.counts);
  }
  return counts;
}

/** Adds to `sums`. */
export function addCounts(sums: Record<string, TableCounts>, counts: Readonly<Record<string, TableCounts>>): void {
  for (const [table, { rows, deletes, quarantined }] of Object.entries(counts)) {
    const sum = sums[table] ?? { rows: 0, deletes: 0, quarantined: 0 };
    sums[table] = {
      rows: sum.rows + rows,
      deletes: sum.deletes + deletes,
      quarantined: sum.quarantined + quarantined,
    };
  }
}

/** What the rows of some partitions lack of the tables that are declared, as a report says it. */
export function notFilled(
  positions: Positions,
  tables: readonly TableShape[],
  isChosen: (place: PositionPlace, resource: string) => boolean,
): readonly NotFilled[] {
  const partitions = new Map<string, number>();
  for (const resource of incrementalResources(tables)) {
    for (const { place, position } of readPositions(unfilledIn(positions), resource)) {
      if (!isChosen(place, resource)) continue;
      for (const name of namesOf(position, tables)) partitions.set(name, (partitions.get(name) ?? 0) + 1);
    }
  }
  return [...partitions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => notFilledOf(name, count));
}

function notFilledOf(name: string, partitions: number): NotFilled {
  const { table, column } = namedPart(name);
  if (column === undefined) {
    const { message } = fillingErrors.table_not_filled({ table, partitions });
    return { code: 'table_not_filled', table, partitions, message };
  }
  const { message } = fillingErrors.column_not_filled({ table, column, partitions });
  return { code: 'column_not_filled', table, column, partitions, message };
}

/** Resources whose rows stay as they were landed: a listing is landed whole whenever it is read. */
export const incrementalResources = (tables: readonly TableShape[]): readonly string[] =>
  resourcesOf(tables.filter(({ ingestionType }) => ingestionType !== 'snapshot'));

/** Resources of which is known how far they were read: the next run does not read all of them whole. */
export const rememberedResources = (tables: readonly TableShape[]): readonly string[] => [
  ...incrementalResources(tables),
  ...resources.flatMap(({ name, movesWith }) => (movesWith && listedResources(tables).includes(name) ? [name] : [])),
];

const listedResources = (tables: readonly TableShape[]): readonly string[] =>
  resourcesOf(tables.filter(({ ingestionType }) => ingestionType === 'snapshot'));

const resourcesOf = (tables: readonly TableShape[]) => [...new Set(tables.map(({ resource }) => resource))];

const hasMissing = ({ tables, columns }: Missing): boolean => tables.length + columns.length > 0;

/** Positions that name something: most do not, and a lake has many. */
const unfilledIn = (positions: Positions): Positions =>
  new Map([...positions].filter(([, position]) => 'unfilled' in position));

function withMissing(read: readonly PlacedPosition[], missing: Missing): ReadonlyMap<PartitionKey, ReadPosition> {
  const names = [...missing.tables, ...missing.columns];
  const mark = (position: ReadPosition) =>
    names.length > 0 && isBegun(position) ? { ...position, ...unfilledOf(position, { unfilled: names }) } : position;
  return new Map(read.map(({ key, position }) => [key, mark(position)]));
}

/** What a position names as missing and is declared. */
function namesOf({ unfilled = [] }: ReadPosition, tables: readonly TableShape[]): readonly string[] {
  return unfilled.filter((name) => {
    const { table, column } = namedPart(name);
    const found = tables.find((one) => one.name === table);
    return found !== undefined && (column === undefined || column in found.columns);
  });
}

const isTable = (name: string): boolean => namedPart(name).column === undefined;
