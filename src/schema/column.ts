/**
 * The column vocabulary. A table names each column once, with a type and the place of its value; every dialect
 * (DuckDB, Parquet, Spark, JSON Schema, the row function, the docs) is rendered from that.
 */
export type ScalarType = 'string' | 'boolean' | 'int32' | 'int64' | 'double' | 'timestamp' | 'json';

export type ColumnType =
  | ScalarType
  | { readonly list: ColumnType }
  | { readonly struct: Readonly<Record<string, ColumnType>> };

/** Facts about a page that its bytes do not tell: they come from the envelope. */
export type ContextKey = 'team_id' | 'channel_id' | 'message_id' | 'user_id';

export interface Column {
  readonly type: ColumnType;
  /**
   * Where the value stands: a path in the record (`from.user.id`), `$element.x` in the exploded element, or
   * `$context.x` in the envelope. Default: the column's own name as a path in the record. Several paths: the first
   * that is not null.
   */
  readonly from?: string | readonly string[];
  /** True when no row may lack it; a row that does goes to quarantine. Key columns always are. */
  readonly required?: boolean;
  readonly description: string;
}

export type IngestionType = 'snapshot' | 'cdc' | 'cdc_with_deletes' | 'append';

/** What the lake must know of a table to land it. `tables/` adds where the pages come from. */
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
  /** Column that is set when the row was deleted at the source (the row itself stays). */
  readonly deletedWhen?: string;
  /** Where the records stand in a page. Default `['value']`. `value.replies` = the list `replies` of each element. */
  readonly records?: readonly string[];
  /** One row per element of this list of the record; the rows of a record are replaced together. */
  readonly explode?: string;
  /** Which records: those whose `replyToId` is null (`roots`) or not (`replies`). Default all. */
  readonly where?: { readonly path: string; readonly is: 'null' | 'not_null' };
  readonly columns: Readonly<Record<string, Column>>;
}
