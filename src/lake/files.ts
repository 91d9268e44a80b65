import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { DataFile } from './commit-record.ts';
import { lakeErrors } from './errors.ts';
import type { ObjectStore } from './object-store.ts';

/** What the log keeps to know a file again. */
export interface FileFacts {
  readonly bytes: number;
  readonly sha256: string;
}

/** Reads a finished local file once. */
export async function measureFile(localPath: string): Promise<FileFacts> {
  return { bytes: (await stat(localPath)).size, sha256: await sha256Of(localPath) };
}

/**
 * Compares a file with what the log says of it: there, as long, and, where the log has a checksum, byte for byte.
 *
 * @throws SluiceError `lake_file_missing`, `lake_file_corrupt`
 */
export async function verifyFile(store: ObjectStore, file: DataFile): Promise<void> {
  await checkSize(store, file);
  const isSame = await hasChecksum(await store.localPath(file.path), file).catch(() => {
    throw lakeErrors.lake_file_corrupt({ file, why: 'it cannot be read' });
  });
  if (!isSame) throw lakeErrors.lake_file_corrupt({ file, why: 'its checksum is another one' });
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
export async function checkSize(store: ObjectStore, file: DataFile): Promise<void> {
  const size = await store.size(file.path);
  if (size === undefined) throw lakeErrors.lake_file_missing({ file });
  if (size !== file.bytes)
    throw lakeErrors.lake_file_corrupt({ file, why: `it has ${size} bytes, the log says ${file.bytes}` });
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
