import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { readError, unreadable } from '../engine/read-error.ts';
import { lakeErrors } from '../errors.ts';
import type { DataFile } from '../log/commit-record.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { absent } from '../stores/private-files.ts';

/** What the log keeps to know a file again. */
export interface FileFacts {
  readonly bytes: number;
  readonly sha256: string;
}

/** A file, and where DuckDB finds it. */
export type Located<F extends DataFile = DataFile> = F & { readonly localPath: string };

/** Finds files that are to be read, and looks whether each is there and as long as it was. */
export type Locate = <F extends DataFile>(files: readonly F[], signal?: AbortSignal) => Promise<readonly Located<F>[]>;

/** Finds files, one after the other: at a store elsewhere each may be a download. */
export async function located<F extends DataFile>(
  store: ObjectStore,
  files: readonly F[],
  signal?: AbortSignal,
): Promise<readonly Located<F>[]> {
  const found: Located<F>[] = [];
  for (const file of files) {
    signal?.throwIfAborted();
    found.push({ ...file, localPath: await store.localPath(file.path, signal) });
  }
  return found;
}

/** Lets a file be read, and lets go of it. */
export async function readLocally<T>(
  store: ObjectStore,
  key: string,
  read: (localPath: string) => Promise<T>,
): Promise<T> {
  try {
    return await read(await store.localPath(key));
  } finally {
    await store.letGo([key]);
  }
}

/** Reads a finished local file once. */
export async function measureFile(localPath: string): Promise<FileFacts> {
  return { bytes: (await stat(localPath)).size, sha256: await sha256Of(localPath) };
}

/**
 * Compares a file with what the log says of it: there, as long, and, where the log has a checksum, byte for byte.
 *
 * @throws SluiceError `lake_file_missing`, `lake_file_corrupt`, `lake_unreadable`
 */
export async function verifyFile(file: Located): Promise<void> {
  await checkSize(file);
  if (!(await hasChecksum(file.localPath, file)))
    throw lakeErrors.lake_file_corrupt({ file, why: 'its checksum is another one' });
}

/** Whether the bytes are those that were committed; true where the log has no checksum. */
export async function hasChecksum(localPath: string, { sha256 }: DataFile): Promise<boolean> {
  return sha256 === undefined || (await sha256Of(localPath)) === sha256;
}

/**
 * What costs nothing: that a file is there and as long as it was.
 *
 * @throws SluiceError `lake_file_missing`, `lake_file_corrupt`
 */
export async function checkSize(file: Located): Promise<void> {
  const size = await sizeOf(file.localPath);
  if (size === undefined) throw lakeErrors.lake_file_missing({ file });
  if (size !== file.bytes)
    throw lakeErrors.lake_file_corrupt({ file, why: `it has ${size} bytes, the log says ${file.bytes}` });
}

/** A file that is there and cannot be opened is not damaged. @throws SluiceError `lake_unreadable` */
export async function checkReadable(localPath: string): Promise<void> {
  const file = await open(localPath).catch(unreadable(localPath));
  await file.close();
}

/** Bytes of a local file; undefined when none is there. */
export async function sizeOf(localPath: string): Promise<number | undefined> {
  const found = await stat(localPath).catch(absent).catch(unreadable(localPath));
  return found?.isFile() ? found.size : undefined;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) hash.update(chunk as Buffer);
  } catch (error) {
    throw readError(error, path);
  }
  return hash.digest('hex');
}
