import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableShape } from '../schema/column.ts';
import { sourcesOf } from '../schema/column.ts';
import { identifier, identifiers, literal } from '../schema/sql.ts';
import { assertWhole, type Damage, deepDamageOf } from './damage.ts';
import type { Duck } from './duck.ts';
import { openDuck } from './duck.ts';
import type { LakeState } from './log.ts';
import type { ObjectStore } from './object-store.ts';
import type { ReadableFile, TableFiles } from './relations.ts';
import { changeRows, currentRows, explodedChanges, explodedRows, storedTables, tableFiles } from './relations.ts';

/** One version of a lake, opened to be asked. It can reach its own files and its own spill folder, nothing else. */
export interface Snapshot {
  readonly version: number;
  /** Names of all table functions, in lower case. */
  readonly tableFunctions: ReadonlySet<string>;
  /** The files that are looked at so far. */
  readonly files: readonly ReadableFile[];
  /**
   * Makes the tables that are named available, or all. Only their files are touched.
   *
   * @throws SluiceError `lake_file_missing`, `lake_file_corrupt`
   */
  show(which: ReadonlySet<string> | 'all', signal?: AbortSignal): Promise<void>;
  /** What is wrong with one of {@link files}. Reads them whole. */
  damage(): Promise<Damage | undefined>;
  /** A connection of its own: what a query leaves behind goes with it. */
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

export async function openSnapshot(options: {
  readonly store: ObjectStore;
  readonly tables: readonly TableShape[];
  readonly state: LakeState;
  /** A folder of this reader alone. */
  readonly spillDir: string;
}): Promise<Snapshot> {
  const { store, state, spillDir } = options;
  const tables = storedTables(options.tables, state);
  const byTable = new Map<string, TableFiles>();
  for (const { name } of tables) byTable.set(name, await tableFiles(state, name, (path) => store.localPath(path)));
  const duck = await openDuck({ scratchDir: spillDir });
  const tableFunctions = await lock(duck, [...byTable.values()].flatMap(allFiles));
  const shown = new Map<string, readonly ReadableFile[]>();

  async function show(table: TableShape, signal: AbortSignal | undefined): Promise<void> {
    if (shown.has(table.name)) return;
    const parts = table.explode === undefined ? [table] : sourcesOf(table, tables);
    const files = parts.flatMap(({ name }) => allFiles(byTable.get(name)!));
    await assertWhole(duck, files, signal);
    await createViews(duck, table, tables, byTable);
    shown.set(table.name, files);
  }

  return {
    version: state.version,
    tableFunctions,
    get files() {
      return [...shown.values()].flat();
    },
    async show(which, signal) {
      for (const table of tables) {
        const wanted = which === 'all' || which.has(table.name) || which.has(`${table.name}_changes`);
        if (wanted) await show(table, signal);
      }
    },
    damage: async () => (await deepDamageOf(duck, [...shown.values()].flat()))[0],
    connect: () => duck.connect(),
    close: () => duck.close(),
  };
}

const allFiles = ({ base, newer, older }: TableFiles): readonly ReadableFile[] => [...base, ...newer, ...older];

/**
 * Shuts DuckDB in: only these files can be opened, nothing is loaded, no setting can be changed any more.
 * https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
 */
async function lock(duck: Duck, files: readonly ReadableFile[]): Promise<ReadonlySet<string>> {
  const functions = await duck.rows(
    "SELECT DISTINCT lower(function_name) AS name FROM duckdb_functions() WHERE function_type IN ('table', 'table_macro', 'pragma')",
  );
  const paths = files.map(({ localPath }) => literal(localPath)).join(', ');
  await duck.run('SET allow_persistent_secrets = false');
  await duck.run(`SET allowed_paths = [${paths}]`);
  await duck.run('SET enable_external_access = false');
  await duck.run('SET lock_configuration = true');
  return new Set(functions.map(({ name }) => String(name)));
}

async function createViews(
  duck: Duck,
  table: TableShape,
  tables: readonly TableShape[],
  files: ReadonlyMap<string, TableFiles>,
): Promise<void> {
  const current = (one: TableShape) => currentRows(one, files.get(one.name)!);
  const changes = (one: TableShape) => changeRows(one, files.get(one.name)!);
  const exploded = table.explode !== undefined;
  const rows = exploded ? explodedRows(table, tables, current) : current(table);
  const history = exploded ? explodedChanges(table, tables, changes) : changes(table);
  const columns = identifiers(Object.keys(table.columns));
  await duck.run(`CREATE VIEW ${identifier(table.name)} AS SELECT ${columns} FROM (${rows})`);
  await duck.run(
    `CREATE VIEW ${identifier(`${table.name}_changes`)} AS SELECT ${columns}, _op, _version, _commit FROM (${history})`,
  );
}
