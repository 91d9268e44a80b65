import type { Endpoint } from '../graph/endpoint.ts';
import type { Mistake } from '../schema/mistake.ts';
import type { NamedContents, Way } from '../strategies/strategy.ts';
import type { ByName, Level, Read, Resource, Root } from './types.ts';

/** Carries the ids that are known in the pages of a collection, for the compiler only. */
declare const known: unique symbol;
/** Carries the ids that are known below a level, for the compiler only. */
declare const below: unique symbol;

/** A collection of Graph, with what is known in the addresses of its pages. */
export interface Collection<Name extends string = string, Ids extends string = string> extends Resource {
  readonly name: Name;
  readonly [known]?: Ids;
}

/** Carries the ids that some level above knows, for the compiler only. */
declare const above: unique symbol;

/** A level that others can be below: its records are listed, and have an id. */
export type Parent<Ids extends string = string, Above extends string = string> = Level & Listed<Ids, Above>;

/** Records that are listed and have an id. */
export interface Listed<Ids extends string, Above extends string = Ids> {
  readonly [below]: Ids;
  readonly [above]: Above;
}

/** The ids that a page of a collection knows of its address. */
export type IdsOf<C> = C extends { readonly [known]?: infer Ids } ? Extract<Ids, string> : never;

/** The ids that a read below a level can put into its route. */
type IdsBelow<L> = L extends { readonly [below]: infer Ids } ? Extract<Ids, string> : never;

/** The ids that a level, or one above it, knows: a level with others is none of them. */
type IdsAbove<L> = L extends { readonly [above]: infer Ids } ? Extract<Ids, string> : never;

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

interface ReadDeclaration extends Way {
  /** Read once for each record of this level; default: of the parent. A level above the parent reads many of its records in one list. */
  readonly per?: Parent;
}

interface Declaration
  extends Pick<
    Resource,
    | 'name'
    | 'description'
    | 'mustHold'
    | 'onlyBelow'
    | 'whenMissing'
    | 'movesWith'
    | 'knownBy'
    | 'hostedBy'
    | 'mayBeEmpty'
    | 'mayChangeUnseen'
    | 'inGroup'
  > {
  /** The collection that this one is below, or `tenant`. */
  readonly of: Parent;
  /** The name in routes of the id of its records, when something is read below them: `team-id`. */
  readonly gives?: `${string}-id`;
  /** Ids that its reader finds for its pages: they are in no address. */
  readonly finds?: readonly `${string}-id`[];
  /** The same record is listed below several records of the parent: it is one record, and its id alone names it. */
  readonly shared?: true;
  /** In order of preference. */
  readonly reads: readonly [ReadDeclaration, ...ReadDeclaration[]];
  readonly details?: Endpoint;
  readonly byName?: ByName;
}

type GivenBy<D> = D extends { readonly gives: infer Id extends string } ? Id : never;
type FoundBy<D> = D extends { readonly finds: readonly (infer Id extends string)[] } ? Id : never;
type Above<D extends Declaration> = IdsBelow<D['of']>;
/** The ids that name a record: those of its parents too, unless several of them list it. */
type NamedBy<D extends Declaration> = D extends { readonly shared: true } ? GivenBy<D> : Above<D> | GivenBy<D>;
type LevelOf<D extends Declaration, R> = R extends { readonly per: infer L } ? L : D['of'];

type Checked<D extends Declaration> = {
  readonly reads: { readonly [At in keyof D['reads']]: CheckedRead<D, D['reads'][At]> };
  readonly details?: Within<D['details'], Above<D> | GivenBy<D>>;
  readonly byName?: Within<D['byName'], Above<D> | GivenBy<D>>;
};

/** The ids of contents come from the rows that name them. */
type CheckedRead<D extends Declaration, R> = R extends { readonly contents: NamedContents } ? R : CheckedListing<D, R>;

type CheckedListing<D extends Declaration, R> = [IdsBelow<LevelOf<D, R>>] extends [IdsAbove<D['of']>]
  ? Within<R, IdsBelow<LevelOf<D, R>>>
  : { readonly per: Mistake<'give the parent of the collection, or a level above it'> };

/** Its records are known once they were listed, or are shown as they are read: only then others can be below them. */
type ListingOf<D extends Declaration> = Extract<
  D['reads'][number]['strategy'],
  { readonly isListing: true } | { readonly shows: true }
>;
type AsParent<D extends Declaration> = [GivenBy<D>] extends [never]
  ? unknown
  : [ListingOf<D>] extends [never]
    ? unknown
    : Listed<NamedBy<D>, IdsAbove<D['of']> | GivenBy<D>>;

type Declared<D extends Declaration> = Collection<D['name'], NamedBy<D> | FoundBy<D>> & AsParent<D>;

/** The root of the tree: read once. */
export const tenant = { name: 'tenant' } as Root & Parent<never>;

/**
 * Declares a collection of Graph below its parent. Refused by the compiler: a route that needs an id which no parent gives,
 * a read of a level that is not above, and a parent whose records have no id or are not listed.
 *
 * @param declaration - one file each in this folder
 */
export function collection<const D extends Declaration>(declaration: D & Checked<D>): Declared<D> {
  const { of, reads, ...rest }: Declaration = declaration;
  const [first, ...others] = reads.map(({ per = of, ...read }): Read => ({ ...read, per }));
  const resource: Resource = { ...rest, of, reads: [first!, ...others] };
  return resource as Declared<D>;
}
