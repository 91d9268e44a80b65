import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableShape } from '../../schema/column.ts';
import { sourcesOf } from '../../schema/column.ts';
import { TENANT_COLUMN } from '../../schema/declaration.ts';
import { identifier, identifiers, literal } from '../../schema/sql.ts';
import type { ViewShape } from '../../schema/view.ts';
import type { Duck } from '../engine/duck.ts';
import { openDuck } from '../engine/duck.ts';
import { inTurn } from '../in-turn.ts';
import type { HeldLake } from '../log/holding.ts';
import type { LiveFile } from '../log/log.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { makeOwnFolder } from '../stores/private-files.ts';
import { assertWhole, type Damage, deepDamageOf } from '../tables/damage.ts';
import { type Locate, located } from '../tables/files.ts';
import type { ReadableFile, TableFiles } from '../tables/relations.ts';
import {
  changeRows,
  currentRows,
  explodedChanges,
  explodedRows,
  foundFiles,
  standingFiles,
  storedTables,
  tableFiles,
} from '../tables/relations.ts';

/** What a query may ask: names as it says them, or every view. */
export type Asked = ReadonlySet<string> | 'all';

/** The rows of a table that stand, `<table>`, or every change that is kept, `<table>_changes`. */
interface View {
  readonly name: string;
  readonly table: string;
  readonly what: 'rows' | 'changes';
}

/**
 * Some views of one version of a lake, or of those of several tenants, opened to be asked. It can reach their files and
 * its own spill folder, nothing else.
 */
export interface Snapshot {
  /** Names of all table functions, in lower case. */
  readonly tableFunctions: ReadonlySet<string>;
  /** Names of the views whose files were found. */
  readonly reached: ReadonlySet<string>;
  /** The files that are looked at so far. */
  readonly files: readonly ReadableFile[];
  /** Whether all the views that are asked for are among those that were found. */
  reaches(asked: Asked): boolean;
  /**
   * Makes the views that are named available, or all. Only their files are touched.
   *
   * @throws SluiceError `lake_file_missing`, `lake_file_corrupt`
   */
  show(asked: Asked, signal?: AbortSignal): Promise<void>;
  /** What is wrong with one of {@link files}. Reads them whole. */
  damage(): Promise<Damage | undefined>;
  /** A connection of its own: what a query leaves behind goes with it. */
  connect(): Promise<DuckDBConnection>;
  close(): Promise<void>;
}

/** A lake, its tables, and the files of those that are reached. */
interface LakeView {
  readonly tenantId: string | undefined;
  readonly tables: readonly TableShape[];
  readonly files: ReadonlyMap<string, TableFiles<ReadableFile>>;
}

export interface SnapshotOptions {
  readonly lakes: readonly HeldLake[];
  readonly tables: readonly TableShape[];
  /** Beside the tables. */
  readonly views?: readonly ViewShape[] | undefined;
  /** What is to be reached: asked before any file is found, with the names of all table functions. */
  readonly asks: (tableFunctions: ReadonlySet<string>) => Asked;
  /** {@link Snapshot.tableFunctions} of a snapshot before: DuckDB takes as long to list them as for all the rest. */
  readonly tableFunctions?: ReadonlySet<string> | undefined;
  /** A folder of its own is made inside, in which DuckDB may spill. */
  readonly scratchDir: string;
}

/** Finds files in a store, and lets go of them with the snapshot. */
type LocateIn = (store: ObjectStore) => Locate;

export async function openSnapshot(options: SnapshotOptions, signal?: AbortSignal): Promise<Snapshot> {
  const spillDir = await makeOwnFolder(options.scratchDir, `sluice-query-${randomUUID()}`);
  let duck: Duck | undefined;
  const found: { readonly store: ObjectStore; readonly key: string }[] = [];
  const locateIn: LocateIn = (store) => (files, inner) => {
    found.push(...files.map(({ path: key }) => ({ store, key })));
    return located(store, files, inner);
  };
  const close = async () => {
    duck?.close();
    for (const { store, key } of found.splice(0)) await store.letGo([key]);
    await rm(spillDir, { recursive: true, force: true });
  };
  try {
    duck = await openDuck({ scratchDir: spillDir });
    return await lockedIn(duck, options, { locateIn, close }, signal);
  } catch (error) {
    await close();
    throw error;
  }
}

async function lockedIn(
  duck: Duck,
  { lakes, tables, views: derived = [], asks, tableFunctions: known }: SnapshotOptions,
  { locateIn, close }: { readonly locateIn: LocateIn; readonly close: Snapshot['close'] },
  signal?: AbortSignal,
): Promise<Snapshot> {
  const functions = known ?? (await functionsOf(duck));
  const asked = viewsIn(tables, withTables(derived, asks(functions)));
  const reached = new Set(asked.map(({ name }) => name));
  const views: LakeView[] = [];
  for (const lake of lakes) views.push(await viewOf(lake, { tables, asked, locate: locateIn(lake.store) }, signal));
  await lock(
    duck,
    views.flatMap(({ files }) => [...files.values()].flatMap(allOf)),
  );
  const shown = new Map<string, readonly ReadableFile[]>();
  /** Found whole. */
  const checked = new Set<string>();
  const turn = inTurn();

  async function show(view: View, inner: AbortSignal | undefined): Promise<void> {
    if (shown.has(view.name)) return;
    const files = views.flatMap((lake) => filesFor(lake, view));
    const unchecked = files.filter(({ localPath }) => !checked.has(localPath));
    await assertWhole(duck, unchecked, inner);
    for (const { localPath } of unchecked) checked.add(localPath);
    await createView(duck, view, views);
    shown.set(view.name, files);
  }

  const made = new Set<string>();
  const [tenant] = lakes.flatMap(({ tenant: own }) => own ?? []);

  async function derive(view: ViewShape): Promise<void> {
    if (made.has(view.name)) return;
    const named = tenant && TENANT_COLUMN;
    const columns = identifiers([...(named ? [named] : []), ...Object.keys(view.columns)]);
    await duck.run(`CREATE VIEW ${identifier(view.name)} AS SELECT ${columns} FROM (${view.sql(named)})`);
    made.add(view.name);
  }

  return {
    tableFunctions: functions,
    reached,
    get files() {
      return [...shown.values()].flat();
    },
    reaches: (wanted) => viewsIn(tables, withTables(derived, wanted)).every(({ name }) => reached.has(name)),
    // Two queries that name a view at the same time make it once.
    show: (wanted, inner) =>
      turn(async () => {
        for (const view of viewsIn(tables, withTables(derived, wanted))) await show(view, inner);
        for (const view of namedIn(derived, wanted)) await derive(view);
      }),
    damage: async () => (await deepDamageOf(duck, [...shown.values()].flat()))[0],
    connect: () => duck.connect(),
    close,
  };
}

const namedIn = (views: readonly ViewShape[], asked: Asked): readonly ViewShape[] =>
  asked === 'all' ? views : views.filter(({ name }) => asked.has(name));

/** What is asked for, with the tables that views of it are made of. */
const withTables = (views: readonly ViewShape[], asked: Asked): Asked =>
  asked === 'all'
    ? asked
    : new Set([...asked, ...namedIn(views, asked).flatMap(({ of }) => of.map(({ name }) => name))]);

/** The views that are asked for. */
function viewsIn(tables: readonly TableShape[], asked: Asked): readonly View[] {
  const all = tables.flatMap(({ name }): View[] => [
    { name, table: name, what: 'rows' },
    { name: `${name}_changes`, table: name, what: 'changes' },
  ]);
  return asked === 'all' ? all : all.filter(({ name }) => asked.has(name));
}

/** Finds the files that views are made of. Those of a tenant's lake are named with its folder, for what is said of them. */
async function viewOf(
  { state, tenant }: HeldLake,
  { tables: declared, asked, locate }: { tables: readonly TableShape[]; asked: readonly View[]; locate: Locate },
  signal?: AbortSignal,
): Promise<LakeView> {
  const tables = storedTables(declared, state);
  const parts = new Map<string, View['what']>();
  for (const { table, what } of asked) {
    for (const { name } of partsOf(table, tables)) if (parts.get(name) !== 'changes') parts.set(name, what);
  }
  const files = new Map<string, TableFiles<ReadableFile>>();
  for (const [name, what] of parts) {
    const found = await foundFiles({ files: needed(tableFiles(state, name), what), locate }, signal);
    files.set(name, tenant ? namedWith(tenant.folder, found) : found);
  }
  return { tenantId: tenant?.tenantId, tables, files };
}

function namedWith(folder: string, { base, newer, older }: TableFiles<ReadableFile>): TableFiles<ReadableFile> {
  const named = (files: readonly ReadableFile[]) => files.map((file) => ({ ...file, path: `${folder}/${file.path}` }));
  return { base: named(base), newer: named(newer), older: named(older) };
}

/** The files that a view is made of. */
const filesFor = ({ tables, files }: LakeView, { table, what }: View): readonly ReadableFile[] =>
  partsOf(table, tables).flatMap(({ name }) => allOf(needed(files.get(name)!, what)));

const needed = <F extends LiveFile>(files: TableFiles<F>, what: View['what']): TableFiles<F> =>
  what === 'rows' ? standingFiles(files) : files;

/** The tables whose files hold the rows of one: an exploded one is made of its records. */
function partsOf(name: string, tables: readonly TableShape[]): readonly TableShape[] {
  const table = tables.find((one) => one.name === name)!;
  return table.explode === undefined ? [table] : sourcesOf(table, tables);
}

const allOf = ({ base, newer, older }: TableFiles<ReadableFile>): readonly ReadableFile[] => [
  ...base,
  ...newer,
  ...older,
];

async function functionsOf(duck: Duck): Promise<ReadonlySet<string>> {
  const functions = await duck.rows(
    "SELECT DISTINCT lower(function_name) AS name FROM duckdb_functions() WHERE function_type IN ('table', 'table_macro', 'pragma')",
  );
  return new Set(functions.map(({ name }) => String(name)));
}

/**
 * Shuts DuckDB in: only these files can be opened, nothing is loaded, no setting can be changed any more.
 * https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
 */
async function lock(duck: Duck, files: readonly ReadableFile[]): Promise<void> {
  const paths = files.map(({ localPath }) => literal(localPath)).join(', ');
  await duck.run('SET allow_persistent_secrets = false');
  await duck.run(`SET allowed_paths = [${paths}]`);
  await duck.run('SET enable_external_access = false');
  await duck.run('SET lock_configuration = true');
}

/** Tables of several tenants are one, with the tenant's id first; what one of them lacks is NULL there. */
async function createView(duck: Duck, view: View, lakes: readonly LakeView[]): Promise<void> {
  const parts = lakes.map((lake) => `SELECT ${tenantColumn(lake)}${relationOf(lake, view)}`);
  await duck.run(`CREATE VIEW ${identifier(view.name)} AS ${parts.join(' UNION ALL BY NAME ')}`);
}

const tenantColumn = ({ tenantId }: LakeView): string =>
  tenantId === undefined ? '' : `${literal(tenantId)} AS ${TENANT_COLUMN}, `;

/** What a view shows of one lake: columns and where they come from. */
function relationOf({ tables, files }: LakeView, { table: name, what }: View): string {
  const table = tables.find((one) => one.name === name)!;
  const columns = identifiers(Object.keys(table.columns));
  const exploded = table.explode !== undefined;
  if (what === 'rows') {
    const current = (one: TableShape) => currentRows(one, files.get(one.name)!);
    return `${columns} FROM (${exploded ? explodedRows(table, tables, current) : current(table)})`;
  }
  const changed = (one: TableShape) => changeRows(one, files.get(one.name)!);
  const history = exploded ? explodedChanges(table, tables, changed) : changed(table);
  return `${columns}, _op, _version, _commit FROM (${history})`;
}
