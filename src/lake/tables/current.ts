import type { TableShape } from '../../schema/column.ts';
import { sourcesOf } from '../../schema/column.ts';
import { elementCountSql, elementsSql, explosion } from '../../schema/explosion.ts';
import { identifier, literal } from '../../schema/sql.ts';
import type { DataFile, LakeState, LiveFile } from '../log/commit-record.ts';
import { shapeOf } from '../log/log.ts';
import type { Rewritten } from './base-files.ts';
import { mergeBase, rewriteBase, SMALL_ROWS, UNCHANGED, WHOLE, writeRows } from './base-files.ts';
import type { LakeCore } from './core.ts';
import { scan } from './relations.ts';

/** Where readers without Sluice find the exact files of a version. */
export const MANIFEST = 'current/manifest.json';

/**
 * Makes the base files of the tables hold exactly the rows that stand, and shows them in `current/`: new files, commit,
 * then the folders. Replaced files live on for those who read them.
 *
 * @returns the tables whose files changed
 */
export async function publish(
  core: LakeCore,
  options: { tables?: readonly string[] },
  signal?: AbortSignal,
): Promise<readonly string[]> {
  await core.catchUp();
  const publication = await preparePublication(core, options, signal);
  await core.lease.check();
  if (publication.changed.length > 0) {
    const { added, removed, published } = publication;
    await core.commit({ added, removed, positions: {}, published });
  }
  await showCurrent(core, signal);
  await removeReplaced(core, signal);
  return publication.changed;
}

/** What a commit must say so that the base files hold the rows that stand. */
export interface Publication {
  readonly changed: readonly string[];
  readonly added: readonly DataFile[];
  readonly removed: readonly string[];
  readonly published: Readonly<Record<string, number>>;
}

/** @param options.merge - small files become few, also where no row changed */
export async function preparePublication(
  core: LakeCore,
  options: { readonly tables?: readonly string[] | undefined; readonly merge?: boolean },
  signal?: AbortSignal,
): Promise<Publication> {
  const tables = related(core.tables, options.tables);
  const rewritten = new Map<TableShape, Rewritten>();
  for (const table of tables.filter(({ explode }) => explode === undefined)) {
    rewritten.set(table, await rewriteRecords(core, table, options.merge ?? false, signal));
  }
  for (const table of tables.filter(({ explode }) => explode !== undefined)) {
    rewritten.set(table, await rewriteElements(core, table, rewritten, signal));
  }
  const all = [...rewritten.values()];
  return {
    changed: [...rewritten].flatMap(([{ name }, { added, replaced }]) =>
      added.length + replaced.length > 0 ? [name] : [],
    ),
    added: all.flatMap(({ added, superseded }) => [...added, ...superseded]),
    removed: all.flatMap(({ replaced }) => replaced.map(({ path }) => path)),
    published: Object.fromEntries(tables.map(({ name }) => [name, core.state.version])),
  };
}

/** The tables named, or all, with those whose rows come from theirs: they are written together. */
function related(tables: readonly TableShape[], names: readonly string[] | undefined): readonly TableShape[] {
  if (names === undefined) return tables;
  const sources = tables.filter(({ name, explode }) => explode !== undefined && names.includes(name));
  const records = new Set([...names, ...sources.flatMap((table) => sourcesOf(table, tables).map(({ name }) => name))]);
  return tables.filter(
    (table) =>
      records.has(table.name) ||
      (table.explode !== undefined && sourcesOf(table, tables).some(({ name }) => records.has(name))),
  );
}

async function rewriteRecords(
  core: LakeCore,
  table: TableShape,
  merge: boolean,
  signal?: AbortSignal,
): Promise<Rewritten> {
  const { files } = core.stored(table);
  const changed = await rewriteBase(core, table, files, signal);
  if (!merge) return changed;
  const untouched = files.base.filter((file) => !changed.replaced.includes(file));
  const merged = await mergeBase(core, table, untouched, signal);
  return {
    added: [...changed.added, ...merged.added],
    replaced: [...changed.replaced, ...merged.replaced],
    superseded: changed.superseded,
  };
}

/**
 * Elements (reactions, mentions, attachments) stand in one file for each file of their records, which is written and
 * replaced with it.
 */
async function rewriteElements(
  core: LakeCore,
  table: TableShape,
  records: ReadonlyMap<TableShape, Rewritten>,
  signal?: AbortSignal,
): Promise<Rewritten> {
  const { base } = core.stored(table).files;
  const now = shapeOf(table).shape;
  const isComplete =
    core.state.published.has(table.name) &&
    base.every(({ of, rows, shape }) => shape === now && (of !== undefined || rows === 0));
  const kept: LiveFile[] = isComplete ? [...base] : [];
  const added: DataFile[] = [];
  for (const source of sourcesOf(table, core.tables)) {
    const { added: fresh, replaced } = records.get(source) ?? UNCHANGED;
    const gone = new Set(replaced.map(({ path }) => path));
    for (const file of kept.filter(({ of }) => of !== undefined && gone.has(of))) kept.splice(kept.indexOf(file), 1);
    const standing = isComplete ? [] : core.stored(source).files.base.filter(({ path }) => !gone.has(path));
    for (const file of [...fresh, ...standing]) added.push(...(await writeElements(core, table, source, file, signal)));
  }
  const isEmpty = added.length === 0 && kept.every(({ rows }) => rows === 0);
  if (isEmpty && kept.length === 0) added.push(...(await writeRows(core, table, scan(table, []), WHOLE, signal)));
  // An empty file stands for the table only as long as there is no other.
  const placeholders = isEmpty ? [] : kept.filter(({ rows }) => rows === 0);
  return { ...UNCHANGED, added, replaced: base.filter((file) => !kept.includes(file) || placeholders.includes(file)) };
}

async function writeElements(
  core: LakeCore,
  table: TableShape,
  source: TableShape,
  file: DataFile,
  signal?: AbortSignal,
): Promise<readonly DataFile[]> {
  if (file.rows === 0) return [];
  const [found] = await core.locate([{ ...file, version: core.state.version }], signal);
  if (file.rows < SMALL_ROWS && !(await hasElements(core, { table, source }, found!.localPath, signal))) return [];
  const rows = scan(source, [found!]);
  const elements = explosion({ table, source, rows, list: elementsSql(table, source, identifier) });
  const written = await writeRows(core, table, elements, { kind: 'base' }, signal);
  return written.map((one) => ({ ...one, of: file.path }));
}

/** Looked for in few rows, which often have none: writing nothing costs more. */
async function hasElements(
  core: LakeCore,
  { table, source }: { readonly table: TableShape; readonly source: TableShape },
  localPath: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const found = await core.duck.rows(
    `SELECT 1 FROM read_parquet(${literal(localPath)}, hive_partitioning = false)
     WHERE ${elementCountSql(table, elementsSql(table, source, identifier))} > 0 LIMIT 1`,
    [],
    signal,
  );
  return found.length > 0;
}

const baseOf = (state: LakeState, table: string) =>
  [...state.files.values()].filter((file) => file.kind === 'base' && file.table === table);

/** What `current/` shows of a state: the files of each table, and the manifest that names them. */
export interface CurrentView {
  readonly folders: readonly (readonly [table: string, files: readonly DataFile[]])[];
  readonly manifest: Buffer;
}

export function currentView(state: LakeState, tables: readonly TableShape[]): CurrentView {
  const folders = tables.map(({ name }) => [name, baseOf(state, name)] as const).filter(([, { length }]) => length > 0);
  const manifest = Buffer.from(
    JSON.stringify({
      version: Math.max(0, ...state.published.values()),
      tables: Object.fromEntries(
        folders.map(([name, files]) => [
          name,
          { rows: files.reduce((sum, { rows }) => sum + rows, 0), files: files.map(({ path }) => path) },
        ]),
      ),
    }),
  );
  return { folders, manifest };
}

/** Lets `current/<table>/` hold the base files and nothing else, and names them all in one file. */
export async function showCurrent(core: LakeCore, signal?: AbortSignal): Promise<void> {
  const { store } = core;
  const { folders, manifest } = currentView(core.state, core.tables);
  for (const [name, files] of folders) {
    await core.lease.check();
    await store.show(
      `current/${name}`,
      files.map(({ path }) => path),
      signal,
    );
  }
  const present = await store.get(MANIFEST, signal);
  if (!present || !manifest.equals(present.bytes)) await store.put(MANIFEST, manifest, signal);
}

/** Removes replaced files whose grace is over: first from the log, then from the store. */
export async function removeReplaced(core: LakeCore, signal?: AbortSignal): Promise<void> {
  const { state, keeping, runtime } = core;
  const deleted = [...state.replaced.values()]
    .filter(({ atMs }) => runtime.now() - atMs >= keeping.graceMs)
    .map(({ path }) => path);
  if (deleted.length === 0) return;
  await core.commit({ added: [], removed: [], deleted, positions: {} });
  await core.store.delete(deleted, signal);
}
