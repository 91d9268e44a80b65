import type { TableShape } from '../../schema/column.ts';
import { columnDefinitions, identifier, literal } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';
import type { LakeState, LiveFile } from '../log/commit-record.ts';
import { shapeOf } from '../log/log.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { HeldColumns } from '../types.ts';
import { readLocally } from './files.ts';

/** Compares the files of each table with its declaration. One file of each form is opened. */
export async function heldColumns(lake: {
  readonly store: ObjectStore;
  readonly tables: readonly TableShape[];
  readonly state: LakeState;
  readonly duck: Duck;
}): Promise<HeldColumns> {
  const held = new Map<string, ReadonlySet<string>>();
  for (const table of lake.tables) {
    const files = [...lake.state.files.values()].filter((file) => file.table === table.name);
    if (files.length === 0) continue;
    let columns = new Set(Object.keys(table.columns));
    for (const file of oneOfEachForm(table, files)) {
      const found = await readLocally(lake.store, file.path, (local) => columnsOf(lake.duck, table, local));
      columns = new Set([...columns].filter((name) => found.has(name)));
    }
    held.set(table.name, columns);
  }
  return held;
}

/** Files that have the declared columns need not be looked at; of others with the same form one is enough. */
function oneOfEachForm(table: TableShape, files: readonly LiveFile[]): readonly LiveFile[] {
  const forms = new Map<string, LiveFile>();
  const declared = shapeOf(table).shape;
  for (const file of files) if (file.shape !== declared) forms.set(file.shape ?? file.path, file);
  return [...forms.values()];
}

const DECLARED = 'declared_columns';

/** Columns of a file that are declared with the same type. */
async function columnsOf(duck: Duck, table: TableShape, localPath: string): Promise<ReadonlySet<string>> {
  await duck.run(`CREATE OR REPLACE TEMP TABLE ${identifier(DECLARED)} (${columnDefinitions(table)})`);
  const types = async (source: string) =>
    new Map((await duck.rows(`DESCRIBE ${source}`)).map((row) => [String(row['column_name']), row['column_type']]));
  const declared = await types(`SELECT * FROM ${identifier(DECLARED)}`);
  const found = await types(`SELECT * FROM read_parquet(${literal(localPath)}, hive_partitioning = false)`);
  await duck.run(`DROP TABLE ${identifier(DECLARED)}`);
  // JSON is text: files of an older Sluice call it by its name. In them a place in a list had eight bytes.
  const same = (type: unknown) =>
    String(type)
      .replace(/\bJSON\b/g, 'VARCHAR')
      .replace(/\bBIGINT\b/g, 'INTEGER');
  return new Set(
    [...declared].flatMap(([name, type]) => (found.has(name) && same(found.get(name)) === same(type) ? [name] : [])),
  );
}
