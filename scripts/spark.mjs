// Writes spark/src/sluice_spark/declarations.json: what the Python package knows of tables and options, from the
// declarations in dist/. It starts no program for that.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROTOCOL } from '../dist/cli/stdio/frames.js';
import { sparkOptions } from '../dist/config/spark-options.js';
import { CHANGE_COLUMNS } from '../dist/lake/feed/changes-sql.js';
import { tables } from '../dist/tables/index.generated.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const SCALARS = { id: 'string', json: 'string', int32: 'int' };
const typeOf = (type) => {
  if (typeof type === 'string') return SCALARS[type] ?? type;
  if ('list' in type) return { list: typeOf(type.list) };
  return { struct: Object.entries(type.struct).map(([name, field]) => [name, typeOf(field)]) };
};
const columnsOf = (columns) =>
  Object.entries(columns).map(([name, { type, description }]) => ({ name, type: typeOf(type), description }));

const declarations = {
  protocol: PROTOCOL,
  version,
  changeColumns: columnsOf(CHANGE_COLUMNS),
  tables: tables.map((table) => ({
    name: table.name,
    description: table.description,
    resource: table.resource,
    listing: table.ingestionType,
    primaryKey: table.primaryKey,
    columns: columnsOf(table.columns),
  })),
  options: Object.entries(sparkOptions).map(([name, option]) => ({ name, ...option })),
};
writeFileSync(
  join(root, 'spark', 'src', 'sluice_spark', 'declarations.json'),
  `${JSON.stringify(declarations, null, 1)}\n`,
);
