import { createHash } from 'node:crypto';
import type { TableShape } from '../../schema/column.ts';
import { identifier, identifiers, literal } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';
import type { LakeState } from '../log/commit-record.ts';
import { checksumOfContent } from '../log/names.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { type Locate, located } from '../tables/files.ts';
import { listNamedFiles, unnamedFiles } from '../tables/named-files.ts';
import { currentRows, foundFiles, type StoredTable, standingFiles, tableFiles } from '../tables/relations.ts';

/** A file beside the tables that is not as the rows say. */
export interface ContentFault {
  readonly file: string;
  readonly kind: 'missing' | 'corrupt';
}

/** A lake whose files beside the tables are looked at. */
export interface ContentLake {
  readonly store: ObjectStore;
  readonly tables: readonly TableShape[];
  readonly duck: Duck;
  readonly state: LakeState;
}

const FILES_AT_A_TIME = 1_000;
const PIECE_BYTES = 4 * 1024 * 1024;

/** Compares every file that rows name with the checksum in its name, and counts those that no row names. Reads all of them. */
export async function lookAtContents(
  lake: ContentLake,
  signal?: AbortSignal,
): Promise<{ readonly faults: readonly ContentFault[]; readonly unnamed: { files: number; bytes: number } }> {
  const { store, duck } = lake;
  const unnamed = { files: 0, bytes: 0 };
  const faults: ContentFault[] = [];
  const standing = await letGoAfter(lake, (stored) => listNamedFiles(duck, stored, 'standing', signal));
  if (standing === undefined) return { faults, unnamed };
  for (let from = 0; ; from += FILES_AT_A_TIME) {
    const rows = await duck.rows(`SELECT file FROM ${standing} ORDER BY file LIMIT ${FILES_AT_A_TIME} OFFSET ${from}`);
    for (const { file } of rows) {
      const kind = await faultOf(store, String(file), signal);
      if (kind) faults.push({ file: String(file), kind });
    }
    if (rows.length < FILES_AT_A_TIME) break;
  }
  const named = await letGoAfter(lake, (stored) => listNamedFiles(duck, stored, 'all', signal));
  for await (const part of unnamedFiles(duck, store, named!, signal)) {
    unnamed.files += part.length;
    unnamed.bytes += part.reduce((sum, { size }) => sum + size, 0);
  }
  await duck.run(`DROP TABLE ${named}`);
  return { faults, unnamed };
}

/** The rows that name one of these files, by their table: key columns and nothing else; and the latest version among them. */
export async function rowsNaming(
  lake: ContentLake,
  files: readonly string[],
): Promise<
  readonly {
    readonly table: TableShape;
    readonly rows: readonly Readonly<Record<string, unknown>>[];
    readonly latestMs: number;
  }[]
> {
  return letGoAfter(lake, async (stored) => {
    const found = [];
    for (const { table, ...rest } of stored) {
      const standing = await foundFiles({ ...rest, files: standingFiles(rest.files) });
      const named = files.map(literal).join(', ');
      const naming = await lake.duck.rows(
        `SELECT ${identifiers(table.primaryKey)}, epoch_ms(_version)::DOUBLE AS _ms FROM (${currentRows(table, standing)})
         WHERE ${identifier(table.files!)} IN (${named})`,
      );
      const rows = naming.map(({ _ms, ...key }) => key);
      found.push({ table, rows, latestMs: Math.max(0, ...naming.map(({ _ms }) => Number(_ms ?? 0))) });
    }
    return found;
  });
}

/** Reads the tables that name files, and lets go of theirs. */
async function letGoAfter<T>(
  { store, tables, state }: ContentLake,
  read: (stored: readonly StoredTable[]) => Promise<T>,
): Promise<T> {
  const keys: string[] = [];
  const locate: Locate = (files, signal) => {
    keys.push(...files.map(({ path }) => path));
    return located(store, files, signal);
  };
  const naming = tables.filter(({ files }) => files !== undefined);
  try {
    return await read(naming.map((table) => ({ table, files: tableFiles(state, table.name), locate })));
  } finally {
    await store.letGo(keys);
  }
}

async function faultOf(
  store: ObjectStore,
  file: string,
  signal?: AbortSignal,
): Promise<ContentFault['kind'] | undefined> {
  const hash = createHash('sha256');
  for (let from = 0; ; from += PIECE_BYTES) {
    const piece = await store.readRange(file, from, from + PIECE_BYTES, signal);
    if (piece === undefined) return 'missing';
    hash.update(piece);
    if (piece.byteLength < PIECE_BYTES) break;
  }
  return hash.digest('hex') === checksumOfContent(file) ? undefined : 'corrupt';
}
