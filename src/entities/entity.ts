import type { TableShape } from '../schema/column.ts';

/** The JSON of a scalar: instants are texts, as Graph writes them. */
type JsonOfScalar<Type> = Type extends 'boolean'
  ? boolean
  : Type extends 'int32' | 'int64' | 'double'
    ? number
    : Type extends 'json'
      ? unknown
      : string;

type JsonOf<Type> = Type extends { readonly list: infer Element }
  ? readonly JsonOf<Element>[]
  : Type extends { readonly struct: infer Fields }
    ? { readonly [Name in keyof Fields]?: JsonOf<Fields[Name]> | null }
    : JsonOfScalar<Type>;

/** A path that names a field of the record itself. */
type OwnField<Path> = Path extends `${'$' | `${string}.`}${string}` ? never : Path;

/** The field of the record that a column is made of; none of those that come from elsewhere or from inside. */
type FieldOf<Name, Column> = Column extends { readonly from: infer From }
  ? From extends readonly (infer Path)[]
    ? OwnField<Path>
    : OwnField<From>
  : Name;

/**
 * A record of Graph, typed by the table that is made of it: what the table reads of it, as Graph writes it. Further fields
 * come as well. Graph leaves out fields, and says null.
 */
export type Entity<Table extends Pick<TableShape, 'columns'>> = {
  readonly [Name in keyof Table['columns'] as FieldOf<Name, Table['columns'][Name]> & string]?: JsonOf<
    Table['columns'][Name]['type']
  > | null;
} & { readonly id: string };
