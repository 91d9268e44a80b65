import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableShape } from '../schema/column.ts';
import { sourcesOf } from '../schema/column.ts';
import { TENANT_COLUMN } from '../schema/declaration.ts';
import { identifier, identifiers, literal } from '../schema/sql.ts';
import { assertWhole, type Damage, deepDamageOf } from './damage.ts';
import type { Duck } from './duck.ts';
import { openDuck } from './duck.ts';
import type { HeldLake } from './holding.ts';
import type { ReadableFile, TableFiles } from './relations.ts';
import { changeRows, currentRows, explodedChanges, explodedRows, storedTables, tableFiles } from './relations.ts';

/** One version of a lake, or of those of several tenants, opened to be asked. It can reach their files and its own spill folder, nothing else. */
export interface Snapshot {
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

/** A lake, its tables, and the files of each. */
interface LakeView {
  readonly tenantId: string | undefined;
  readonly tables: readonly TableShape[];
  readonly files: ReadonlyMap<string, TableFiles>;
}

export async function openSnapshot(options: {
  readonly lakes: readonly HeldLake[];
  readonly tables: readonly TableShape[];
  /** A folder of this reader alone. */
  readonly spillDir: string;
}): Promise<Snapshot> {
  const { spillDir, tables } = options;
  const views: LakeView[] = [];
  for (const lake of options.lakes) views.push(await viewOf(lake, tables));
  const duck = await openDuck({ scratchDir: spillDir });
  const tableFunctions = await lock(
    duck,
    views.flatMap(({ files }) => [...files.values()].flatMap(allFiles)),
  );
  const shown = new Map<string, readonly ReadableFile[]>();

  async function show(name: string, signal: AbortSignal | undefined): Promise<void> {
    if (shown.has(name)) return;
    const files = views.flatMap((view) => filesFor(view, name));
    await assertWhole(duck, files, signal);
    await createViews(duck, name, views);
    shown.set(name, files);
  }

  return {
    tableFunctions,
    get files() {
      return [...shown.values()].flat();
    },
    async show(which, signal) {
      for (const { name } of tables) {
        if (which === 'all' || which.has(name) || which.has(`${name}_changes`)) await show(name, signal);
      }
    },
    damage: async () => (await deepDamageOf(duck, [...shown.values()].flat()))[0],
    connect: () => duck.connect(),
    close: () => duck.close(),
  };
}

/** Files of a tenant's lake are named with its folder, for what is said of them. */
async function viewOf({ store, state, tenant }: HeldLake, declared: readonly TableShape[]): Promise<LakeView> {
  const tables = storedTables(declared, state);
  const files = new Map<string, TableFiles>();
  for (const { name } of tables) {
    const found = await tableFiles(state, name, (path) => store.localPath(path));
    files.set(name, tenant ? namedWith(tenant.folder, found) : found);
  }
  return { tenantId: tenant?.tenantId, tables, files };
}

function namedWith(folder: string, { base, newer, older }: TableFiles): TableFiles {
  const named = (files: readonly ReadableFile[]) => files.map((file) => ({ ...file, path: `${folder}/${file.path}` }));
  return { base: named(base), newer: named(newer), older: named(older) };
}

/** The files that a table is made of. */
function filesFor({ tables, files }: LakeView, name: string): readonly ReadableFile[] {
  const table = tables.find((one) => one.name === name)!;
  const parts = table.explode === undefined ? [table] : sourcesOf(table, tables);
  return parts.flatMap((part) => allFiles(files.get(part.name)!));
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

/** Tables of several tenants are one, with the tenant's id first; what one of them lacks is NULL there. */
async function createViews(duck: Duck, name: string, views: readonly LakeView[]): Promise<void> {
  const parts = views.map((view) => ({ tenant: tenantColumn(view), ...relationsOf(view, name) }));
  const union = (what: 'rows' | 'changes') =>
    parts.map(({ tenant, [what]: relation }) => `SELECT ${tenant}${relation}`).join(' UNION ALL BY NAME ');
  await duck.run(`CREATE VIEW ${identifier(name)} AS ${union('rows')}`);
  await duck.run(`CREATE VIEW ${identifier(`${name}_changes`)} AS ${union('changes')}`);
}

const tenantColumn = ({ tenantId }: LakeView): string =>
  tenantId === undefined ? '' : `${literal(tenantId)} AS ${TENANT_COLUMN}, `;

/** What a table of one lake shows: columns and where they come from. */
function relationsOf({ tables, files }: LakeView, name: string): { readonly rows: string; readonly changes: string } {
  const table = tables.find((one) => one.name === name)!;
  const current = (one: TableShape) => currentRows(one, files.get(one.name)!);
  const changed = (one: TableShape) => changeRows(one, files.get(one.name)!);
  const exploded = table.explode !== undefined;
  const rows = exploded ? explodedRows(table, tables, current) : current(table);
  const history = exploded ? explodedChanges(table, tables, changed) : changed(table);
  const columns = identifiers(Object.keys(table.columns));
  return {
    rows: `${columns} FROM (${rows})`,
    changes: `${columns}, _op, _version, _commit FROM (${history})`,
  };
}
