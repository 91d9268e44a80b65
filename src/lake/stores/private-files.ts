import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolders } from '../../runtime/folders.ts';
import { writeError } from '../engine/write-error.ts';
import { storeErrors } from '../store-errors.ts';

/** Only the owner reads what holds message texts. */
export const PRIVATE_FOLDER = 0o700;
export const PRIVATE_FILE = 0o600;

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

export function absent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw error;
}

/** Folders that cannot be flushed (Windows, some network file systems): there the rename alone must do. */
const UNFLUSHABLE = new Set(['EPERM', 'EISDIR', 'EACCES', 'EINVAL', 'EBADF', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

function unflushable(error: unknown): undefined {
  if (!UNFLUSHABLE.has(codeOf(error) ?? '')) throw error;
}

/** Flushes a file or folder to the disk. */
export async function flush(path: string): Promise<void> {
  const file = await open(path, 'r').catch(unflushable);
  if (!file) return;
  try {
    await file.sync().catch(unflushable);
  } finally {
    await file.close();
  }
}

/** Makes a folder and those above it, and flushes every folder that got a new entry: the names survive a power cut. */
export async function makeFolder(path: string): Promise<void> {
  const first = await makeFolders(path, PRIVATE_FOLDER);
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await flush(dirname(made));
}

/** Writes a new file and flushes it. */
export async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', PRIVATE_FILE);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Makes a folder of one's own inside `parent`, under a name that nobody can know before. A parent that another user owns
 * and may change is refused, and so is another user's link to one.
 *
 * @throws SluiceError `folder_not_own`, `lake_unwritable`, `lake_disk_full`
 */
export async function makeOwnFolder(parent: string, name: string = randomUUID()): Promise<string> {
  const folder = join(parent, name);
  try {
    await makeFolder(parent);
    if (!(await isSafe(parent))) throw storeErrors.folder_not_own({ folder: parent });
    await mkdir(folder, { mode: PRIVATE_FOLDER });
  } catch (error) {
    throw writeError(error, parent);
  }
  return folder;
}

async function isSafe(folder: string): Promise<boolean> {
  const user = process.getuid?.();
  if (user === undefined) return !(await lstat(folder)).isSymbolicLink();
  const isOwn = ({ uid }: { readonly uid: number }) => uid === user || uid === 0;
  const found = await stat(folder);
  const isSticky = (found.mode & 0o1000) !== 0;
  return isOwn(await lstat(folder)) && isOwn(found) && ((found.mode & 0o022) === 0 || isSticky);
}
