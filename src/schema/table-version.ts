import { addressedNames, explodeSteps, pathsOf, type TableShape } from './column.ts';
import { duckdbType } from './sql.ts';

/** What a table is at present. Another text means: rows that were made before are not what they would be now. */
export interface TableVersion {
  /** Which records its rows are, and what tells them apart. */
  readonly rows: string;
  /** By name: its type, and where its value stands when that is not its name. */
  readonly columns: Readonly<Record<string, string>>;
}

export function versionOf(table: TableShape): TableVersion {
  const { records = ['value'], where, primaryKey, explode } = table;
  const named = addressedNames(table);
  const elements = named ? `${named.names} in ${named.in.join(', ')}` : explodeSteps(table).join('.');
  const places = explode === undefined ? records.join(', ') : `each of ${elements}`;
  const chosen = where ? ` where ${[where.path].flat().join(', ')} is ${where.is}` : '';
  return {
    rows: `${places}${chosen} by ${primaryKey.join(', ')}`,
    columns: Object.fromEntries(
      Object.entries(table.columns).map(([name, column]) => {
        const paths = pathsOf(name, column).join(', ');
        return [name, `${duckdbType(column.type)}${paths === name ? '' : ` from ${paths}`}`];
      }),
    ),
  };
}
