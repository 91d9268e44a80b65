import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableShape } from '../../schema/column.ts';
import { literal } from '../../schema/sql.ts';
import { PARQUET } from '../engine/duck.ts';
import { lakeErrors } from '../errors.ts';
import type { DataFile, LiveFile } from '../log/commit-record.ts';
import type { Span } from '../log/key-spans.ts';
import { clustered, keysOf, keysOfFiles, stretchSql } from '../log/key-spans.ts';
import { cursorOf, rawOf, shapeOf } from '../log/log.ts';
import { contest, endContest, LOSING, WINNING } from './contested.ts';
import type { LakeCore } from './core.ts';
import { measureFile, verifyFile } from './files.ts';
import type { ReadableFile, TableFiles } from './relations.ts';
import { currentRows, foundFiles, hasDistinctKeys, scan, standingFiles } from './relations.ts';

/** Rows of a base file. What a small sync writes is a few of them, however large the table is. */
export const FILE_ROWS = 16_384;
/** A base file with fewer rows than this is merged with others as the table grows. */
export const SMALL_ROWS = FILE_ROWS / 2;

/** Base files that come, and those that go for them. `superseded`: rows that only the old ones held, still promised to readers of changes. */
export interface Rewritten {
  readonly added: readonly DataFile[];
  readonly replaced: readonly LiveFile[];
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
    const isCurrent = files.newer.length === 0 && files.base.every(hasShapeOf(table));
    return isCurrent ? UNCHANGED : await rewriteTouched(core, table, files, signal);
  }
  const adopted = await adopt(core, table, files, signal);
  if (adopted) return { ...UNCHANGED, added: adopted };
  const rows = currentRows(table, await foundFiles({ files: standingFiles(files), locate: core.locate }, signal));
  return { ...UNCHANGED, added: await writeRows(core, table, clustered(table, rows), WHOLE, signal) };
}

/** Merges the small files of a table. */
export async function mergeBase(
  core: LakeCore,
  table: TableShape,
  files: readonly LiveFile[],
  signal?: AbortSignal,
): Promise<Rewritten> {
  const few = files.filter(({ rows }) => rows < SMALL_ROWS);
  if (few.length < 2) return UNCHANGED;
  const small = await verified(core, few, signal);
  const added = await writeRows(core, table, clustered(table, scan(table, small)), { kind: 'base' }, signal);
  return { ...UNCHANGED, added, replaced: small };
}

/**
 * A first load mostly brings each row once. Then its change files are the current rows as they are, under a second name.
 * Undefined: they are not.
 */
async function adopt(
  core: LakeCore,
  table: TableShape,
  { older, newer: changes }: TableFiles,
  signal?: AbortSignal,
): Promise<readonly DataFile[] | undefined> {
  if (changes.length === 0 || older.length > 0 || changes.some(({ deletes }) => deletes > 0)) return undefined;
  if (!changes.every(hasShapeOf(table))) return undefined;
  const newer = await core.locate(changes, signal);
  if (!(await hasDistinctKeys(core.duck, table, newer, signal))) return undefined;
  const keys = await keysOfFiles(core.duck, table, newer, signal);
  const adopted: DataFile[] = [];
  for (const { localPath, version: _brought, ...file } of newer) {
    const path = core.newFile(table.name, core.runtime.id());
    await core.store.copy(file.path, path, signal);
    adopted.push({ ...file, ...keys.get(localPath), kind: 'base', path });
  }
  return adopted;
}

function hasShapeOf(table: TableShape): (file: DataFile) => boolean {
  const now = shapeOf(table).shape;
  return ({ shape }) => shape === now;
}

/**
 * Finds the base rows that lose to changes, and writes the files that hold them anew, each changed row among its neighbours.
 * New rows go into a file of their own, with small files as they come to the size of what is written (each row is written a
 * few times as a table grows, and the files stay few): so files go on holding keys that lie near to each other.
 */
async function rewriteTouched(
  core: LakeCore,
  table: TableShape,
  files: TableFiles,
  signal?: AbortSignal,
): Promise<Rewritten> {
  const newer = await verified(core, files.newer, signal);
  const { losers, fresh } = await contest(core, table, { ...files, newer }, signal);
  // What lost is known by where it was found: it is not found again.
  const found = new Map(losers.map((file) => [file.path, file]));
  const hasShape = hasShapeOf(table);
  const touched = files.base.filter((file) => found.has(file.path) || !hasShape(file));
  const small = touched.filter(({ rows }) => rows < SMALL_ROWS);
  const untouched = files.base.filter((file) => !touched.includes(file));
  const replaced = [...touched, ...growing(untouched, fresh, rowsOf(small))];
  const others = replaced.filter(({ path }) => !found.has(path));
  for (const file of losers) await verifyFile(file);
  for (const file of await verified(core, others, signal)) found.set(file.path, file);
  const old = replaced.map(({ path }) => found.get(path)!);
  // What fits into one file is written as one.
  const isOne = rowsOf(old) + fresh <= FILE_ROWS;
  const large = isOne ? [] : old.filter(({ rows }) => rows >= SMALL_ROWS);
  const tail = isOne ? old : old.filter(({ rows }) => rows < SMALL_ROWS);
  const added = [
    ...(large.length > 0 ? await writeStanding(core, table, { old: large, newer }, signal) : []),
    ...(tail.length + fresh > 0 ? await writeStanding(core, table, { old: tail, newer, withFresh: true }, signal) : []),
  ];
  // An empty file stands for a table without rows.
  const isEmpty = added.length === 0 && replaced.length > 0 && replaced.length === files.base.length;
  if (isEmpty) added.push(...(await writeRows(core, table, scan(table, []), WHOLE, signal)));
  const superseded = await writeSuperseded(
    core,
    table,
    touched.map(({ path }) => found.get(path)!),
    signal,
  );
  await endContest(core.duck);
  return { added, replaced, superseded };
}

const rowsOf = (files: readonly DataFile[]) => files.reduce((sum, { rows }) => sum + rows, 0);

/** Writes what stands of old files: their rows that do not lose, and the changes that win in place of those that do. */
function writeStanding(
  core: LakeCore,
  table: TableShape,
  which: {
    readonly old: readonly ReadableFile[];
    readonly newer: readonly ReadableFile[];
    /** Together with the rows whose keys no old file holds. */
    readonly withFresh?: boolean | undefined;
  },
  signal?: AbortSignal,
): Promise<readonly DataFile[]> {
  const { old, newer, withFresh = false } = which;
  const places = [
    ...(old.length > 0 ? [`file IN (${old.map(({ localPath }) => literal(localPath)).join(', ')})`] : []),
    ...(withFresh ? ['file IS NULL'] : []),
  ];
  const kept = `SELECT * FROM (${scan(table, old)}) ANTI JOIN ${LOSING} USING (_commit, _row)`;
  const won = `SELECT * FROM (${scan(table, newer)}) SEMI JOIN
    (SELECT _commit, _row FROM ${WINNING} WHERE ${places.join(' OR ')}) USING (_commit, _row)`;
  return writeRows(core, table, clustered(table, `${kept} UNION ALL ${won}`), { kind: 'base' }, signal);
}

/** The small files that go with `fresh` new rows and `others`: each at most twice as large as what comes before it. */
function growing(files: readonly LiveFile[], fresh: number, others: number): LiveFile[] {
  const chosen: LiveFile[] = [];
  let total = fresh + others;
  for (const file of files.filter((one) => one.rows < SMALL_ROWS).sort((a, b) => a.rows - b.rows)) {
    if (fresh === 0 || file.rows > 2 * total) break;
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
  const lost = `SELECT * FROM (${scan(table, touched, { where: `_commit <= ${feedFrom}` })}) SEMI JOIN ${LOSING} USING (_commit, _row)`;
  const written = await writeRows(core, table, lost, { kind: 'changes' }, signal);
  return written.map((file) => ({ ...file, asOf: version }));
}

/** Finds files, and compares each with what the log says of it, byte for byte. */
async function verified(
  core: LakeCore,
  files: readonly LiveFile[],
  signal?: AbortSignal,
): Promise<readonly ReadableFile[]> {
  const found = await core.locate(files, signal);
  for (const file of found) await verifyFile(file);
  return found;
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
  const files: DataFile[] = [];
  const names = rows > 0 || evenEmpty ? await readdir(folder) : [];
  const found = await factsByName(core, table, { folder, names, rows });
  // `data_2` comes before `data_10`.
  for (const name of names.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))) {
    const { n, deletes, latestMs, stretches } = found.get(name) ?? NO_ROWS;
    const localPath = join(folder, name);
    const path = core.newFile(table.name, core.runtime.id());
    const measured = await measureFile(localPath);
    await core.store.putFile(path, localPath, signal);
    const facts = {
      ...measured,
      ...rawOf(table),
      ...shapeOf(table),
      ...cursorOf(latestMs),
      ...keysOf(table, stretches),
    };
    files.push({ kind, table: table.name, path, rows: n, deletes, ...facts });
  }
  await rm(folder, { recursive: true, force: true });
  const written = rowsOf(files);
  if (written !== rows) throw lakeErrors.lake_count_mismatch({ table: table.name, expected: rows, written });
  return files;
}

interface FileRows {
  readonly n: number;
  readonly deletes: number;
  /** Greatest version, ms since 1970. */
  readonly latestMs: number | undefined;
  /** Least and greatest key of each stretch. */
  readonly stretches: readonly Span[];
}

const NO_ROWS: FileRows = { n: 0, deletes: 0, latestMs: undefined, stretches: [] };

/**
 * What the files of a folder hold. One file of elements needs no look: of those only the rows are said. Files are named one
 * by one: in a pattern, brackets in the name of a folder would mean something.
 */
async function factsByName(
  core: LakeCore,
  table: TableShape,
  { folder, names, rows }: { readonly folder: string; readonly names: readonly string[]; readonly rows: number },
): Promise<ReadonlyMap<string, FileRows>> {
  if (rows === 0) return new Map();
  if (table.explode !== undefined && names.length === 1) return new Map([[names[0]!, { ...NO_ROWS, n: rows }]]);
  const { low, high, stretch } = stretchSql(table);
  const paths = names.map((name) => literal(join(folder, name)));
  const found = await core.duck.rows(
    `SELECT parse_filename(filename) AS name, ${low} AS low, ${high} AS high, count(*)::INTEGER AS n,
       (count(*) FILTER (_op = 'delete'))::INTEGER AS deletes,
       epoch_ms(max(_version) FILTER (isfinite(_version)))::DOUBLE AS at
     FROM read_parquet([${paths.join(', ')}], filename = true, hive_partitioning = false) GROUP BY 1, ${stretch}`,
  );
  const facts = new Map<string, FileRows>();
  for (const { name, low: least, high: greatest, n, deletes, at } of found) {
    const before = facts.get(String(name)) ?? NO_ROWS;
    const { latestMs } = before;
    facts.set(String(name), {
      n: before.n + Number(n),
      deletes: before.deletes + Number(deletes),
      latestMs: typeof at === 'number' ? Math.max(at, latestMs ?? at) : latestMs,
      stretches: [...before.stretches, [String(least), String(greatest)]],
    });
  }
  return facts;
}
