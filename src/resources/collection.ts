import type { Mistake } from '../schema/mistake.ts';
import type { Endpoint, PartitionKind, Read, Resource, StrategyName } from './types.ts';

/** Carries the ids that are known below a level, for the compiler only. */
declare const known: unique symbol;

/** A level of the tree: the tenant, or a collection whose records have children. Reads are made once for each of its records. */
export interface Level<Ids extends string = string> {
  readonly name: string;
  /** What its records are called as places of a read. */
  readonly partition: PartitionKind;
  readonly [known]?: Ids;
}

/** The ids that a read below a level can put into its route. */
export type IdsOf<L> = L extends { readonly [known]?: infer Ids } ? Extract<Ids, string> : never;

/** Names of the parameters of a route template: `{team-id}` is `team-id`. */
type ParametersOf<Route extends string> = Route extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParametersOf<Rest>
  : never;

/** An endpoint whose route takes no other ids than these. */
type Within<E, Ids extends string> = E extends { readonly route: infer Route extends string }
  ? [ParametersOf<Route>] extends [Ids]
    ? E
    : { readonly route: Mistake<`no parent gives ${Exclude<ParametersOf<Route>, Ids>}`> }
  : E;

interface ReadDeclaration extends Endpoint {
  readonly strategy: StrategyName;
  /** Read once for each record of this level; default: of the parent. A level above the parent reads many of its records in one list. */
  readonly per?: Level;
}

interface Declaration extends Pick<Resource, 'name' | 'description' | 'mustHold' | 'membershipTypes'> {
  /** The collection that this one is below, or `tenant`. */
  readonly of: Level;
  /** The name in routes of the id of its records, when something is read below them: `team-id`. */
  readonly gives?: string;
  /** In order of preference. */
  readonly reads: readonly [ReadDeclaration, ...ReadDeclaration[]];
  readonly details?: Endpoint;
}

type GivenBy<D> = D extends { readonly gives: infer Id extends string } ? Id : never;
type Above<D extends Declaration> = IdsOf<D['of']>;
type LevelOf<D extends Declaration, R> = R extends { readonly per: infer L } ? L : D['of'];

type Checked<D extends Declaration> = {
  readonly reads: { readonly [At in keyof D['reads']]: CheckedRead<D, D['reads'][At]> };
  readonly details?: Within<D['details'], Above<D> | GivenBy<D>>;
};

type CheckedRead<D extends Declaration, R> = [IdsOf<LevelOf<D, R>>] extends [Above<D>]
  ? Within<R, IdsOf<LevelOf<D, R>>>
  : { readonly per: Mistake<'give the parent of the collection, or a level above it'> };

/** A collection of Graph, with what is known in the addresses of its pages. */
export type Collection<Name extends string = string, Ids extends string = string> = Resource &
  Level<Ids> & { readonly name: Name };

/** The root of the tree: read once. */
export const tenant: Level<never> = { name: 'tenant', partition: 'tenant' };

/**
 * Declares a collection of Graph below its parent. A route that needs an id which no parent gives, and a read of a level
 * that is not above, are refused by the compiler.
 *
 * @param declaration - one file each in this folder
 */
export function collection<const D extends Declaration>(
  declaration: D & Checked<D>,
): Collection<D['name'], Above<D> | GivenBy<D>> {
  const { gives, of, reads, ...rest } = declaration as Declaration;
  const [first, ...others] = reads.map(({ per = of, ...read }): Read => ({ ...read, partition: per.partition }));
  return { ...rest, reads: [first!, ...others], partition: partitionNamed(gives) } as Collection<
    D['name'],
    Above<D> | GivenBy<D>
  >;
}

/** `team-id` names places called `team`. What gives no id has no children. */
const partitionNamed = (gives: string | undefined) => gives?.replace(/-id$/, '') as PartitionKind;
