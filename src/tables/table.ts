import type { Collection, IdsOf } from '../resources/collection.ts';
import type { Column, TableShape } from '../schema/column.ts';
import type { Mistake } from '../schema/mistake.ts';

/** A table as it is declared: it names its resource by object. */
type Declaration = Omit<TableShape, 'resource'> & { readonly resource: Collection };

type Columns<D extends Declaration> = Extract<keyof D['columns'], string>;

type Snake<Id extends string> = Id extends `${infer Head}-${infer Rest}` ? `${Head}_${Snake<Rest>}` : Id;

/** What a page says beside its records: the ids of its address. Rows of exploded tables come from rows, not from pages. */
type ContextPath<D extends Declaration> = D extends { readonly explode: string }
  ? never
  : `$context.${Snake<IdsOf<D['resource']>>}`;

type ParentPath<D extends Declaration> = D extends { readonly records: readonly (infer Path)[] }
  ? Path extends `value.${string}`
    ? `$parent.${string}`
    : never
  : never;

type ElementPath<D extends Declaration> = D extends { readonly explode: string }
  ? '$element' | `$element.${string}` | '$ordinal' | '$occurrence'
  : never;

type PathOf<D extends Declaration> = ContextPath<D> | ParentPath<D> | ElementPath<D> | '$raw';

/** A path that begins with `$` is one of those that the table has; every other is one of the record. */
type CheckedPath<D extends Declaration, Path> = Path extends `$${string}`
  ? Path extends PathOf<D>
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
  readonly columns: { readonly [Name in keyof D['columns']]: CheckedColumn<D, D['columns'][Name]> };
};

type Declared<D extends Declaration> = Omit<D, 'resource'> & { readonly resource: D['resource']['name'] };

/**
 * Declares a table: the rows of a collection. The compiler refuses keys, a cursor and a delete mark that are no columns,
 * and paths with `$` that its resource does not have: `$context.x` is an id of the collection's parents, `$parent.x` needs
 * records inside of records, `$element` a table with `explode`.
 *
 * @param declaration - one file each in this folder
 * @returns the table, whose resource is a name: the lake knows no Graph
 */
export function table<const D extends Declaration>(declaration: D & Checked<D>): Declared<D> {
  const { resource, ...rest } = declaration as Declaration;
  return { ...rest, resource: resource.name } as Declared<D>;
}
