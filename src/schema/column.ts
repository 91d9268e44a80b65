/**
 * The column vocabulary. A table names each column once, with a type and the place of its value; every dialect
 * (DuckDB, Parquet, Spark, JSON Schema, the row function, the docs) is rendered from that.
 */
/** `id`: a text that names something; GUIDs are kept in lower case, whatever casing the service answers in. */
export type ScalarType = 'string' | 'id' | 'boolean' | 'int32' | 'int64' | 'double' | 'timestamp' | 'json';

export type ColumnType =
  | ScalarType
  | { readonly list: ColumnType }
  | { readonly struct: Readonly<Record<string, ColumnType>> };

/** Facts about a page that its bytes do not tell: they come from the envelope. */
export type ContextKey = 'team_id' | 'channel_id' | 'message_id' | 'user_id';

export interface Column {
  readonly type: ColumnType;
  /**
   * Where the value stands: a path in the record (`from.user.id`), `$context.x` in the envelope, `$parent.x` in the
   * record that holds this one (`value.replies`), `$raw` the whole record. In a table with `explode` the record is a *row of its record table*:
   * a path names that row's columns, `$element` the element, `$element.x` a part of it, `$ordinal` its place in the list (`#1`; a plain number
   * for number columns), `$occurrence` which of the elements with the same key it is: empty for the first, then `#2`, `#3`, ….
   * Default: the column's own name. Several paths: the first that is not null.
   */
  readonly from?: string | readonly string[];
  /** Of exploded tables: only elements whose part `path` is this text have the value; elsewhere, and where it is null, it is empty. */
  readonly onlyWhen?: { readonly path: string; readonly is: string };
  readonly description: string;
  /** Why the service leaves it empty in everything that is read: it is null on purpose. */
  readonly unfilled?: string;
}

export type IngestionType = 'snapshot' | 'cdc' | 'cdc_with_deletes' | 'append';

/** One table, as data. Everything that is known of a table is rendered from this declaration. */
export interface TableShape {
  readonly name: string;
  /** One sentence: what a row is. */
  readonly description: string;
  /** Name of the resource whose pages hold the rows. */
  readonly resource: string;
  readonly ingestionType: IngestionType;
  readonly primaryKey: readonly string[];
  /** Column that grows with every version of a row. Later wins. */
  readonly cursor?: string;
  /** Column that stands for the cursor in records without it. */
  readonly cursorElse?: string;
  /** Column that is set when the row was deleted at the source (the row itself stays). */
  readonly deletedWhen?: string;
  /** Where the records stand in a page. Default `['value']`. `value.replies` = the list `replies` of each element. */
  readonly records?: readonly string[];
  /**
   * One row per element of this list column of the record tables (the other tables of the resource that have it). Such
   * a table stores nothing of its own: it is always exactly what the current records say. Its key is the record's key
   * and what tells the elements of one list apart; elements with the same key are told apart by `$occurrence`, none is left out.
   */
  readonly explode?: string;
  /** Which records: those for which the first value found on the paths is null, or is not. Default all. */
  readonly where?: { readonly path: string | readonly string[]; readonly is: 'null' | 'not_null' };
  readonly columns: Readonly<Record<string, Column>>;
}

/** The places of a column's value, in order. */
export function pathsOf(name: string, column: Column): readonly string[] {
  const from = column.from ?? name;
  return typeof from === 'string' ? [from] : from;
}

/** The tables whose rows are read from the resource's pages. */
export function recordTables(tables: readonly TableShape[], resource: string): readonly TableShape[] {
  return tables.filter((table) => table.resource === resource && table.explode === undefined);
}

/** Names of the lists inside the records of a page that hold records of their own: `replies` of `value.replies`. */
export function innerLists(tables: readonly TableShape[]): readonly string[] {
  const paths = new Set(tables.flatMap((table) => table.records ?? []));
  paths.delete('value');
  return [...paths].map((path) => path.slice('value.'.length));
}

/** The tables whose list column `explode` an exploded table is made of. */
export function sourcesOf(exploded: TableShape, tables: readonly TableShape[]): readonly TableShape[] {
  return recordTables(tables, exploded.resource).filter((table) => exploded.explode! in table.columns);
}

/** Columns of a snapshot table that name the partition a listing is complete for: key columns from the envelope. */
export function partitionColumns(table: TableShape): readonly string[] {
  return table.primaryKey.filter((name) =>
    pathsOf(name, table.columns[name]!).some((path) => path.startsWith('$context.')),
  );
}

/** The same partition as the envelope of a page says it. */
export function partitionContext(table: TableShape): readonly ContextKey[] {
  return partitionColumns(table).map((name) => {
    const path = pathsOf(name, table.columns[name]!).find((candidate) => candidate.startsWith('$context.'))!;
    return path.slice('$context.'.length) as ContextKey;
  });
}

/** The table with one more column: the whole record as JSON text. Exploded tables have none. */
export function withRawColumn(table: TableShape): TableShape {
  if (table.explode !== undefined) return table;
  const raw: Column = { type: 'json', from: '$raw', description: 'The whole record, as the service sent it.' };
  return { ...table, columns: { ...table.columns, _raw: raw } };
}
