import type { Column, TableShape } from '../../schema/column.ts';
import { innerPaths, outermostOf, pathsOf, recordSteps } from '../../schema/column.ts';
import { type Condition, conditionSql } from '../../schema/condition.ts';
import { recordShape, textShape } from '../../schema/json-shape.ts';
import { castSql, malformedSql, parentName, suspectSql, textSql, valueSql, whereSql } from '../../schema/projection.ts';
import { duckdbType, identifier, literal } from '../../schema/sql.ts';
import { innerPlaceSql, placeSql } from './place.ts';

/** DuckDB's default for `maximum_object_size`; longer lines need it raised. */
export const DEFAULT_LINE_BYTES = 16 * 1024 * 1024;

/** Place of a record in its segment. */
const ROW_NUMBER = placeSql('n', 'outer_at', 'inner_at');

/** A column of `records`, and the tables that declare it so. */
interface StagedColumn {
  readonly alias: string;
  readonly name: string;
  readonly column: Column;
  readonly of: TableShape[];
}

/**
 * The records of one resource in one segment, parsed and cast once: temporary table `records`. Columns that several
 * tables declare alike stand there once.
 */
export class Staging {
  readonly tables: readonly TableShape[];
  readonly commit: number;
  readonly #columns = new Map<string, StagedColumn>();
  readonly #only: Condition | undefined;

  /** @param only - what records must meet to become rows; default: nothing */
  constructor(tables: readonly TableShape[], commit: number, only?: Condition) {
    this.#only = only;
    this.tables = tables;
    this.commit = commit;
    for (const table of tables) {
      for (const [name, column] of Object.entries(table.columns)) {
        const meaning = meaningOf(name, column);
        const known = this.#columns.get(meaning);
        if (known) known.of.push(table);
        else this.#columns.set(meaning, { alias: `c${this.#columns.size}`, name, column, of: [table] });
      }
    }
  }

  /** The table of the outermost records: unreadable pages are counted there. */
  get root(): TableShape {
    return outermostOf(this.tables);
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
    const versions = columns.map((name) => versionSql(this.alias(table, name), table.columns[name]!));
    return `coalesce(${versions.join(', ')})`;
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
    return `removed IS NULL AND ${this.belongs(table)} AND (${this.isMalformed(table)} OR ${this.#ofGroups(table, 'suspect')} OR ${this.#keyIsPartial(table)}) AND ${this.#isAskedFor(table)}`;
  }

  /** Why: only records with a whole key become rows. `suspect`: only the record itself tells whether a shape is another. */
  oddity(table: TableShape): string {
    return `CASE WHEN ${this.#keyIsPartial(table)} THEN 'key_missing' WHEN ${this.isMalformed(table)} THEN 'value_malformed' ELSE 'suspect' END`;
  }

  /** True for records that hold a value of the table that is none of its type. */
  isMalformed(table: TableShape): string {
    return this.#ofGroups(table, 'malformed');
  }

  /** What is said of the values of each group of columns, for all those of a table. */
  #ofGroups(table: TableShape, word: 'malformed' | 'suspect'): string {
    const groups = this.#groups.filter(({ of }) => of.includes(table));
    return anyOf(groups.map(({ at }) => `coalesce(${word}${at}, false)`));
  }

  /** Columns that the same tables have. */
  get #groups(): readonly { at: number; of: readonly TableShape[]; columns: readonly StagedColumn[] }[] {
    const key = ({ of }: StagedColumn) => of.map((table) => this.tables.indexOf(table)).join(',');
    const groups = new Map<string, StagedColumn[]>();
    for (const column of this.#columns.values()) groups.set(key(column), [...(groups.get(key(column)) ?? []), column]);
    return [...groups.values()].map((columns, at) => ({ at, of: columns[0]!.of, columns }));
  }

  /** False for records that are older than their page was asked for, or newer, or not what is asked for. */
  #isAskedFor(table: TableShape): string {
    const version = this.version(table);
    const isOfTime = `(since IS NULL OR coalesce(${version} >= since, true)) AND (until IS NULL OR coalesce(${version} < until, false))`;
    if (this.#only === undefined) return isOfTime;
    return `${isOfTime} AND ${conditionSql(this.#only, table, (column) => this.alias(table, column))}`;
  }

  #keyIsPartial(table: TableShape): string {
    return table.primaryKey.map((name) => `${this.alias(table, name)} IS NULL`).join(' OR ');
  }

  /**
   * SELECT that makes `records` of pages. What it selects at each place is hundreds of expressions, which are bound anew for
   * every segment: places alike are selected from together.
   *
   * @param nested - those of them that may hold records inside records
   */
  parse(pages: string, nested?: string): string {
    const outer = (from: string) => `SELECT n, ctx, unnest(value) AS m, unnest(raw) AS raw,
      generate_subscripts(value, 1) AS outer_at, 0 AS inner_at FROM (${from})`;
    const places = [[], ...(nested === undefined ? [] : innerPaths(this.tables))];
    const sourceOf = (place: readonly string[]) =>
      place.length === 0 ? outer(pages) : this.#inside(outer(nested!), place);
    return this.#alike(places)
      .map((some) => {
        const depth = Math.max(...some.map(({ length }) => length));
        const [only, ...others] = some;
        const source =
          others.length === 0
            ? sourceOf(only!)
            : some.map((place) => this.#bare(sourceOf(place), place, depth)).join(' UNION ALL ');
        return this.#select(source, this.#tablesAt(only!), depth);
      })
      .join(' UNION ALL ');
  }

  #tablesAt(place: readonly string[]): ReadonlySet<TableShape> {
    return new Set(this.tables.filter((table) => isAt(table, place)));
  }

  /** Places whose records are read for the same tables in the same shape: replies are messages. */
  #alike(places: readonly (readonly string[])[]): readonly (readonly (readonly string[])[])[] {
    const groups = new Map<string, (readonly string[])[]>();
    for (const place of places) {
      const names = [...this.#tablesAt(place)].map(({ name }) => name);
      const key = JSON.stringify([names, recordShape(this.tables, place, false)]);
      groups.set(key, [...(groups.get(key) ?? []), place]);
    }
    return [...groups.values()];
  }

  /** Records without what is inside of them, and with as many records around them as others have: some are NULL. */
  #bare(source: string, place: readonly string[], depth: number): string {
    const fields = Object.keys(recordShape(this.tables, place, false)).map(
      (name) => `${identifier(name)} := m.${identifier(name)}`,
    );
    const parents = Array.from({ length: depth }, (_, at) =>
      at < place.length ? parentName(at + 1) : `NULL AS ${parentName(at + 1)}`,
    );
    return `SELECT ${['n', 'ctx', 'outer_at', 'inner_at', 'raw', `struct_pack(${fields.join(', ')}) AS m`, ...parents].join(', ')} FROM (${source})`;
  }

  /** The records that stand on a path inside the records `outer`. */
  #inside(outer: string, path: readonly string[]): string {
    const rows = path.reduce((around, list, depth) => {
      const inside = `m.${identifier(list)}`;
      const raws = `from_json(raw, ${literal(JSON.stringify({ [list]: ['JSON'] }))}).${identifier(list)}`;
      const parents = path.slice(0, depth).map((_, at) => `${parentName(at + 1)} AS ${parentName(at + 2)}`);
      const places = path.slice(0, depth).map((_, at) => `at${at}`);
      const kept = ['n', 'ctx', `m AS ${parentName(1)}`, ...parents, 'outer_at', ...places];
      return `SELECT ${kept.join(', ')}, unnest(${inside}) AS m, unnest(${raws}) AS raw,
             generate_subscripts(${inside}, 1) AS at${depth} FROM (${around}) WHERE len(${inside}) > 0`;
    }, outer);
    const places = path.map((_, at) => `at${at}`).join(', ');
    const ordinal = path.length === 1 ? 'at0' : `row_number() OVER (PARTITION BY n, outer_at ORDER BY ${places})`;
    return `SELECT *, ${innerPlaceSql(this.tables, path, ordinal)} AS inner_at FROM (${rows})`;
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
      until: 'VARCHAR',
    };
    const columns = new Map<string, string>();
    for (const [name, { type }] of Object.entries(table.columns)) {
      columns.set(this.alias(table, name), castSql(`s.row.${identifier(name)}`, type));
    }
    const selected = [...columns].map(([alias, sql]) => `${sql} AS ${alias}`);
    const malformed = Object.entries(table.columns).map(([name, { type }]) =>
      malformedSql(`s.row.${identifier(name)}`, type),
    );
    const odd = anyOf(['s.misshapen', ...malformed]);
    const oddities = this.#groups.filter(({ of }) => of.includes(table)).map(({ at }) => `${odd} AS malformed${at}`);
    return `SELECT ${[...selected, ...oddities].join(', ')}, s.removed AS removed, TRY_CAST(s.at AS TIMESTAMPTZ) AS removed_at, TRY_CAST(s.since AS TIMESTAMPTZ) AS since, TRY_CAST(s.until AS TIMESTAMPTZ) AS until,
        s.belongs AS ${this.belongs(table)}, n, outer_at, inner_at, ${ROW_NUMBER} AS _row
      FROM (SELECT s, s.n AS n, s.outer AS outer_at, s.inner AS inner_at FROM (
        SELECT from_json(json, ${literal(JSON.stringify({ ...place, row }))}) AS s
        FROM read_ndjson_objects($1::VARCHAR, hive_partitioning = false, maximum_object_size = ${4 * DEFAULT_LINE_BYTES})))`;
  }

  /** Records with the values of the tables that they are read for. */
  #select(source: string, here: ReadonlySet<TableShape>, depth: number): string {
    const columns = [...this.#columns.values()].map(({ alias, name, column, of }) =>
      of.some((table) => here.has(table))
        ? `${valueSql(name, column, depth)} AS ${alias}`
        : `NULL::${duckdbType(column.type)} AS ${alias}`,
    );
    const members = this.tables.map(
      (table) => `${here.has(table) ? whereSql(table, depth) : 'false'} AS ${this.belongs(table)}`,
    );
    const oddities = this.#groups.flatMap(({ at, of, columns }) => {
      const isRead = of.some((table) => here.has(table));
      const texts = isRead
        ? columns.map(({ name, column }) => [textSql(name, column, depth), column.type] as const)
        : [];
      const malformed = texts.map(([text, type]) => malformedSql(text, type));
      const suspect = texts.map(([text, type]) => suspectSql(text, type));
      return [`${anyOf(malformed)} AS malformed${at}`, `${anyOf(suspect)} AS suspect${at}`];
    });
    return `SELECT ${[...columns, ...members, ...oddities].join(', ')},
      CASE WHEN m."@removed" IS NOT NULL THEN coalesce(m."@removed".reason, '') END AS removed,
      TRY_CAST(ctx."fetchedAt" AS TIMESTAMPTZ) AS removed_at, TRY_CAST(ctx."since" AS TIMESTAMPTZ) AS since, TRY_CAST(ctx."until" AS TIMESTAMPTZ) AS until, n, outer_at, inner_at, ${ROW_NUMBER} AS _row FROM (${source})`;
  }
}

/** Versions are compared as instants: one that is a number is so many ms after 1970. */
function versionSql(value: string, { type }: Column): string {
  if (type !== 'int64' && type !== 'int32') return value;
  return `make_timestamptz(1000 * least(greatest(${value}, 0), ${LAST_MS}))`;
}

/** The end of the year 9999. */
const LAST_MS = 253_402_300_799_999;

function anyOf(conditions: readonly (string | undefined)[]): string {
  const found = conditions.filter((condition) => condition !== undefined);
  return found.length > 0 ? `(${found.join(' OR ')})` : 'false';
}

const isAt = (table: TableShape, place: readonly string[]): boolean =>
  recordSteps(table).some((steps) => steps.join('.') === place.join('.'));

const meaningOf = (name: string, column: Column): string => JSON.stringify([column.type, pathsOf(name, column)]);
