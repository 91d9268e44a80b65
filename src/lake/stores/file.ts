import { createHash, randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeError } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';

const LOCK_RETRY_MS = 20;
const LOCK_STALE_MS = 30_000;

/**
 * A lake in a local folder. Every write goes to a hidden file first, is flushed, and then takes its name in one step,
 * so that a reader never sees half a file. Folders are flushed too: a name survives a power cut.
 *
 * @throws SluiceError `lake_unwritable`, `lake_disk_full`
 */
export function fileStore(root: string): ObjectStore {
  const base = resolve(root);
  const pathOf = (key: string) => join(base, key);

  async function writing<T>(key: string, work: (path: string, temporary: string) => Promise<T>): Promise<T> {
    const path = pathOf(key);
    const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
    try {
      await mkdir(dirname(path), { recursive: true });
      return await work(path, temporary);
    } catch (error) {
      throw writeError(error, path);
    } finally {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  const replace = (key: string, bytes: Uint8Array) =>
    writing(key, async (path, temporary) => {
      await writeFlushed(temporary, bytes);
      await rename(temporary, path);
      await flush(dirname(path));
    });

  return {
    description: root,
    async get(key) {
      const bytes = await readFile(pathOf(key)).catch(absent);
      return bytes && { bytes, etag: etagOf(bytes) };
    },
    put: replace,
    putIfAbsent: (key, bytes) =>
      writing(key, async (path, temporary) => {
        await writeFlushed(temporary, bytes);
        const created = await link(temporary, path).then(() => true, exists);
        await flush(dirname(path));
        return created;
      }),
    putIfMatch: (key, bytes, etag, signal) =>
      locked(pathOf(key), signal, async () => {
        const present = await readFile(pathOf(key)).catch(absent);
        if (!present || etagOf(present) !== etag) return false;
        await replace(key, bytes);
        return true;
      }),
    putFile: (key, localPath) =>
      writing(key, async (path, temporary) => {
        await rename(localPath, temporary).catch(async (error: unknown) => {
          if (codeOf(error) !== 'EXDEV') throw error;
          await copyFile(localPath, temporary);
          await rm(localPath);
        });
        await flush(temporary);
        await rename(temporary, path);
        await flush(dirname(path));
      }),
    async *list(prefix, options) {
      const keys = await filesBelow(base, prefix.slice(0, prefix.lastIndexOf('/') + 1));
      for (const key of keys.sort()) {
        if (!key.startsWith(prefix) || (options?.startAfter !== undefined && key <= options.startAfter)) continue;
        const found = await stat(pathOf(key)).catch(absent);
        if (found) yield { key, size: found.size, modifiedAtMs: found.mtimeMs };
      }
    },
    async delete(keys) {
      for (const key of keys) await rm(pathOf(key), { force: true });
    },
    localPath: async (key) => pathOf(key),
  };
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

async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r').catch(unflushable);
  if (!file) return;
  try {
    await file.sync().catch(unflushable);
  } finally {
    await file.close();
  }
}

/** A plain file system has no compare-and-swap: a lock file beside the object stands for it. One left by a dead process is taken over. */
async function locked<T>(path: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  const lock = join(dirname(path), `.${path.slice(dirname(path).length + 1)}.lock`);
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    signal?.throwIfAborted();
    const file = await open(lock, 'wx').catch(exists);
    if (file) {
      try {
        return await work();
      } finally {
        await file.close();
        await rm(lock, { force: true });
      }
    }
    const held = await stat(lock).catch(absent);
    if (held && Date.now() - held.mtimeMs > LOCK_STALE_MS) await rm(lock, { force: true });
    else await delay(LOCK_RETRY_MS);
  }
}

const etagOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined);

function absent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function exists(error: unknown): false {
  if (codeOf(error) !== 'EEXIST') throw error;
  return false;
}

/** Windows cannot flush folders; there the rename alone must do. */
function unflushable(error: unknown): undefined {
  if (!['EPERM', 'EISDIR', 'EACCES', 'EINVAL'].includes(String(codeOf(error)))) throw error;
}
