import { join } from 'node:path';
import type { Column, TableShape } from '../schema/column.ts';
import { innerLists, pathsOf } from '../schema/column.ts';
import { recordShape, textShape } from '../schema/json-shape.ts';
import { castSql, malformedSql, suspectSql, textSql, valueSql, whereSql } from '../schema/projection.ts';
import { recordReader } from '../schema/row.ts';
import { identifier, literal } from '../schema/sql.ts';
import type { Duck } from './duck.ts';
import type { PlacedRecord, Quarantined } from './slow-path.ts';
import { readPage, writeRecords } from './slow-path.ts';
import type { Segment, SpooledPage, SpoolFile } from './spool.ts';
import type { Survey } from './survey.ts';
import { surveyRecords } from './survey.ts';

/** DuckDB's default for `maximum_object_size`; longer lines need it raised. */
const DEFAULT_LINE_BYTES = 16 * 1024 * 1024;
const CONTEXT = ['team_id', 'channel_id', 'message_id', 'user_id', 'since', 'fetchedAt'];

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

const meaningOf = (name: string, column: Column): string =>
  JSON.stringify([column.type, pathsOf(name, column), column.isId]);

/**
 * Fills `records` from the pages of one resource. Pages that DuckDB cannot read go through JavaScript; what has no rows,
 * no key or a value that is none comes back as quarantined.
 */
export async function stageRecords(options: {
  duck: Duck;
  segment: Segment;
  resource: string;
  staging: Staging;
  tables: readonly TableShape[];
  folder: string;
}): Promise<{ quarantined: readonly Quarantined[]; survey: Survey }> {
  const { duck, segment, resource, staging, tables, folder } = options;
  const pages = segment.pages.filter((page) => page.resource === resource);
  const files = segment.files.filter((file) => file.resource === resource);
  await createRecords(duck, staging, pages, files);
  let survey = await surveyRecords(duck, staging, tables);
  const quarantined: Quarantined[] = [];
  const slow = new Map<number, readonly PlacedRecord[]>();
  for (const page of pages.filter(({ n }) => !survey.pages.has(n))) {
    const { records, lost } = readPage(await segment.read(page), page, staging.tables);
    for (const one of lost) quarantined.push({ page, table: staging.root.name, ...one });
    if (records.length > 0) slow.set(page.n, records);
  }
  for (const table of slow.size > 0 ? staging.tables : []) {
    const path = join(folder, `${table.name}.slow.ndjson`);
    if ((await writeRecords(path, table, slow)) === 0) continue;
    await duck.run(`INSERT INTO records BY NAME ${staging.parseSlow(table)}`, [path]);
  }
  if (slow.size > 0) survey = await surveyRecords(duck, staging, tables);
  for (const table of staging.tables) {
    if (survey.odd.get(table) === 0) continue;
    quarantined.push(...(await oddRecords(duck, segment, staging, table, pages)));
  }
  return { quarantined, survey };
}

async function createRecords(
  duck: Duck,
  staging: Staging,
  pages: readonly SpooledPage[],
  files: readonly SpoolFile[],
): Promise<void> {
  const longest = pages.reduce((bytes, page) => Math.max(bytes, page.lineLength), DEFAULT_LINE_BYTES);
  const lines = (isNested: boolean) => {
    const paths = files.filter(({ nested }) => nested === isNested).map(({ path }) => literal(path));
    if (paths.length === 0) return undefined;
    return `read_ndjson_objects([${paths.join(', ')}], ignore_errors = true, hive_partitioning = false, maximum_object_size = ${longest})`;
  };
  const selects = [staging.parse(false, parsedPages(staging, false, lines(false) ?? NO_LINES))];
  const nested = lines(true);
  if (nested) {
    // Pages with records inside records are read twice: they are kept parsed.
    await duck.run(`CREATE OR REPLACE TEMP TABLE pages AS ${parsedPages(staging, true, nested)}`);
    selects.push(staging.parse(true, 'FROM pages'));
  }
  await duck.run(`CREATE OR REPLACE TEMP TABLE records AS ${selects.join(' UNION ALL ')}`);
  await duck.run('DROP TABLE IF EXISTS pages');
}

const NO_LINES = '(SELECT NULL::JSON AS json WHERE false)';

/** SELECT of pages as structures: one line, one row. */
function parsedPages(staging: Staging, nested: boolean, lines: string): string {
  const record = recordShape(staging.tables) as Record<string, unknown>;
  const inner = Object.fromEntries(innerLists(staging.tables).map((list) => [list, [record]]));
  const shape = {
    n: 'INTEGER',
    ctx: Object.fromEntries(CONTEXT.map((key) => [key, 'VARCHAR'])),
    page: { value: [nested ? { ...record, ...inner } : record] },
  };
  const raw = staging.tables.some((table) => '_raw' in table.columns);
  return `SELECT p.n AS n, p.ctx AS ctx, p.page.value AS value, raw FROM (
    SELECT from_json(json, ${literal(JSON.stringify(shape))}) AS p,
      ${raw ? `from_json(json, '{"page":{"value":["JSON"]}}').page.value` : 'NULL::VARCHAR[]'} AS raw FROM ${lines})`;
}

/** Odd records are read again in JavaScript, so that quarantine keeps them as they came. */
async function oddRecords(
  duck: Duck,
  segment: Segment,
  staging: Staging,
  table: TableShape,
  pages: readonly SpooledPage[],
): Promise<Quarantined[]> {
  const places = await duck.rows(
    `SELECT n, outer_at::INTEGER AS outer_at, inner_at::INTEGER AS inner_at, ${staging.oddity(table)} AS reason
     FROM records WHERE ${staging.isOdd(table)}`,
  );
  const reader = recordReader(table);
  const found: Quarantined[] = [];
  const records = new Map<number, readonly PlacedRecord[]>();
  for (const { n, outer_at, inner_at, reason } of places) {
    const page = pages.find((candidate) => candidate.n === n)!;
    const all = records.get(page.n) ?? readPage(await segment.read(page), page, staging.tables).records;
    records.set(page.n, all);
    const placed = all.find(({ outer, inner }) => outer === outer_at && inner === inner_at);
    if (reason === 'suspect' && !(placed && reader.hasWrongShape(placed))) continue;
    found.push({
      page,
      table: table.name,
      reason: reason === 'key_missing' ? reason : 'value_malformed',
      bytes: Buffer.from(JSON.stringify(placed?.record ?? null)),
    });
  }
  return found;
}
