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

export interface Column {
  readonly type: ColumnType;
  /**
   * Where the value stands: a path in the record (`from.user.id`), `$context.x` in the envelope, `$parent.x` in the
   * record that holds this one (`value.replies`), `$parent.$parent.x` in the one around that, `$raw` the whole record.
   * In a table with `explode` the record is a *row of its record table*: a path names that row's columns, `$element`
   * the element, `$element.x` a part of it, `$ordinal` its place in the list (`#1`; a plain number for number columns),
   * `$outer.x` and `$outer.$ordinal` the same of the element that holds it (`$outer.$outer.x` of the one around that),
   * `$occurrence` which of the record's elements with the same key it is: empty for the first, then `#2`, `#3`, ….
   * Default: the column's own name. Several paths: the first that is not null.
   */
  readonly from?: string | readonly string[];
  /** Of exploded tables: only elements whose part `path` is this text have the value; elsewhere, and where it is null, it is empty. */
  readonly onlyWhen?: { readonly path: string; readonly is: string };
  readonly description: string;
  /** Why the service leaves it empty in everything that is read: it is null on purpose. */
  readonly unfilled?: string;
}

/**
 * What a record's texts name by address: `names` is the step before the name, in `…/<id of the record>/hostedContents/<name>/…`
 * and in `../hostedContents/<name>/…`. Each name is one element, however often it stands there. What the address of
 * another record names (a forwarded message) is none.
 */
export interface AddressedNames {
  readonly names: string;
  /** Columns with texts, or texts in them: `body.content`, and of each element of a list `attachments.content`. */
  readonly in: readonly string[];
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
  /**
   * Where the records stand in a page. Default `['value']`. `value.replies` = the list `replies` of each element,
   * `value.sessions.segments` = the list `segments` of each element of its list `sessions`; of any depth.
   */
  readonly records?: readonly string[];
  /**
   * One row per element of this list column of the record tables (the other tables of the resource that have it). Such
   * a table stores nothing of its own: it is always exactly what the current records say. Its key is the record's key
   * and what tells the elements of one list apart; elements with the same key are told apart by `$occurrence`, none is left out.
   * Of lists inside of lists the column, then the lists inside of each element: `['sessions', 'segments']`.
   */
  readonly explode?: string | readonly string[] | AddressedNames;
  /** Which records: those for which the first value found on the paths is null, or is not. Default all. */
  readonly where?: { readonly path: string | readonly string[]; readonly is: 'null' | 'not_null' };
  /**
   * Columns with the beginning and the end of what a row is about. A listing of such a table may be complete for a stretch
   * of time: it replaces the rows that touch the stretch, and no others.
   */
  readonly lasts?: readonly [from: string, to: string];
  /** Column that names a file of the lake beside the tables, where a row has one. */
  readonly files?: string;
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

/** Of the tables of one resource, that of the outermost records: a listing is counted by it. */
export function outermostOf(tables: readonly TableShape[]): TableShape {
  return tables.reduce((root, table) => (table.primaryKey.length < root.primaryKey.length ? table : root));
}

/** Where the records of a table stand in a page, each as the lists below `value`: none for the page's own records. */
export function recordSteps(table: TableShape): readonly (readonly string[])[] {
  return (table.records ?? ['value']).map((path) => path.split('.').slice(1));
}

/** The same of several tables, each place once, without that of the page's own records. */
export function innerPaths(tables: readonly TableShape[]): readonly (readonly string[])[] {
  const paths = new Map(tables.flatMap(recordSteps).map((steps) => [steps.join('.'), steps] as const));
  paths.delete('');
  return [...paths.values()];
}

/** Names of the lists inside the page's own records that hold records, or what holds some: `replies` of `value.replies`. */
export function innerLists(tables: readonly TableShape[]): readonly string[] {
  return [...new Set(innerPaths(tables).map(([list]) => list!))];
}

/** A path taken apart: how many levels out of the record or element it leads, and what it names there. */
export function outward(path: string, word: '$parent' | '$outer'): { readonly out: number; readonly path: string } {
  const steps = path.split('.');
  const first = steps.findIndex((step) => step !== word);
  const out = first === -1 ? steps.length : first;
  return { out, path: steps.slice(out).join('.') };
}

/** The names that are exploded; undefined: it is a list, or nothing. */
export function addressedNames({ explode }: TableShape): AddressedNames | undefined {
  return typeof explode === 'object' && 'names' in explode ? explode : undefined;
}

/** What is exploded: the list column of the record table, then the lists inside of each element. None: no list is. */
export function explodeSteps({ explode }: TableShape): readonly string[] {
  return explode === undefined || (typeof explode === 'object' && 'names' in explode) ? [] : [explode].flat();
}

/** The columns of the record tables that the elements of an exploded table are made of. */
export function explodedColumns(table: TableShape): readonly string[] {
  const texts = addressedNames(table)?.in.map((path) => path.split('.')[0]!);
  return texts ? [...new Set(texts)] : explodeSteps(table).slice(0, 1);
}

/** The tables whose columns an exploded table is made of. */
export function sourcesOf(exploded: TableShape, tables: readonly TableShape[]): readonly TableShape[] {
  const columns = explodedColumns(exploded);
  return recordTables(tables, exploded.resource).filter((table) => columns.every((name) => name in table.columns));
}

/** Columns of a snapshot table that name the partition a listing is complete for: key columns from the envelope, and from no record in it. */
export function partitionColumns(table: TableShape): readonly string[] {
  return table.primaryKey.filter((name) => {
    const paths = pathsOf(name, table.columns[name]!);
    return paths.some((path) => path.startsWith('$context.')) && !paths.some((path) => path.startsWith('$parent.'));
  });
}

/** The same partition as the envelope of a page says it. */
export function partitionContext(table: TableShape): readonly string[] {
  return partitionColumns(table).map((name) => {
    const path = pathsOf(name, table.columns[name]!).find((candidate) => candidate.startsWith('$context.'))!;
    return path.slice('$context.'.length);
  });
}

/** The table with one more column: the whole record as JSON text. Exploded tables have none. */
export function withRawColumn(table: TableShape): TableShape {
  if (table.explode !== undefined) return table;
  const raw: Column = { type: 'json', from: '$raw', description: 'The whole record, as the service sent it.' };
  return { ...table, columns: { ...table.columns, _raw: raw } };
}
