import { sourcesOf, type TableShape } from './column.ts';
import { schemaErrors } from './errors.ts';

/** The first column of every table of a lake that holds several tenants, and the key in the names of their folders. */
export const TENANT_COLUMN = 'tenant_id';

/** Where records can stand in a page: its elements, or a list inside of each. */
const RECORDS = /^value(\.[^.]+)?$/;

/**
 * What only all tables together can say of a declaration, and what no compiler reads.
 *
 * @returns the tables
 * @throws SluiceError `table_invalid` - a table that could not be read, or would break every query of its lake
 */
export function checkedTables<T extends readonly TableShape[]>(tables: T): T {
  const names = new Set<string>();
  for (const table of tables) {
    if (names.has(table.name))
      throw schemaErrors.table_invalid({
        table: table.name,
        field: 'name',
        valid: 'Another table has it: give one of its own.',
      });
    names.add(table.name);
    checkColumns(table);
    checkRecords(table);
    checkExplode(table, tables);
  }
  return tables;
}

/** In a lake of several tenants this column says whose a row is; DuckDB compares names without case. */
function checkColumns(table: TableShape): void {
  const taken = Object.keys(table.columns).find((name) => name.toLowerCase() === TENANT_COLUMN);
  if (taken === undefined) return;
  throw schemaErrors.table_invalid({
    table: table.name,
    field: `column "${taken}"`,
    valid: 'Lakes of several tenants give this name to the tenant: take another one.',
  });
}

function checkRecords(table: TableShape): void {
  const deep = table.records?.find((path) => !RECORDS.test(path));
  if (deep === undefined) return;
  throw schemaErrors.table_invalid({
    table: table.name,
    field: `records: "${deep}"`,
    valid: 'Give "value", or "value.<list>" for the records inside of each record.',
  });
}

function checkExplode(table: TableShape, tables: readonly TableShape[]): void {
  const { explode } = table;
  if (explode === undefined) return;
  const sources = sourcesOf(table, tables);
  const lists = sources.filter(({ columns }) => {
    const { type } = columns[explode]!;
    return typeof type === 'object' && 'list' in type;
  });
  if (lists.length > 0 && lists.length === sources.length) return;
  throw schemaErrors.table_invalid({
    table: table.name,
    field: `explode: "${explode}"`,
    valid: `Give a list column that a table of ${table.resource} has, one that is not exploded itself.`,
  });
}
