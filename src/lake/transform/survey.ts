import type { TableShape } from '../../schema/column.ts';
import { sourcesOf } from '../../schema/column.ts';
import { elementCountSql, elementsSql } from '../../schema/explosion.ts';
import { identifier } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';
import { lakeErrors } from '../errors.ts';
import { MOST_PLACES } from './place.ts';
import type { Staging } from './staging.ts';

/** What the change rows of one table come to. */
export interface RowFacts {
  readonly rows: number;
  readonly deletes: number;
  /** Greatest version, ms since 1970. */
  readonly latestMs: number | undefined;
  /** Per exploded table made of it: elements in the rows. */
  readonly elements: Readonly<Record<string, number>>;
}

/** What `records` holds. */
export interface Survey {
  /** Pages with a record. */
  readonly pages: ReadonlySet<number>;
  /** Records that say that something was deleted. */
  readonly removals: number;
  readonly facts: ReadonlyMap<TableShape, RowFacts>;
  /** Per table: records that quarantine keeps. */
  readonly odd: ReadonlyMap<TableShape, number>;
  /** Tables with several rows of one key: pages that were read twice, or hold the same record. */
  readonly repeating: ReadonlySet<TableShape>;
}

/** Looks through `records` once. */
export async function surveyRecords(duck: Duck, staging: Staging, tables: readonly TableShape[]): Promise<Survey> {
  const selected = staging.tables.flatMap((table, at) => {
    const where = staging.isRow(table);
    return [
      ...factColumns(table, tables, {
        version: staging.version(table),
        column: (name) => staging.alias(table, name),
        where,
        at,
      }),
      `(count(*) FILTER (${staging.isOdd(table)}))::INTEGER AS odd${at}`,
      `count(*) FILTER (${where}) > count(DISTINCT hash(${table.primaryKey.map((name) => staging.alias(table, name)).join(', ')})) FILTER (${where}) AS repeats${at}`,
    ];
  });
  const [found] = await duck.rows(
    `SELECT list(DISTINCT n) AS pages, max(greatest(outer_at, inner_at))::DOUBLE AS place, (count(*) FILTER (removed = 'deleted'))::INTEGER AS removals, ${selected.join(', ')}
     FROM records`,
  );
  if (Number(found!['place'] ?? 0) >= MOST_PLACES)
    throw lakeErrors.lake_page_too_full({ resource: staging.tables[0]!.resource, most: MOST_PLACES });
  const each = <T>(read: (table: TableShape, at: number) => T) =>
    new Map(staging.tables.map((table, at) => [table, read(table, at)] as const));
  return {
    pages: new Set((found!['pages'] ?? []) as number[]),
    removals: Number(found!['removals']),
    facts: each((table, at) => factsOf(found!, table, tables, at)),
    odd: each((_, at) => Number(found![`odd${at}`])),
    repeating: new Set(staging.tables.filter((_, at) => found![`repeats${at}`] === true)),
  };
}

/** Looks through a relation of change rows once. */
export async function surveyRows(
  duck: Duck,
  relation: string,
  table: TableShape,
  tables: readonly TableShape[],
): Promise<RowFacts> {
  const columns = factColumns(table, tables, { version: '_version', column: identifier, where: 'true', at: 0 });
  const [found] = await duck.rows(
    `SELECT ${columns.join(', ')}, (count(*) FILTER (_op = 'delete'))::INTEGER AS deletes0 FROM ${relation}`,
  );
  return factsOf(found!, table, tables, 0);
}

/** The exploded tables that are made of a record table. */
function explodedFrom(source: TableShape, tables: readonly TableShape[]): readonly TableShape[] {
  return tables.filter((table) => table.explode !== undefined && sourcesOf(table, tables).includes(source));
}

function factColumns(
  table: TableShape,
  tables: readonly TableShape[],
  sql: {
    readonly version: string;
    readonly column: (name: string) => string;
    readonly where: string;
    readonly at: number;
  },
): string[] {
  const { version, column, where, at } = sql;
  return [
    `(count(*) FILTER (${where}))::INTEGER AS rows${at}`,
    `epoch_ms(max(${version}) FILTER (${where} AND isfinite(${version})))::DOUBLE AS latest${at}`,
    ...explodedFrom(table, tables).map(
      (exploded, place) =>
        `coalesce(sum(${elementCountSql(exploded, elementsSql(exploded, table, column))}) FILTER (${where}), 0)::INTEGER AS elements${at}_${place}`,
    ),
  ];
}

function factsOf(
  found: Readonly<Record<string, unknown>>,
  table: TableShape,
  tables: readonly TableShape[],
  at: number,
): RowFacts {
  const latest = found[`latest${at}`];
  const elements = explodedFrom(table, tables).map(
    ({ name }, place) => [name, Number(found[`elements${at}_${place}`])] as const,
  );
  return {
    rows: Number(found[`rows${at}`]),
    deletes: Number(found[`deletes${at}`] ?? 0),
    latestMs: typeof latest === 'number' ? latest : undefined,
    elements: Object.fromEntries(elements),
  };
}
