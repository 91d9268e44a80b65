import { createHash, randomUUID } from 'node:crypto';
import { chmod, copyFile, link, lstat, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { localPath } from '../../runtime/local-path.ts';
import { unreadable } from '../engine/read-error.ts';
import { writeError } from '../engine/write-error.ts';
import { storeErrors } from '../store-errors.ts';
import { isKey, isShownFile } from './key.ts';
import type { ObjectStore } from './object-store.ts';
import { absent, codeOf, flush, makeFolder, PRIVATE_FILE, PRIVATE_FOLDER, writeFlushed } from './private-files.ts';
import type { StoreKind } from './store-kind.ts';

/** A folder of this machine, as a path or as a `file:` URL. */
export const file: StoreKind = {
  schemes: ['file'],
  form: './lake, /srv/lake, ~/lake or file:///srv/lake',
  lasts: true,
  settings: {},
  dependencies: {},
  read(text) {
    const found = localPath(text);
    return 'path' in found ? { place: resolve(found.path) } : found;
  },
  folder: (place) => place,
  async open({ place }) {
    const found = await stat(place).catch(absent).catch(unreadable(place));
    if (found && !found.isDirectory()) throw storeErrors.lake_not_a_folder({ lake: place });
    return fileStore(place);
  },
};

/**
 * A lake in a local folder. Every write goes to a hidden file first, is flushed, and then takes its name in one step,
 * so that a reader never sees half a file. Folders are flushed too: a name survives a power cut. What is made is readable
 * by its owner alone.
 *
 * @throws SluiceError `lake_unreadable`, `lake_unwritable`, `lake_disk_full`, `lake_key_invalid`
 */
export function fileStore(root: string): ObjectStore {
  const base = resolve(root);
  const pathOf = (key: string) => {
    if (!isKey(key)) throw storeErrors.lake_key_invalid({ lake: root });
    return join(base, key);
  };

  /** Nothing there is undefined; what is there and cannot be read is an error. */
  const reading = <T>(key: string, read: (path: string) => Promise<T>): Promise<T | undefined> =>
    read(pathOf(key))
      .catch(absent)
      .catch(unreadable(pathOf(key)));

  async function writing<T>(key: string, work: (path: string, temporary: string) => Promise<T>): Promise<T> {
    const path = pathOf(key);
    const temporary = hidden(path);
    try {
      await makeFolder(dirname(path));
      return await work(path, temporary);
    } catch (error) {
      throw writeError(error, path);
    } finally {
      await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  /** Puts a file made at `temporary` under its name. */
  const named = async (temporary: string, path: string) => {
    await flush(temporary);
    await rename(temporary, path);
    await flush(dirname(path));
  };

  return {
    description: root,
    isLocal: true,
    async get(key) {
      const bytes = await reading(key, (path) => readFile(path));
      return bytes && { bytes, etag: createHash('sha256').update(bytes).digest('hex') };
    },
    readRange: (key, start, end) =>
      reading(key, async (path) => {
        await using file = await open(path);
        const length = Math.max(0, Math.min(end, (await file.stat()).size) - start);
        const bytes = new Uint8Array(length);
        const { bytesRead } = length > 0 ? await file.read(bytes, 0, length, start) : { bytesRead: 0 };
        return bytes.subarray(0, bytesRead);
      }),
    async size(key) {
      const found = await reading(key, (path) => stat(path));
      return found?.isFile() ? found.size : undefined;
    },
    put: (key, bytes) =>
      writing(key, async (path, temporary) => {
        await writeFlushed(temporary, bytes);
        await named(temporary, path);
      }),
    putIfAbsent: (key, bytes) =>
      writing(key, async (path, temporary) => {
        await writeFlushed(temporary, bytes);
        const created = await link(temporary, path).then(() => true, existsOrUnlinkable);
        if (created === undefined) return await createWithoutLinks(path, bytes);
        await flush(dirname(path));
        return created;
      }),
    putFile: (key, localPath) =>
      writing(key, async (path, temporary) => {
        await rename(localPath, temporary).catch(async (error: unknown) => {
          if (codeOf(error) !== 'EXDEV') throw error;
          await copyFile(localPath, temporary);
          await rm(localPath);
        });
        await chmod(temporary, PRIVATE_FILE);
        await named(temporary, path);
      }),
    copy: (from, to) =>
      writing(to, async (path, temporary) => {
        const linked = await link(pathOf(from), temporary).then(() => true, existsOrUnlinkable);
        if (!linked) await copyFile(pathOf(from), temporary);
        if (!linked) await flush(temporary);
        await rename(temporary, path);
        await flush(dirname(path));
      }),
    show: (folder, keys) =>
      writing(folder, async (path, temporary) => {
        const wanted = new Map(keys.map((key) => [basename(key), pathOf(key)]));
        const present = (await readdir(path).catch(absent)) ?? undefined;
        if (present && isSame(present.filter(isShownFile), wanted)) return;
        if (await swapped(path, temporary, wanted, present ?? [])) return;
        await showCopies(path, wanted, present ?? []);
      }),
    async *list(prefix, options) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      const keys = await filesBelow(base, folder).catch(unreadable(join(base, folder)));
      for (const key of keys.sort()) {
        if (!key.startsWith(prefix) || (options?.startAfter !== undefined && key <= options.startAfter)) continue;
        const found = await reading(key, (path) => stat(path));
        if (found) yield { key, size: found.size, modifiedAtMs: found.mtimeMs };
        else await refuseBrokenLink(pathOf(key));
      }
    },
    async folders(folder) {
      const path = folder === undefined ? base : pathOf(folder);
      return foldersOf(path).catch(unreadable(path));
    },
    async delete(keys) {
      for (const key of keys) {
        const path = pathOf(key);
        await rm(path, { force: true }).catch((error: unknown) => {
          throw writeError(error, path);
        });
      }
    },
    localPath: async (key) => pathOf(key),
    letGo: async () => undefined,
  };
}

/** What is listed and not there has gone meanwhile, or is a link that leads nowhere: nobody may take that for a file that never was. */
async function refuseBrokenLink(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isSymbolicLink()) return;
  throw storeErrors.lake_unreadable({ place: path, reason: 'a broken link: restore what it leads to, or remove it' });
}

const hidden = (path: string) => join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);

/** What file systems without hard links say (Azure Files, SMB, exFAT, object mounts, some FUSE and overlay mounts). */
const UNLINKABLE = new Set([
  'ENOTSUP',
  'EOPNOTSUPP',
  'EPERM',
  'EXDEV',
  'ENOSYS',
  'EMLINK',
  'EINVAL',
  'EACCES',
  'UNKNOWN',
]);

/** False: the name is taken. Undefined: this file system has no hard links. */
function existsOrUnlinkable(error: unknown): false | undefined {
  const code = codeOf(error) ?? '';
  if (code === 'EEXIST') return false;
  if (UNLINKABLE.has(code)) return undefined;
  throw error;
}

/**
 * Creates a file whole, once, on a file system without hard links. A folder with the finished content takes a hidden name
 * in one step: a folder that is not empty cannot be replaced. Whoever has it wins; whoever finds it (its maker may have
 * died) gives the content its name. The folder stays, as the mark that the name is taken.
 */
async function createWithoutLinks(path: string, bytes: Uint8Array): Promise<boolean> {
  if (await stat(path).catch(absent)) return false;
  const claim = join(dirname(path), `.${basename(path)}.claim`);
  const content = join(claim, 'content');
  const mine = hidden(path);
  await mkdir(mine, { mode: PRIVATE_FOLDER });
  try {
    await writeFlushed(join(mine, 'content'), bytes);
    await flush(mine);
    const won = await rename(mine, claim).then(
      () => true,
      async (error: unknown) => {
        if (await stat(content).catch(absent)) return false;
        throw error;
      },
    );
    await flush(dirname(path));
    if (!(await stat(path).catch(absent))) await nameContent(content, path);
    return won;
  } finally {
    await rm(mine, { recursive: true, force: true });
  }
}

async function nameContent(content: string, path: string): Promise<void> {
  const temporary = hidden(path);
  await copyFile(content, temporary);
  await flush(temporary);
  await rename(temporary, path);
  await flush(dirname(path));
}

const isSame = (names: readonly string[], wanted: ReadonlyMap<string, string>) =>
  names.length === wanted.size && names.every((name) => wanted.has(name));

/**
 * What a folder shows can be made again from the log: it is not flushed. Puts a new folder in the place of the old one, so that nobody lists a
 * mixture. False: there are no hard links.
 */
async function swapped(
  path: string,
  temporary: string,
  wanted: ReadonlyMap<string, string>,
  present: readonly string[],
): Promise<boolean> {
  await mkdir(temporary, { mode: PRIVATE_FOLDER });
  for (const [name, from] of wanted) {
    const linked = await link(from, join(temporary, name)).then(() => true, existsOrUnlinkable);
    if (!linked) return false;
  }
  const old = hidden(path);
  await rename(path, old).catch(absent);
  await rename(temporary, path);
  for (const name of present.filter((name) => !isShownFile(name))) await rename(join(old, name), join(path, name));
  await rm(old, { recursive: true, force: true });
  return true;
}

/** Without links: copies of what is new, then what is replaced goes. For that long a reader of the folder may see both. */
async function showCopies(path: string, wanted: ReadonlyMap<string, string>, present: readonly string[]) {
  await makeFolder(path);
  for (const [name, from] of wanted) if (!present.includes(name)) await nameContent(from, join(path, name));
  for (const name of present) if (isShownFile(name) && !wanted.has(name)) await rm(join(path, name), { force: true });
}

/** Links to folders are folders: a lake may lie on another disk. */
async function foldersOf(path: string): Promise<readonly string[]> {
  const names = (await readdir(path).catch(absent)) ?? [];
  const found = await Promise.all(
    names.map(async (name) => (await stat(join(path, name)).catch(absent))?.isDirectory()),
  );
  return names.filter((name, place) => found[place] && !name.startsWith('.')).sort();
}

async function filesBelow(base: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(base, folder), { withFileTypes: true }).catch(absent);
  const nested = (entries ?? [])
    .filter((entry) => !entry.name.startsWith('.'))
    .map((entry) => {
      const key = `${folder}${entry.name}`;
      return entry.isDirectory() ? filesBelow(base, `${key}/`) : [key];
    });
  return (await Promise.all(nested)).flat();
}
