import { copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableShape } from '../schema/column.ts';
import { sourcesOf } from '../schema/column.ts';
import { identifiers, literal } from '../schema/sql.ts';
import type { LakeCore } from './core.ts';
import { PARQUET } from './duck.ts';
import { countMismatch } from './errors.ts';
import type { DataFile } from './log.ts';
import { coveredVersion, cursorOf, rawOf } from './log.ts';
import type { TableFiles } from './relations.ts';
import { currentRows, explodedRows, hasDistinctKeys } from './relations.ts';

/** `current/` is rewritten when this share of its rows changed … */
const WORTH_SHARE = 0.05;
/** … or when the table is this small anyway. */
const SMALL_ROWS = 20_000;
/** Small row groups let a reader of recent rows skip the rest. */
const ROW_GROUP_ROWS = 30_720;

/** Rewrites `current/<table>` where it lags. New file, commit, then the old one goes. */
export async function publish(
  core: LakeCore,
  options: { force?: boolean; tables?: readonly string[] },
  signal?: AbortSignal,
): Promise<readonly string[]> {
  await core.catchUp();
  const current = new CurrentRows(core);
  const added: DataFile[] = [];
  const removed: string[] = [];
  for (const table of recordsFirst(core, options.tables)) {
    const files = await core.filesOf(table.name);
    if (!(await isDue(core, table, files, options.force ?? false))) continue;
    const written = (await adopt(core, table, files, signal)) ?? [await current.write(table, signal)];
    await current.wrote(table, written);
    added.push(...written);
    removed.push(...files.base.map(({ path }) => path));
  }
  if (added.length === 0) return [];
  await core.commit({ added, removed, positions: {} });
  await core.store.delete(removed);
  return [...new Set(added.map(({ table }) => table))];
}

/**
 * The SQL of the current rows of tables, with their stamps. A table whose current rows were just written is read from
 * these files, so that its versions are compared once however many tables are made of it.
 */
export class CurrentRows {
  readonly #core: LakeCore;
  readonly #written = new Map<string, TableFiles>();

  constructor(core: LakeCore) {
    this.#core = core;
  }

  async sql(table: TableShape): Promise<string> {
    if (table.explode === undefined) {
      return currentRows(table, this.#written.get(table.name) ?? (await this.#core.filesOf(table.name)));
    }
    const relations = new Map<string, string>();
    for (const source of sourcesOf(table, this.#core.tables)) relations.set(source.name, await this.sql(source));
    return explodedRows(table, this.#core.tables, (source) => relations.get(source.name)!);
  }

  /** Writes the current rows of a table into one file. */
  async write(table: TableShape, signal?: AbortSignal): Promise<DataFile> {
    const query = `SELECT * FROM (${await this.sql(table)}) ${orderOf(table)}`;
    const written = await writeRows(this.#core, { folder: 'current', table, query }, signal);
    return { ...written, kind: 'base', deletes: 0 };
  }

  /** From here on these files are the current rows of a table. */
  async wrote(table: TableShape, files: readonly DataFile[]): Promise<void> {
    const { state, store } = this.#core;
    const base = files.map(async (file) => ({
      ...file,
      version: state.version,
      localPath: await store.localPath(file.path),
    }));
    this.#written.set(table.name, { base: await Promise.all(base), newer: [], older: [] });
  }
}

/** The tables named, or all. Exploded tables come after the record tables that they are made of. */
export function recordsFirst(core: LakeCore, names: readonly string[] | undefined): readonly TableShape[] {
  const wanted = names === undefined ? core.tables : core.tables.filter(({ name }) => names.includes(name));
  return [
    ...wanted.filter(({ explode }) => explode === undefined),
    ...wanted.filter(({ explode }) => explode !== undefined),
  ];
}

export const rowsOf = (files: readonly DataFile[]) => files.reduce((sum, { rows }) => sum + rows, 0);

/** Change rows of the table, or of the tables it is made of, after `asOf`. */
async function changedRows(core: LakeCore, table: TableShape, asOf: number): Promise<number> {
  const sources = table.explode === undefined ? [table] : sourcesOf(table, core.tables);
  let rows = 0;
  for (const source of sources) {
    const { older, newer } = await core.filesOf(source.name);
    rows += rowsOf([...older, ...newer].filter((file) => coveredVersion(file) > asOf));
  }
  return rows;
}

/** Whether `current/` of a table lags enough to be rewritten. */
export async function isDue(core: LakeCore, table: TableShape, files: TableFiles, force: boolean): Promise<boolean> {
  const base = files.base[0];
  const changed = await changedRows(core, table, base?.asOf ?? 0);
  if (!base) return changed > 0 || force;
  const rows = rowsOf(files.base);
  return changed > 0 && (force || rows <= SMALL_ROWS || changed >= rows * WORTH_SHARE);
}

/**
 * A first load mostly brings each row once. Then its change files are the current rows as they are, and copies of them
 * become `current/`. Undefined: they are not.
 */
async function adopt(
  core: LakeCore,
  table: TableShape,
  { base, older, newer }: TableFiles,
  signal?: AbortSignal,
): Promise<DataFile[] | undefined> {
  const first = newer.length > 0 && base.length + older.length === 0 && newer.every(({ deletes }) => deletes === 0);
  if (!first) return undefined;
  if (!(await hasDistinctKeys(core.duck, table, newer, signal))) return undefined;
  const asOf = core.state.version;
  const adopted: DataFile[] = [];
  for (const { localPath, version, ...file } of newer) {
    const { path, localPath: copy } = await unwritten(core, `current/${table.name}`);
    await copyFile(localPath, copy);
    await core.store.putFile(path, copy, signal);
    adopted.push({ ...file, kind: 'base', path, asOf });
  }
  return adopted;
}

/** Elements stand in the order of their records, which are sorted. */
function orderOf(table: TableShape): string {
  if (table.explode !== undefined) return '';
  return `ORDER BY ${table.cursor === undefined ? identifiers(table.primaryKey) : '_version'}`;
}

/** Writes the rows of a query into one file of the store, row count checked. */
export async function writeRows(
  core: LakeCore,
  { folder, table, query }: { folder: 'current' | 'tables'; table: TableShape; query: string },
  signal?: AbortSignal,
) {
  const asOf = core.state.version;
  const { path, localPath } = await unwritten(core, `${folder}/${table.name}`);
  const [copied] = await core.duck.rows(
    `COPY (${query}) TO ${literal(localPath)} (${PARQUET}, ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`,
    [],
    signal,
  );
  const [facts] = await core.duck.rows(
    `SELECT num_rows::DOUBLE AS n FROM parquet_file_metadata(${literal(localPath)})`,
  );
  const rows = Number(copied?.['Count']);
  if (facts?.['n'] !== rows) throw countMismatch(table.name, rows, Number(facts?.['n']));
  const [latest] = await core.duck.rows(
    `SELECT epoch_ms(max(_version) FILTER (isfinite(_version)))::DOUBLE AS at FROM read_parquet(${literal(localPath)})`,
  );
  const { size } = await stat(localPath);
  await core.store.putFile(path, localPath, signal);
  return { table: table.name, path, rows, bytes: size, asOf, ...rawOf(table), ...cursorOf(latest?.['at']) };
}

/** A name for a new file, and the scratch file that becomes it. */
async function unwritten(core: LakeCore, folder: string): Promise<{ path: string; localPath: string }> {
  const name = `${String(core.state.version).padStart(10, '0')}-${core.runtime.id()}.parquet`;
  return { path: `${folder}/${name}`, localPath: join(await core.scratch('maintenance'), name) };
}
