import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableShape } from '../../schema/column.ts';
import { sourcesOf } from '../../schema/column.ts';
import { declaredSql, identifiers, literal } from '../../schema/sql.ts';
import { openDuck } from '../engine/duck.ts';
import { checkMemory, systemMemory } from '../engine/memory.ts';
import { checkOpenFiles } from '../engine/open-files.ts';
import { writeError } from '../engine/write-error.ts';
import type { LiveFile } from '../log/commit-record.ts';
import { makeOwnFolder } from '../stores/private-files.ts';
import { checkSize, type Locate, located } from '../tables/files.ts';
import { currentRows, explodedRows, foundFiles, standingFiles, tableFiles } from '../tables/relations.ts';
import { CHANGE_COLUMNS, changesSql, type FeedWork, hasChanges } from './changes-sql.ts';
import { feedErrors } from './errors.ts';
import { afterSql, type FeedOffset, upToSql } from './offset.ts';
import { type ExportSource, isBehind, standing } from './source.ts';

/** Rows of a row group: what a reader holds at a time. */
const GROUP_ROWS = 20_000;
const FILES = `FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE ${GROUP_ROWS}`;

/** The columns of files that are written for a consumer. */
export const feedColumns = (table: TableShape) => ({ ...table.columns, ...CHANGE_COLUMNS });

/** Files with rows of a table, on this machine. */
export interface FeedFiles {
  readonly files: readonly string[];
  readonly rows: number;
}

/** A part of the changes of a table. */
export interface FeedPart {
  readonly table: TableShape;
  readonly from: FeedOffset;
  readonly to: FeedOffset;
}

/** One place to stop at, and how many changes lie before it and after the one before. */
export interface FeedStop {
  readonly to: FeedOffset;
  readonly changes: number;
}

export interface FeedOptions {
  readonly source: ExportSource;
  /** Where files go, in a folder of their own, and where DuckDB may spill. */
  readonly scratchDir: string;
}

/** Places at which the changes between two others can be cut, with so many changes between two of them. None: there is no change. */
export async function stopsOf(
  options: FeedOptions,
  { table, from, to, changes: most }: FeedPart & { readonly changes: number },
  signal?: AbortSignal,
): Promise<readonly FeedStop[]> {
  return withChanges(
    options,
    { table, from, to },
    async ({ duck }, rows) => {
      const found = await duck.rows(
        `WITH places AS (SELECT _commit, _row, count(*) AS n FROM (${rows}) GROUP BY ALL),
           counted AS (SELECT *, sum(n) OVER (ORDER BY _commit, _row) AS upto FROM places)
         SELECT max(_commit)::DOUBLE AS version, arg_max(_row, upto)::DOUBLE AS at, sum(n)::DOUBLE AS n
         FROM counted GROUP BY (upto - 1) // ${most} ORDER BY max(upto)`,
        [],
        signal,
      );
      return found.map((one, index) => {
        const version = Number(one['version']);
        const row = Number(one['at']);
        const changes = Number(one['n']);
        if (index === found.length - 1) return { to, changes };
        if (!Number.isSafeInteger(row)) throw feedErrors.feed_place_too_large({ table: table.name, version });
        return { to: { ...to, version: version - 1, row }, changes };
      });
    },
    [],
    signal,
  );
}

/**
 * Writes the changes between two places: of each key the latest one.
 *
 * @param part.within - of each key the latest one of these is looked for: the part is one of several of them
 */
export async function writeChanges(
  options: FeedOptions,
  {
    table,
    from,
    to,
    within = { from, to },
    only,
  }: FeedPart & {
    readonly within?: Pick<FeedPart, 'from' | 'to'> | undefined;
    readonly only?: 'upsert' | 'delete' | undefined;
  },
  signal?: AbortSignal,
): Promise<FeedFiles> {
  return withChanges(
    options,
    { table, ...within },
    async (work, rows) => {
      const key = identifiers(table.primaryKey);
      const stamp = "{v: coalesce(_version, '-infinity'::TIMESTAMPTZ), c: _commit, r: _row}";
      const latest = `SELECT ${key}, s.c AS _commit, s.r AS _row
        FROM (SELECT ${key}, max(${stamp}) AS s FROM (${rows}) GROUP BY ${key})`;
      const chosen = `SELECT ${declaredSql({ columns: feedColumns(table) })}
        FROM (${rows}) SEMI JOIN (${latest}) AS latest USING (${key}, _commit, _row)
        WHERE ${afterSql(from)} AND ${upToSql(to)}${only ? ` AND _op = ${literal(only)}` : ''}`;
      return copied(work, options.scratchDir, chosen, signal);
    },
    { files: [], rows: 0 },
    signal,
  );
}

/** Files of the lake that hold exactly the rows of a table that stand, each once. */
export interface StandingParts {
  /** Undefined: no files do, at present. */
  readonly files:
    | readonly { readonly key: string; readonly rows: number; readonly localPath?: string | undefined }[]
    | undefined;
}

/** Where the store is a folder of this machine, the files are named. They live on for a day after they were replaced. */
export async function standingParts(
  source: ExportSource,
  table: TableShape,
  signal?: AbortSignal,
): Promise<StandingParts> {
  if (isBehind(source, table)) return { files: undefined };
  const files: { key: string; rows: number; localPath: string | undefined }[] = [];
  for (const file of standing(source, table)) {
    if (file.rows === 0) continue;
    const localPath = source.store.isLocal ? await localOf(source, file, signal) : undefined;
    files.push({ key: file.path, rows: file.rows, localPath });
  }
  return { files };
}

async function localOf({ store }: ExportSource, file: LiveFile, signal?: AbortSignal): Promise<string> {
  const [found] = await located(store, [file], signal);
  await checkSize(found!);
  await store.letGo([file.path]);
  return found!.localPath;
}

/** Brings files of the lake, by their keys, into the scratch folder. */
export async function fetchedFiles(
  { source, scratchDir }: FeedOptions,
  { keys }: { readonly keys: readonly string[] },
  signal?: AbortSignal,
): Promise<FeedFiles> {
  const folder = await makeOwnFolder(scratchDir);
  const files: string[] = [];
  try {
    for (const [at, key] of keys.entries()) {
      const to = join(folder, `${at}.parquet`);
      try {
        await copyFile(await source.store.localPath(key, signal), to);
      } finally {
        await source.store.letGo([key]);
      }
      files.push(to);
    }
  } catch (error) {
    throw writeError(error, folder);
  }
  return { files, rows: 0 };
}

/** Writes the rows of a table that stand. */
export async function writeRows(options: FeedOptions, table: TableShape, signal?: AbortSignal): Promise<FeedFiles> {
  return withDuck(options, async (work) => {
    const { source } = work;
    const parts = table.explode === undefined ? [table] : sourcesOf(table, source.tables);
    const found: string[] = [];
    try {
      const locate = locateIn(source, found);
      const current = new Map<TableShape, string>();
      for (const part of parts) {
        const files = standingFiles(tableFiles(source.state, part.name));
        current.set(part, currentRows(part, await foundFiles({ files, locate }, signal)));
      }
      const rows =
        table.explode === undefined
          ? current.get(table)!
          : explodedRows(table, source.tables, (one) => current.get(one)!);
      return await copied(
        work,
        options.scratchDir,
        `SELECT ${declaredSql({ columns: feedColumns(table) })} FROM (${rows})`,
        signal,
      );
    } finally {
      await source.store.letGo(found);
    }
  });
}

async function copied({ duck }: FeedWork, scratchDir: string, rows: string, signal?: AbortSignal): Promise<FeedFiles> {
  const file = join(await makeOwnFolder(scratchDir), 'rows.parquet');
  try {
    const [answer] = await duck.rows(`COPY (${rows}) TO ${literal(file)} (${FILES})`, [], signal);
    return { files: [file], rows: Number(answer?.['Count']) };
  } catch (error) {
    throw writeError(error, scratchDir);
  }
}

async function withDuck<T>({ source, scratchDir }: FeedOptions, use: (work: FeedWork) => Promise<T>): Promise<T> {
  await checkOpenFiles();
  checkMemory(await systemMemory());
  const duck = await openDuck({ scratchDir });
  try {
    return await use({ source, duck });
  } finally {
    duck.close();
  }
}

const locateIn =
  ({ store }: ExportSource, found: string[]): Locate =>
  async (files, signal) => {
    found.push(...files.map(({ path }) => path));
    return located(store, files, signal);
  };

/** Lets the changes of a part be read; where the log says that there are none, no file is looked at. */
async function withChanges<T>(
  options: FeedOptions,
  { table, from, to }: FeedPart,
  use: (work: FeedWork, rows: string) => Promise<T>,
  none: T,
  signal?: AbortSignal,
): Promise<T> {
  const { source } = options;
  const after = from.version;
  if (after > 0 && !hasChanges({ source }, { table, after })) return none;
  return withDuck(options, async (work) => {
    const found: string[] = [];
    try {
      const through = to.row === null ? to.version : to.version + 1;
      const all = await changesSql({ work, span: { table, after, through }, locate: locateIn(source, found) }, signal);
      return await use(work, `SELECT * FROM (${all}) WHERE ${afterSql(from)} AND ${upToSql(to)}`);
    } finally {
      await source.store.letGo(found);
    }
  });
}
