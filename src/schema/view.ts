import type { TableShape } from './column.ts';

/** A column of a view, with the DuckDB type of its values. */
export interface ViewColumn {
  readonly type: string;
  readonly description: string;
}

/**
 * An answer to what people often ask, as a view over tables: `sluice query` offers it beside them. It has no rows of its own.
 */
export interface ViewShape {
  readonly name: string;
  readonly description: string;
  /** The tables that it is made of. */
  readonly of: readonly TableShape[];
  readonly columns: Readonly<Record<string, ViewColumn>>;
  /**
   * A SELECT of these columns, in this order. Tables stand in it by their names.
   *
   * @param tenant - of a lake that holds several tenants, the column that all tables have, to be joined by and shown first
   */
  sql(tenant: string | undefined): string;
}
