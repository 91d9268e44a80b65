import type { TableShape } from '../../src/schema/column.ts';
import { explodedColumns, sourcesOf } from '../../src/schema/column.ts';
import { tables } from '../../src/tables/index.generated.ts';

/** The tables as a release before declared them: without a table. Of elements, what they are made of is missing too: its first column. */
export function withoutTable(name: string): readonly TableShape[] {
  const table = tables.find((one) => one.name === name)!;
  const others = tables.filter((one) => one !== table);
  if (table.explode === undefined) return others;
  const sources = sourcesOf(table, tables).map((source) => source.name);
  const column = explodedColumns(table)[0]!;
  const isMadeOfIt = (one: TableShape) => one.resource === table.resource && explodedColumns(one).includes(column);
  return others
    .filter((one) => !isMadeOfIt(one))
    .map((one) => (sources.includes(one.name) ? lacking(one, column) : one));
}

/** The same without some columns of a table. */
export function withoutColumns(name: string, columns: readonly string[]): readonly TableShape[] {
  return tables.map((table) => (table.name === name ? columns.reduce(lacking, table) : table));
}

function lacking(table: TableShape, column: string): TableShape {
  const { [column]: _, ...columns } = table.columns;
  const { cursor, deletedWhen, ...others } = table;
  return {
    ...others,
    ...(cursor !== undefined && cursor !== column && { cursor }),
    ...(deletedWhen !== undefined && deletedWhen !== column && { deletedWhen }),
    columns,
  };
}
