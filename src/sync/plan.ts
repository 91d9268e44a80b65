import { SluiceError, unknownValue } from '../errors/sluice-error.ts';
import { resources } from '../resources/index.ts';
import type { Read, Resource, StrategyName } from '../resources/types.ts';
import { strategyNames } from '../resources/types.ts';
import type { TableShape } from '../schema/column.ts';
import type { SkippedPartition } from './report.ts';

/** One resource of a run: which tables it feeds, how it is read, what is tried when the service refuses. */
export interface ResourceRead {
  readonly resource: Resource;
  readonly tables: readonly TableShape[];
  readonly read: Read;
  readonly fallbacks: readonly Read[];
}

/** What a run will read, and what it cannot for want of a permission. */
export interface ReadPlan {
  readonly reads: readonly ResourceRead[];
  readonly skipped: readonly SkippedPartition[];
}

/**
 * Chooses a read strategy for every resource that the tables need: the first in the resource's order of preference that
 * the token's permissions allow, or the one asked for.
 *
 * @throws SluiceError `unknown_value` when `strategy` is not a strategy; `strategy_not_offered` when no chosen table has it.
 */
export function planReads(options: {
  tables: readonly TableShape[];
  permissions: ReadonlySet<string>;
  strategy?: string;
  /** True: only chosen channels are read, so a strategy must read channel by channel. */
  perChannel?: boolean;
}): ReadPlan {
  const strategy = checkedStrategy(options.strategy, options.tables);
  const plans = resourcesOf(options.tables).map((resource) => planResource(resource, options, strategy));
  return {
    reads: plans.flatMap((plan) => ('read' in plan ? [plan] : [])),
    skipped: plans.flatMap((plan) => ('code' in plan ? [plan] : [])),
  };
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
  options: { tables: readonly TableShape[]; permissions: ReadonlySet<string>; perChannel?: boolean },
  strategy: StrategyName | undefined,
): ResourceRead | SkippedPartition {
  const allowed = resource.reads
    .filter((read) => !options.perChannel || read.strategy !== 'export')
    .filter((read) => missingPermissions(read, options.permissions).length === 0);
  const asked = resource.reads.some((read) => read.strategy === strategy) ? strategy : undefined;
  const [read, ...others] = asked ? allowed.filter((candidate) => candidate.strategy === asked) : allowed;
  if (!read)
    return missing(resource.reads.find((candidate) => candidate.strategy === asked) ?? resource.reads[0], resource);
  const fallbacks = asked ? [] : others.filter((candidate) => candidate.strategy === 'recent');
  return { resource, tables: options.tables.filter((table) => table.resource === resource.name), read, fallbacks };
}

function missing(read: Read, resource: Resource): SkippedPartition {
  const permission = read.permissions[0]!;
  return {
    resource: resource.name,
    partition: 'tenant',
    code: 'permission_missing',
    permission,
    message: `${resource.name} needs the application permission ${permission} with admin consent (${read.source}).`,
  };
}

function checkedStrategy(strategy: string | undefined, tables: readonly TableShape[]): StrategyName | undefined {
  if (strategy === undefined) return undefined;
  const known = strategyNames.find((name) => name === strategy);
  if (!known) throw unknownValue({ field: 'strategy', value: strategy, valid: strategyNames, surface: 'config' });
  const offered = [...new Set(resourcesOf(tables).flatMap(({ reads }) => reads.map((read) => read.strategy)))];
  if (offered.includes(known)) return known;
  throw new SluiceError({
    code: 'strategy_not_offered',
    recovery: 'user_action',
    surface: 'config',
    message: `strategy: none of the chosen tables can be read with "${known}".`,
    hint: `They offer: ${offered.join(', ')}.`,
  });
}
