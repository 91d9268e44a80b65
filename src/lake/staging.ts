import type { Column, TableShape } from '../schema/column.ts';
import { innerLists, pathsOf } from '../schema/column.ts';
import { textShape } from '../schema/json-shape.ts';
import { castSql, malformedSql, suspectSql, textSql, valueSql, whereSql } from '../schema/projection.ts';
import { identifier, literal } from '../schema/sql.ts';

/** DuckDB's default for `maximum_object_size`; longer lines need it raised. */
export const DEFAULT_LINE_BYTES = 16 * 1024 * 1024;

/** Place of a record in its segment: page, place in the page, place in the list inside. It orders what arrived. */
const ROW_NUMBER = '(n::BIGINT << 40) | (outer_at::BIGINT << 20) | inner_at::BIGINT';

/**
 * The records of one resource in one segment, parsed and cast once: temporary table `records`. Columns that several
 * tables declare alike stand there once.
 */
export class Staging {
  readonly tables: readonly TableShape[];
  readonly commit: number;
  readonly #columns = new Map<string, { alias: string; name: string; column: Column }>();

  constructor(tables: readonly TableShape[], commit: number) {
    this.tables = tables;
    this.commit = commit;
    for (const table of tables) {
      for (const [name, column] of Object.entries(table.columns)) {
        const meaning = meaningOf(name, column);
        if (!this.#columns.has(meaning)) this.#columns.set(meaning, { alias: `c${this.#columns.size}`, name, column });
      }
    }
  }

  /** The table of the outermost records: unreadable pages are counted there. */
  get root(): TableShape {
    return this.tables.reduce((root, table) => (table.primaryKey.length < root.primaryKey.length ? table : root));
  }

  /** Name of a table's column in `records`. */
  alias(table: TableShape, name: string): string {
    return this.#columns.get(meaningOf(name, table.columns[name]!))!.alias;
  }

  /** True for the records of a table, null for those that JavaScript read for another one. */
  belongs(table: TableShape): string {
    return `t${this.tables.indexOf(table)}`;
  }

  /** The version of a record, as its table's cursor says. */
  version(table: TableShape): string {
    const columns = [table.cursor, table.cursorElse].filter((name) => name !== undefined);
    if (columns.length === 0) return 'NULL::TIMESTAMPTZ';
    return `coalesce(${columns.map((name) => this.alias(table, name)).join(', ')})`;
  }

  /** SELECT of a table's rows, as change rows. */
  rows(table: TableShape): string {
    const columns = Object.keys(table.columns).map((name) => `${this.alias(table, name)} AS ${identifier(name)}`);
    return `SELECT ${columns.join(', ')}, 'upsert' AS _op, ${this.version(table)} AS _version, ${this.commit}::BIGINT AS _commit, _row
      FROM records WHERE ${this.isRow(table)}`;
  }

  /** True for the records that become rows of a table. */
  isRow(table: TableShape): string {
    return `removed IS NULL AND ${this.belongs(table)} AND NOT (${this.#keyIsPartial(table)}) AND ${this.#isAskedFor(table)}`;
  }

  /** True for records to look at: a part of their key is missing, or a value is none of its type or shape and NULL stands in its place. */
  isOdd(table: TableShape): string {
    return `removed IS NULL AND ${this.belongs(table)} AND (malformed OR suspect OR ${this.#keyIsPartial(table)}) AND ${this.#isAskedFor(table)}`;
  }

  /** Why: only records with a whole key become rows. `suspect`: only the record itself tells whether a shape is another. */
  oddity(table: TableShape): string {
    return `CASE WHEN ${this.#keyIsPartial(table)} THEN 'key_missing' WHEN malformed THEN 'value_malformed' ELSE 'suspect' END`;
  }

  /** False for records that are older than their page was asked for. */
  #isAskedFor(table: TableShape): string {
    return `(since IS NULL OR coalesce(${this.version(table)} >= since, true))`;
  }

  #keyIsPartial(table: TableShape): string {
    return table.primaryKey.map((name) => `${this.alias(table, name)} IS NULL`).join(' OR ');
  }

  /** SELECT that makes `records` of the pages in one spool file. */
  parse(nested: boolean, pages: string): string {
    const outer = `SELECT n, ctx, unnest(value) AS m, unnest(raw) AS raw, generate_subscripts(value, 1) AS outer_at,
      0 AS inner_at FROM (${pages})`;
    const selects = [this.#select(outer, false)];
    for (const list of nested ? innerLists(this.tables) : []) {
      const inside = `m.${identifier(list)}`;
      const raws = `from_json(raw, ${literal(JSON.stringify({ [list]: ['JSON'] }))}).${identifier(list)}`;
      selects.push(
        this.#select(
          `SELECT n, ctx, m AS parent, outer_at, unnest(${inside}) AS m, unnest(${raws}) AS raw,
             generate_subscripts(${inside}, 1) AS inner_at FROM (${outer}) WHERE len(${inside}) > 0`,
          true,
        ),
      );
    }
    return selects.join(' UNION ALL ');
  }

  /** SELECT that adds what JavaScript read for one table (file `$1`). */
  parseSlow(table: TableShape): string {
    const row = Object.fromEntries(Object.entries(table.columns).map(([name, { type }]) => [name, textShape(type)]));
    const place = {
      n: 'INTEGER',
      outer: 'INTEGER',
      inner: 'INTEGER',
      removed: 'VARCHAR',
      belongs: 'BOOLEAN',
      misshapen: 'BOOLEAN',
      at: 'VARCHAR',
      since: 'VARCHAR',
    };
    const columns = new Map<string, string>();
    for (const [name, { type }] of Object.entries(table.columns)) {
      columns.set(this.alias(table, name), castSql(`s.row.${identifier(name)}`, type));
    }
    const selected = [...columns].map(([alias, sql]) => `${sql} AS ${alias}`);
    const malformed = Object.entries(table.columns).map(([name, { type }]) =>
      malformedSql(`s.row.${identifier(name)}`, type),
    );
    return `SELECT ${selected.join(', ')}, ${anyOf(['s.misshapen', ...malformed])} AS malformed, false AS suspect, s.removed AS removed, TRY_CAST(s.at AS TIMESTAMPTZ) AS removed_at, TRY_CAST(s.since AS TIMESTAMPTZ) AS since,
        s.belongs AS ${this.belongs(table)}, n, outer_at, inner_at, ${ROW_NUMBER} AS _row
      FROM (SELECT s, s.n AS n, s.outer AS outer_at, s.inner AS inner_at FROM (
        SELECT from_json(json, ${literal(JSON.stringify({ ...place, row }))}) AS s
        FROM read_ndjson_objects($1::VARCHAR, hive_partitioning = false, maximum_object_size = ${4 * DEFAULT_LINE_BYTES})))`;
  }

  #select(source: string, nested: boolean): string {
    const columns = [...this.#columns.values()].map(
      ({ alias, name, column }) => `${valueSql(name, column, nested)} AS ${alias}`,
    );
    const members = this.tables.map((table) => `${whereSql(table, nested)} AS ${this.belongs(table)}`);
    const texts = [...this.#columns.values()].map(
      ({ name, column }) => [textSql(name, column, nested), column.type] as const,
    );
    const malformed = texts.map(([text, type]) => malformedSql(text, type));
    const suspect = texts.map(([text, type]) => suspectSql(text, type));
    return `SELECT ${[...columns, ...members].join(', ')}, ${anyOf(malformed)} AS malformed, ${anyOf(suspect)} AS suspect,
      CASE WHEN m."@removed" IS NOT NULL THEN coalesce(m."@removed".reason, '') END AS removed,
      TRY_CAST(ctx."fetchedAt" AS TIMESTAMPTZ) AS removed_at, TRY_CAST(ctx."since" AS TIMESTAMPTZ) AS since, n, outer_at, inner_at, ${ROW_NUMBER} AS _row FROM (${source})`;
  }
}

function anyOf(conditions: readonly (string | undefined)[]): string {
  const found = conditions.filter((condition) => condition !== undefined);
  return found.length > 0 ? `(${found.join(' OR ')})` : 'false';
}

const meaningOf = (name: string, column: Column): string => JSON.stringify([column.type, pathsOf(name, column)]);
