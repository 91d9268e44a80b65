import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableShape } from '../schema/column.ts';
import { identifiers, literal } from '../schema/sql.ts';
import type { DataFile } from './commit-record.ts';
import type { LakeCore } from './core.ts';
import { PARQUET } from './duck.ts';
import { countMismatch } from './errors.ts';
import { measureFile, verifyFile } from './files.ts';
import { cursorOf, rawOf, shapeOf } from './log.ts';
import type { ReadableFile, TableFiles } from './relations.ts';
import { currentRows, hasDistinctKeys, scan, winners } from './relations.ts';

/** Rows of a base file. What a small sync writes is a few of them, however large the table is. */
export const FILE_ROWS = 16_384;
/** A base file with fewer rows than this is merged with others as the table grows. */
const SMALL_ROWS = FILE_ROWS / 2;

/** Base files that come, and those that go for them. `superseded`: rows that only the old ones held, still promised to readers of changes. */
export interface Rewritten {
  readonly added: readonly DataFile[];
  readonly replaced: readonly ReadableFile[];
  readonly superseded: readonly DataFile[];
}

export const UNCHANGED: Rewritten = { added: [], replaced: [], superseded: [] };

/** All rows of a table. */
export const WHOLE: WriteOptions = { kind: 'base', evenEmpty: true };

/** Brings the base files of a record table up to the state: only files with rows that changed are written anew. */
export async function rewriteBase(
  core: LakeCore,
  table: TableShape,
  files: TableFiles,
  signal?: AbortSignal,
): Promise<Rewritten> {
  if (files.base.length > 0) {
    const isCurrent = files.newer.length === 0 && files.base.every((file) => hasShape(table, file));
    return isCurrent ? UNCHANGED : await rewriteTouched(core, table, files, signal);
  }
  const adopted = await adopt(core, table, files, signal);
  const added = adopted ?? (await writeRows(core, table, sorted(table, currentRows(table, files)), WHOLE, signal));
  return { ...UNCHANGED, added };
}

/** Merges the small files of a table. */
export async function mergeBase(
  core: LakeCore,
  table: TableShape,
  files: readonly ReadableFile[],
  signal?: AbortSignal,
): Promise<Rewritten> {
  const small = files.filter(({ rows }) => rows < SMALL_ROWS);
  if (small.length < 2) return UNCHANGED;
  await verifyAll(core, small);
  const added = await writeRows(core, table, sorted(table, scan(table, small)), { kind: 'base' }, signal);
  return { ...UNCHANGED, added, replaced: small };
}

/**
 * A first load mostly brings each row once. Then its change files are the current rows as they are, under a second name.
 * Undefined: they are not.
 */
async function adopt(
  core: LakeCore,
  table: TableShape,
  { older, newer }: TableFiles,
  signal?: AbortSignal,
): Promise<readonly DataFile[] | undefined> {
  if (newer.length === 0 || older.length > 0 || newer.some(({ deletes }) => deletes > 0)) return undefined;
  if (!newer.every((file) => hasShape(table, file))) return undefined;
  if (!(await hasDistinctKeys(core.duck, table, newer, signal))) return undefined;
  const adopted: DataFile[] = [];
  for (const { localPath: _read, version: _brought, ...file } of newer) {
    const path = core.newFile(table.name, core.runtime.id());
    await core.store.copy(file.path, path, signal);
    adopted.push({ ...file, kind: 'base', path });
  }
  return adopted;
}

const hasShape = (table: TableShape, file: DataFile) => file.shape === shapeOf(table).shape;

const CONTESTED = 'contested';
const LOSING = 'losing';

/**
 * Finds the base rows that lose to changes, and writes the files that hold them anew, together with the rows that are new.
 * Small files are taken along as they come to the size of what is written (each row is written a few times as a table
 * grows, and the files stay few).
 */
async function rewriteTouched(
  core: LakeCore,
  table: TableShape,
  files: TableFiles,
  signal?: AbortSignal,
): Promise<Rewritten> {
  const { duck } = core;
  await verifyAll(core, files.newer);
  const { touched, fresh } = await contest(core, table, files, signal);
  const small = growing(
    files.base.filter((file) => !touched.includes(file)),
    fresh,
  );
  const replaced = [...touched, ...small];
  await verifyAll(core, replaced);
  const kept = `SELECT * FROM (${scan(table, replaced)}) ANTI JOIN ${LOSING} USING (_commit, _row)`;
  const won = `SELECT * FROM (${scan(table, files.newer)}) SEMI JOIN
    (SELECT _commit, _row FROM ${CONTESTED} WHERE file IS NULL AND wins AND _op = 'upsert') USING (_commit, _row)`;
  // An empty file stands for a table without rows.
  const evenEmpty = replaced.length === files.base.length;
  const added =
    replaced.length + fresh > 0
      ? await writeRows(core, table, sorted(table, `${kept} UNION ALL ${won}`), { kind: 'base', evenEmpty }, signal)
      : [];
  const superseded = await writeSuperseded(core, table, touched, signal);
  for (const name of [CONTESTED, LOSING]) await duck.run(`DROP TABLE IF EXISTS ${name}`);
  return { added, replaced, superseded };
}

/** Fills `contested` (every row of a changed key, and whether it wins) and `losing` (base rows that do not). */
async function contest(
  core: LakeCore,
  table: TableShape,
  files: TableFiles,
  signal?: AbortSignal,
): Promise<{ touched: readonly ReadableFile[]; fresh: number }> {
  const { duck } = core;
  const key = identifiers(table.primaryKey);
  const columns = `${key}, _op, _version, _commit, _row`;
  const deletes = files.older.filter((file) => file.deletes > 0);
  const base = `read_parquet([${files.base.map(({ localPath }) => literal(localPath)).join(', ')}],
    union_by_name = true, hive_partitioning = false, filename = '_file')`;
  const newer = `(SELECT ${columns} FROM (${scan(table, files.newer)}))`;
  await duck.run(
    `CREATE OR REPLACE TEMP TABLE ${CONTESTED} AS
     SELECT ${columns}, NULL::VARCHAR AS file, false AS wins FROM ${newer}
     UNION ALL SELECT ${columns}, _file, false FROM ${base} SEMI JOIN ${newer} AS newer USING (${key})
     UNION ALL SELECT ${columns}, '', false FROM (${scan(table, deletes, "_op = 'delete'")}) SEMI JOIN ${newer} AS newer USING (${key})`,
    [],
    signal,
  );
  await duck.run(`UPDATE ${CONTESTED} SET wins = true WHERE (_commit, _row) IN (${winners(table, CONTESTED)})`);
  await duck.run(
    `CREATE OR REPLACE TEMP TABLE ${LOSING} AS SELECT _commit, _row, file FROM ${CONTESTED} WHERE file <> '' AND NOT wins`,
  );
  const places = await duck.rows(`SELECT DISTINCT file FROM ${LOSING}`);
  const [won] = await duck.rows(
    `SELECT count(*)::INTEGER AS n FROM ${CONTESTED} WHERE file IS NULL AND wins AND _op = 'upsert'`,
  );
  const paths = new Set(places.map(({ file }) => String(file)));
  const touched = files.base.filter((file) => paths.has(file.localPath) || !hasShape(table, file));
  return { touched, fresh: Number(won?.['n']) };
}

/** The small files that go with `rows` new rows: each at most twice as large as what comes before it. */
function growing(files: readonly ReadableFile[], rows: number): ReadableFile[] {
  const chosen: ReadableFile[] = [];
  let total = rows;
  for (const file of files.filter((one) => one.rows < SMALL_ROWS).sort((a, b) => a.rows - b.rows)) {
    if (rows === 0 || file.rows > 2 * total) break;
    chosen.push(file);
    total += file.rows;
  }
  return chosen;
}

/** Rows that go out of the base although the feed of changes still needs them: what a change is compared with. */
async function writeSuperseded(
  core: LakeCore,
  table: TableShape,
  touched: readonly ReadableFile[],
  signal?: AbortSignal,
): Promise<readonly DataFile[]> {
  const { feedFrom, version } = core.state;
  if (feedFrom === 0 || touched.length === 0) return [];
  const lost = `SELECT * FROM (${scan(table, touched, `_commit <= ${feedFrom}`)}) SEMI JOIN ${LOSING} USING (_commit, _row)`;
  const written = await writeRows(core, table, lost, { kind: 'changes' }, signal);
  return written.map((file) => ({ ...file, asOf: version }));
}

async function verifyAll(core: LakeCore, files: readonly ReadableFile[]): Promise<void> {
  for (const file of files) await verifyFile(core.store, file);
}

/** Rows in an order that lets a reader of recent rows skip files. */
export function sorted(table: TableShape, rows: string): string {
  return `SELECT * FROM (${rows}) ORDER BY ${table.cursor === undefined ? identifiers(table.primaryKey) : '_version'}`;
}

export interface WriteOptions {
  readonly kind: DataFile['kind'];
  /** Writes an empty file, which has the columns, when there are no rows. Default: none. */
  readonly evenEmpty?: boolean;
  readonly rowsOfFile?: number;
}

/** Writes the rows of a query into files of the store, row count checked. */
export async function writeRows(
  core: LakeCore,
  table: TableShape,
  query: string,
  options: WriteOptions,
  signal?: AbortSignal,
): Promise<readonly DataFile[]> {
  const { kind, evenEmpty = false, rowsOfFile = FILE_ROWS } = options;
  const folder = join(await core.scratch('maintenance'), core.runtime.id());
  const [copied] = await core.duck.rows(
    `COPY (${query}) TO ${literal(folder)} (${PARQUET}, ROW_GROUP_SIZE ${FILE_ROWS}, ROW_GROUPS_PER_FILE ${rowsOfFile / FILE_ROWS})`,
    [],
    signal,
  );
  const rows = Number(copied?.['Count']);
  const found = rows > 0 ? await factsByName(core, folder) : new Map<string, FileRows>();
  const files: DataFile[] = [];
  const names = rows > 0 || evenEmpty ? await readdir(folder) : [];
  // `data_2` comes before `data_10`.
  for (const name of names.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))) {
    const { n, deletes, at } = found.get(name) ?? { n: 0, deletes: 0, at: null };
    const localPath = join(folder, name);
    const path = core.newFile(table.name, core.runtime.id());
    const measured = await measureFile(localPath);
    await core.store.putFile(path, localPath, signal);
    const facts = { ...measured, ...rawOf(table), ...shapeOf(table), ...cursorOf(at) };
    files.push({ kind, table: table.name, path, rows: n, deletes, ...facts });
  }
  await rm(folder, { recursive: true, force: true });
  const written = files.reduce((sum, file) => sum + file.rows, 0);
  if (written !== rows) throw countMismatch(table.name, rows, written);
  return files;
}

interface FileRows {
  readonly n: number;
  readonly deletes: number;
  /** Greatest version, ms since 1970. */
  readonly at: unknown;
}

async function factsByName(core: LakeCore, folder: string): Promise<ReadonlyMap<string, FileRows>> {
  const found = await core.duck.rows(
    `SELECT parse_filename(filename) AS name, count(*)::INTEGER AS n, (count(*) FILTER (_op = 'delete'))::INTEGER AS deletes,
       epoch_ms(max(_version) FILTER (isfinite(_version)))::DOUBLE AS at
     FROM read_parquet(${literal(`${folder}/*.parquet`)}, filename = true, hive_partitioning = false) GROUP BY 1`,
  );
  return new Map(
    found.map(({ name, n, deletes, at }) => [String(name), { n: Number(n), deletes: Number(deletes), at }] as const),
  );
}
