import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { HeldColumns } from '../lake/types.ts';
import { explodedColumns, recordTables, sourcesOf, type TableShape } from '../schema/column.ts';
import { type TableVersion, versionOf } from '../schema/table-version.ts';

type Facts = Readonly<Record<string, unknown>>;

/** The fact of a lake that says which tables and columns its rows were made for. */
const FACT = 'tables';

export type Declared = Readonly<Record<string, TableVersion>>;

const declaredSchema = z.record(z.string(), z.object({ rows: z.string(), columns: z.record(z.string(), z.string()) }));

/** Tables and columns as they are declared at present. Elements have no columns of their own: they are made of lists. */
export function declare(tables: readonly TableShape[]): Declared {
  return Object.fromEntries(
    tables.map((table) => {
      const version = versionOf(table);
      return [table.name, table.explode === undefined ? version : { ...version, columns: {} }];
    }),
  );
}

export const declaredFact = (tables: readonly TableShape[]): Facts => ({ [FACT]: declare(tables) });

/**
 * What a lake says of itself; undefined: it was written before lakes said so, or nothing is in it.
 *
 * @param now - what is declared at present: what says the same, as nearly always, needs no look at its form
 */
export function declaredOf(facts: Facts, now?: Declared): Declared | undefined {
  if (now !== undefined && isDeepStrictEqual(facts[FACT], now)) return now;
  const parsed = declaredSchema.safeParse(facts[FACT]);
  return parsed.success ? parsed.data : undefined;
}

/** True when the rows of the lake were made for just these tables. */
export function isDeclared(facts: Facts, tables: readonly TableShape[]): boolean {
  const now = declare(tables);
  return isDeepStrictEqual(declaredOf(facts, now), now);
}

/** What a lake from before holds: the columns that all its files have, nothing more. */
export function adopted(tables: readonly TableShape[], held: HeldColumns): Declared {
  const now = declare(tables);
  return Object.fromEntries(
    tables.flatMap((table) => {
      const columns = held.get(table.name);
      if (columns === undefined) return [];
      const { rows, columns: declared } = now[table.name]!;
      return [
        [
          table.name,
          { rows, columns: Object.fromEntries(Object.entries(declared).filter(([name]) => columns.has(name))) },
        ],
      ];
    }),
  );
}

/** What is declared of a resource and was not when its rows were made. */
export interface Missing {
  readonly tables: readonly string[];
  /** As `table.column`. */
  readonly columns: readonly string[];
}

/**
 * Tables of elements are made of the rows that stand: they miss nothing unless what they are made of does.
 *
 * @param now - what `tables` declare
 */
export function missingOf(
  before: Declared,
  tables: readonly TableShape[],
  resource: string,
  now = declare(tables),
): Missing {
  const isKnown = ({ name }: TableShape) => before[name]?.rows === now[name]!.rows;
  const records = recordTables(tables, resource);
  const columns = records.filter(isKnown).flatMap(({ name }) =>
    Object.entries(now[name]!.columns)
      .filter(([column, version]) => before[name]!.columns[column] !== version)
      .map(([column]) => columnName(name, column)),
  );
  const lacksList = (table: TableShape) =>
    sourcesOf(table, tables).some((source) =>
      explodedColumns(table).some((column) => columns.includes(columnName(source.name, column))),
    );
  const elements = tables.filter((table) => table.resource === resource && table.explode !== undefined);
  const missing = [
    ...records.filter((table) => !isKnown(table)),
    ...elements.filter((table) => before[table.name] === undefined && lacksList(table)),
  ];
  return { tables: missing.map(({ name }) => name), columns };
}

/** How a column that is not filled is named in a position; a table is named by its name. */
export const columnName = (table: string, column: string): string => `${table}.${column}`;

/** The table, and the column if it is one, of such a name. */
export function namedPart(name: string): { readonly table: string; readonly column?: string | undefined } {
  const [table, ...column] = name.split('.');
  return { table: table!, column: column.length > 0 ? column.join('.') : undefined };
}
