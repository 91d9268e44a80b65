import { resources } from '../resources/index.ts';
import { pathTo, type Read, type Resource } from '../resources/types.ts';
import type { TableShape } from '../schema/column.ts';
import { strategyNames } from '../strategies/index.ts';
import type { StrategyName, Subject } from '../strategies/strategy.ts';
import { runErrors } from './errors.ts';
import { filterOf, type RunFilter } from './filter.ts';
import { type Asked, askedIn } from './scope.ts';

/** One resource of a run: which tables it feeds, how it is read, what is tried when the service refuses. */
export interface ResourceRead {
  readonly resource: Resource;
  readonly tables: readonly TableShape[];
  readonly read: Read;
  readonly fallbacks: readonly Read[];
  /** Only what meets it is read. */
  readonly filter?: RunFilter | undefined;
}

/** What a strategy is told of what it reads. */
export function subjectOf({ resource, read, fallbacks, filter }: Omit<ResourceRead, 'tables'>): Subject {
  const asked = (way: Read): Read => (filter ? { ...way, asked: filter.sent(way) } : way);
  return {
    resource: resource.name,
    way: asked(read),
    ways: resource.reads.map(asked),
    fallbacks: fallbacks.map(asked),
    details: resource.details,
    isListedInParts: resource.shared,
    movesWith: resource.movesWith,
    gives: resource.of.of === undefined ? undefined : resource.of.gives,
    ownId: resource.gives,
  };
}

/** What a run will read. */
export interface ReadPlan {
  readonly reads: readonly ResourceRead[];
  /** Resources for which the token shows none of the permissions. Graph decides all the same: a grant may be of a kind that no token shows. */
  readonly doubts: readonly Doubt[];
  readonly filter?: RunFilter | undefined;
}

/** A resource that the token does not seem to allow. */
export interface Doubt {
  readonly resource: string;
  /** The least permission that would allow it. */
  readonly permission: string;
  readonly message: string;
}

/**
 * Chooses a read strategy for every resource that the tables need: the first in the resource's order of preference that
 * the token's permissions allow, or the one asked for. Where the token shows no permission, the first in that order: only
 * a refusal of Graph is a refusal.
 *
 * @throws SluiceError as {@link filterOf} does; `unknown_value` when `strategy` is not a strategy; `strategy_not_offered` when no chosen table has it.
 */
export function planReads(options: {
  tables: readonly TableShape[];
  permissions: ReadonlySet<string>;
  strategy?: string | undefined;
  /** Records that were asked for: no list of many records is read then, only theirs. */
  asked?: Asked | undefined;
  /** Only what meets it is read of one of them. */
  filter?: string | undefined;
}): ReadPlan {
  const strategy = checkedStrategy(options.strategy, options.tables);
  const planned = resourcesOf(options.tables).map((resource) => planResource(resource, options, strategy));
  const filter = options.filter === undefined ? undefined : filterOf(options.filter, planned);
  const reads = planned.map((read) => (read.resource.name === filter?.resource ? { ...read, filter } : read));
  return { reads, doubts: reads.flatMap((read) => doubtOf(read, options.permissions)), filter };
}

/** The resources that some tables need, in the order in which they are read. */
export function resourcesOf(tables: readonly TableShape[]): Resource[] {
  return resources.filter(({ name }) => tables.some((table) => table.resource === name));
}

/** The permissions that would allow a read and are all missing; empty when one of them is granted. */
export function missingPermissions(read: Pick<Read, 'permissions'>, granted: ReadonlySet<string>): readonly string[] {
  return read.permissions.some((permission) => granted.has(permission)) ? [] : read.permissions;
}

function planResource(
  resource: Resource,
  options: { tables: readonly TableShape[]; permissions: ReadonlySet<string>; asked?: Asked | undefined },
  strategy: StrategyName | undefined,
): ResourceRead {
  const possible = resource.reads.filter((read) => !readsMore(resource, read, options.asked));
  const isAllowed = (read: Read) => missingPermissions(read, options.permissions).length === 0;
  const asked = possible.filter((read) => read.strategy.name === strategy);
  // Those that the token shows come first; the others are tried after them.
  const [read, ...others] =
    asked.length > 0 ? asked : possible.toSorted((a, b) => Number(isAllowed(b)) - Number(isAllowed(a)));
  const fallbacks = asked.length > 0 ? [] : others.filter((candidate) => candidate.strategy.standsIn);
  const tables = options.tables.filter((table) => table.resource === resource.name);
  return { resource, tables, read: read!, fallbacks };
}

/** True when one list of a way holds records of places that nobody asked for. */
function readsMore(resource: Resource, { per }: Read, asked: Asked = new Map()): boolean {
  const between = pathTo(resource.of).slice(pathTo(per).length);
  return between.some((level) => askedIn(asked, level) !== undefined);
}

function doubtOf({ resource, read }: ResourceRead, granted: ReadonlySet<string>): Doubt[] {
  const [permission] = missingPermissions(read, granted);
  if (permission === undefined) return [];
  const message = `${resource.name} needs the application permission ${permission} with admin consent (${read.source}); the token does not show it.`;
  return [{ resource: resource.name, permission, message }];
}

function checkedStrategy(strategy: string | undefined, tables: readonly TableShape[]): StrategyName | undefined {
  if (strategy === undefined) return undefined;
  const known = strategyNames.find((name) => name === strategy);
  if (!known) throw runErrors.unknown_value({ field: 'strategy', value: strategy, valid: strategyNames });
  const offered = [...new Set(resourcesOf(tables).flatMap(({ reads }) => reads.map((read) => read.strategy.name)))];
  if (offered.includes(known)) return known;
  throw runErrors.strategy_not_offered({ strategy: known, offered });
}
