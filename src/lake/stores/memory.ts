import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { storeErrors } from '../store-errors.ts';
import { localCopies } from './copies.ts';
import { isKey, isShownFile } from './key.ts';
import type { ObjectStore } from './object-store.ts';
import { PRIVATE_FILE } from './private-files.ts';
import type { StoreKind } from './store-kind.ts';

/** A lake in the memory of this process: for tests, and for programs that ask a lake and keep none. */
export const memory: StoreKind = {
  schemes: ['memory'],
  form: 'memory:',
  lasts: false,
  settings: {},
  dependencies: {},
  read: (url) =>
    /^memory:$/i.test(url)
      ? { place: 'memory:' }
      : { problem: 'Every lake in memory is one of its own: nothing stands behind "memory:".' },
  open: async ({ scratchDir }) => memoryStore({ scratchDir }),
};

interface StoredObject {
  readonly bytes: Uint8Array;
  readonly modifiedAtMs: number;
}

export interface MemoryStoreOptions {
  readonly scratchDir?: string | undefined;
  readonly now?: (() => number) | undefined;
  /** Copies for DuckDB that nobody reads are removed beyond it. Default: 1 GiB. */
  readonly copiesBytes?: number | undefined;
  /** Told each object that is copied out: at a store elsewhere it would be a download. */
  readonly onFetch?: ((key: string) => void) | undefined;
}

/**
 * An empty store of its own. DuckDB reads files: what it is to read is copied into a private folder inside of `scratchDir`
 * when it is asked for, and goes with its object. What stands at the end of the program stays there: give a `scratchDir`
 * that you remove.
 */
export function memoryStore(options: MemoryStoreOptions = {}): ObjectStore {
  const { scratchDir = tmpdir(), now = Date.now, copiesBytes: maxBytes, onFetch } = options;
  const objects = new Map<string, StoredObject>();
  const copies = localCopies({
    scratchDir,
    maxBytes,
    async fetch(key, path) {
      const found = objects.get(key);
      if (!found) return undefined;
      onFetch?.(key);
      await writeFile(path, found.bytes, { mode: PRIVATE_FILE });
      return found.bytes.length;
    },
  });

  const checked = (key: string): string => {
    if (!isKey(key)) throw storeErrors.lake_key_invalid({ lake: 'memory:' });
    return key;
  };
  /** The object is there at once; its copy of before goes after. */
  async function change(key: string, object: StoredObject | undefined): Promise<void> {
    if (object) objects.set(key, object);
    else objects.delete(key);
    await copies.forget(key);
  }
  const stored = (bytes: Uint8Array): StoredObject => ({ bytes, modifiedAtMs: now() });
  async function copy(from: string, to: string): Promise<void> {
    const found = objects.get(from);
    if (!found) throw storeErrors.lake_object_missing({ key: from, lake: 'memory:' });
    await change(to, stored(found.bytes));
  }
  const keysBelow = (prefix: string) => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();

  return {
    description: 'memory:',
    isLocal: false,
    async get(key) {
      const found = objects.get(checked(key));
      return found && { bytes: found.bytes.slice(), etag: createHash('sha256').update(found.bytes).digest('hex') };
    },
    readRange: async (key, start, end) => objects.get(checked(key))?.bytes.slice(start, Math.max(start, end)),
    size: async (key) => objects.get(checked(key))?.bytes.length,
    put: async (key, bytes) => change(checked(key), stored(Uint8Array.from(bytes))),
    async putIfAbsent(key, bytes) {
      if (objects.has(checked(key))) return false;
      objects.set(key, stored(Uint8Array.from(bytes)));
      return true;
    },
    async putFile(key, localPath) {
      checked(key);
      await change(key, stored(Uint8Array.from(await readFile(localPath))));
      await rm(localPath);
    },
    copy: async (from, to) => copy(checked(from), checked(to)),
    async show(shownIn, keys) {
      const wanted = new Map(keys.map((key) => [`${checked(shownIn)}/${basename(key)}`, checked(key)]));
      checked(shownIn);
      const gone = keysBelow(`${shownIn}/`).filter((key) => isShownFile(key) && !wanted.has(key));
      for (const [to, from] of wanted) if (!objects.has(to)) await copy(from, to);
      for (const key of gone) await change(key, undefined);
    },
    async *list(prefix, { startAfter } = {}) {
      for (const key of keysBelow(prefix)) {
        const found = objects.get(key);
        if (!found || (startAfter !== undefined && key <= startAfter)) continue;
        yield { key, size: found.bytes.length, modifiedAtMs: found.modifiedAtMs };
      }
    },
    async folders(inside) {
      const prefix = inside === undefined ? '' : `${checked(inside)}/`;
      const rest = keysBelow(prefix).map((key) => key.slice(prefix.length));
      return [...new Set(rest.filter((key) => key.includes('/')).map((key) => key.slice(0, key.indexOf('/'))))];
    },
    async delete(keys) {
      for (const key of keys) await change(checked(key), undefined);
    },
    localPath: async (key) => copies.path(checked(key)),
    letGo: async (keys) => copies.letGo(keys),
  };
}
