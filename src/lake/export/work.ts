import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime } from '../../runtime/runtime.ts';
import { literal } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';
import type { ExportSource } from '../feed/source.ts';
import type { LiveFile } from '../log/commit-record.ts';
import type { Lease } from '../log/lease.ts';
import { leaseFileName, leaseOfFile } from '../log/names.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { located, verifyFile } from '../tables/files.ts';

/** What one export works with. */
export interface ExportWork {
  readonly source: ExportSource;
  /** The folder of the format. */
  readonly output: ObjectStore;
  readonly lease: Lease;
  readonly duck: Duck;
  readonly runtime: Runtime;
  readonly scratchDir: string;
  /** Files that no version names any more are kept so long for those who read them, ms. */
  readonly retentionMs: number;
  /** Everything is written anew. */
  readonly isFull: boolean;
}

/** Rows of one table that an export brought. */
export interface ExportedRows {
  readonly added: number;
  readonly changed: number;
  readonly deleted: number;
}

export const NO_ROWS: ExportedRows = { added: 0, changed: 0, deleted: 0 };

/** Lets a file of the lake be read, found whole, and lets go of it. */
export async function withBaseFile<T>(
  { source: { store } }: ExportWork,
  file: LiveFile,
  read: (localPath: string) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    const [found] = await located(store, [file], signal);
    await verifyFile(found!);
    return await read(found!.localPath);
  } finally {
    await store.letGo([file.path]);
  }
}

/** Lets files of the export be read. */
export async function withOutputs<T>(
  { output }: Pick<ExportWork, 'output'>,
  keys: readonly string[],
  read: (localPaths: readonly string[]) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    const paths: string[] = [];
    for (const key of keys) paths.push(await output.localPath(key, signal));
    return await read(paths);
  } finally {
    await output.letGo(keys);
  }
}

/** A local path for an unfinished file. */
export const scratchPath = ({ scratchDir, runtime }: ExportWork, extension: string): string =>
  join(scratchDir, `${runtime.id()}.${extension}`);

export const removeLocally = async (paths: readonly string[]): Promise<void> => {
  for (const path of paths) await rm(path, { force: true });
};

/** `read_parquet([…])` over local files. */
export const parquetOf = (paths: readonly string[], ...options: readonly string[]): string =>
  `read_parquet([${paths.map(literal).join(', ')}], ${[...options, 'hive_partitioning = false'].join(', ')})`;

/** A file of the export is called by the lease it was written under and by the file of the lake whose rows it has. */
export const exportedName = (lease: number, base: string, extension: string): string =>
  leaseFileName(lease, stem(base)).replace(/parquet$/, extension);

/** The file of the lake that a name stands for; undefined: another hand gave it. */
export function baseOfName(name: string): string | undefined {
  return /^L\d{8}-([\w.-]+)\.\w+$/.exec(name)?.[1];
}

/** The name of a file without folder and extension. */
export const stem = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');

/** Whether a file was written under this lease, or an earlier one: nothing that it names can still be committed. */
export const isOfEarlierLease = (key: string, lease: number): boolean => {
  const own = leaseOfFile(`/${key.slice(key.lastIndexOf('/') + 1)}`);
  return own !== undefined && own < lease;
};
