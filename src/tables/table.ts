import type { Collection, IdsOf } from '../resources/collection.ts';
import type { AddressedNames, Column, TableShape } from '../schema/column.ts';
import type { Mistake } from '../schema/mistake.ts';

/** A table as it is declared: it names its resource by object. */
type Declaration = Omit<TableShape, 'resource'> & { readonly resource: Collection };

type Columns<D extends Declaration> = Extract<keyof D['columns'], string>;

type Snake<Id extends string> = Id extends `${infer Head}-${infer Rest}` ? `${Head}_${Snake<Rest>}` : Id;

/** A step for each level around a record or an element. */
type Levels = readonly unknown[];

type StepsOf<Path> = Path extends `${string}.${infer Rest}` ? readonly [unknown, ...StepsOf<Rest>] : readonly [];

type Exploded = string | Levels | AddressedNames;

/** How many records are around the records of a table. */
type ParentLevels<D extends Declaration> = D extends { readonly records: readonly (infer Path)[] }
  ? StepsOf<Path>
  : readonly [];

/** How many elements are around the elements of an exploded table. */
type OuterLevels<D extends Declaration> = D extends {
  readonly explode: readonly [unknown, ...infer Inner extends Levels];
}
  ? Inner
  : readonly [];

/** True for a path that leads no further out than there are levels. */
type LeadsTo<Path, Word extends '$parent' | '$outer', L extends Levels> = Path extends `${Word}.${infer Rest}`
  ? L extends readonly [unknown, ...infer Further extends Levels]
    ? Rest extends `${Word}.${string}`
      ? LeadsTo<Rest, Word, Further>
      : true
    : never
  : never;

/** What a page says beside its records: the ids of its address. Rows of exploded tables come from rows, not from pages. */
type ContextPath<D extends Declaration> = D extends { readonly explode: Exploded }
  ? never
  : `$context.${Snake<IdsOf<D['resource']>>}`;

type ElementPath<D extends Declaration> = D extends { readonly explode: Exploded }
  ? '$element' | `$element.${string}` | '$ordinal' | '$occurrence'
  : '$raw';

type PathOf<D extends Declaration> = ContextPath<D> | ElementPath<D>;

/** A path that begins with `$` is one of those that the table has; every other is one of the record. */
type CheckedPath<D extends Declaration, Path> = Path extends `$${string}`
  ? Path extends PathOf<D>
    ? Path
    : true extends LeadsTo<Path, '$parent', ParentLevels<D>> | LeadsTo<Path, '$outer', OuterLevels<D>>
      ? Path
      : Mistake<`the table has no ${Path}`>
  : Path;

type CheckedFrom<D extends Declaration, From> = From extends readonly string[]
  ? { readonly [At in keyof From]: CheckedPath<D, From[At]> }
  : CheckedPath<D, From>;

type CheckedColumn<D extends Declaration, C> = C extends { readonly from: infer From }
  ? Column & { readonly from: CheckedFrom<D, From> }
  : Column;

/** A name that must be one of a column. */
type CheckedName<D extends Declaration, Name> = Name extends string
  ? Name extends Columns<D>
    ? Name
    : Mistake<`no column is called ${Name}`>
  : Name;

type Checked<D extends Declaration> = {
  readonly primaryKey: { readonly [At in keyof D['primaryKey']]: CheckedName<D, D['primaryKey'][At]> };
  readonly cursor?: CheckedName<D, D['cursor']>;
  readonly deletedWhen?: CheckedName<D, D['deletedWhen']>;
  readonly files?: CheckedName<D, D['files']>;
  readonly columns: { readonly [Name in keyof D['columns']]: CheckedColumn<D, D['columns'][Name]> };
};

type Declared<D extends Declaration> = Omit<D, 'resource'> & { readonly resource: D['resource']['name'] };

/**
 * Declares a table: the rows of a collection. The compiler refuses keys, a cursor and a delete mark that are no columns,
 * and paths with `$` that its resource does not have: `$context.x` is an id of the collection's parents, `$parent.x` needs
 * records inside of records, `$element` a table with `explode`, `$outer.x` one with lists inside of lists.
 *
 * @param declaration - one file each in this folder
 * @returns the table, whose resource is a name: the lake knows no Graph
 */
export function table<const D extends Declaration>(declaration: D & Checked<D>): Declared<D> {
  const { resource, ...rest } = declaration as Declaration;
  return { ...rest, resource: resource.name } as Declared<D>;
}
