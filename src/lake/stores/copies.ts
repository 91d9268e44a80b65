import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { makeOwnFolder } from './private-files.ts';

/** How much of a store lies on this machine when nobody reads it, bytes. */
export const DEFAULT_COPIES_BYTES = 1 << 30;

export interface CopiesOptions {
  /** A folder of its own is made inside. */
  readonly scratchDir: string;
  /** Copies that nobody reads are removed beyond it, those that were read longest ago first. Default: 1 GiB. */
  readonly maxBytes?: number | undefined;
  /** Writes the object to a path and answers its bytes; undefined, and no file: it is not there. */
  readonly fetch: (key: string, path: string) => Promise<number | undefined>;
}

/** Objects as files of this machine: DuckDB reads files. */
export interface LocalCopies {
  /**
   * Where the object lies. It is fetched once, whoever asks at the same time, and stays until all who asked have let go
   * of it; after that as long as there is room.
   */
  path(key: string): Promise<string>;
  letGo(keys: readonly string[]): Promise<void>;
  /** The object is another one, or gone: its copy goes, whoever reads it. */
  forget(key: string): Promise<void>;
}

interface Copy {
  readonly path: string;
  readonly fetched: Promise<void>;
  bytes: number;
  readers: number;
}

export function localCopies({ scratchDir, maxBytes = DEFAULT_COPIES_BYTES, fetch }: CopiesOptions): LocalCopies {
  /** In the order in which they were asked for last. */
  const copies = new Map<string, Copy>();
  let folder: Promise<string> | undefined;

  async function fetched(key: string): Promise<Copy> {
    folder ??= makeOwnFolder(scratchDir);
    const path = join(await folder, `${randomUUID()}${extname(key)}`);
    const known = copies.get(key);
    if (known) return known;
    const copy: Copy = { path, bytes: 0, readers: 0, fetched: fetch(key, path).then(arrived) };
    function arrived(bytes: number | undefined): void {
      copy.bytes = bytes ?? 0;
      if (bytes === undefined) drop();
    }
    const drop = () => {
      if (copies.get(key) === copy) copies.delete(key);
    };
    copies.set(key, copy);
    copy.fetched.catch(drop);
    return copy;
  }

  async function trim(): Promise<void> {
    let total = [...copies.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [key, copy] of copies) {
      if (total <= maxBytes) return;
      if (copy.readers > 0) continue;
      total -= copy.bytes;
      copies.delete(key);
      await rm(copy.path, { force: true });
    }
  }

  return {
    async path(key) {
      const copy = copies.get(key) ?? (await fetched(key));
      copy.readers += 1;
      if (copies.delete(key)) copies.set(key, copy);
      await copy.fetched;
      return copy.path;
    },
    async letGo(keys) {
      for (const key of keys) {
        const copy = copies.get(key);
        if (copy && copy.readers > 0) copy.readers -= 1;
      }
      await trim();
    },
    async forget(key) {
      const copy = copies.get(key);
      if (!copy) return;
      copies.delete(key);
      await copy.fetched.catch(() => undefined);
      await rm(copy.path, { force: true });
    },
  };
}
