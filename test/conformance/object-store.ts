import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import { temporaryFolder } from '../support/lake-pages.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

async function text(store: ObjectStore, key: string): Promise<string | undefined> {
  const found = await store.get(key);
  return found && new TextDecoder().decode(found.bytes);
}

async function keys(store: ObjectStore, prefix: string, startAfter?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix, startAfter === undefined ? {} : { startAfter })) found.push(key);
  return found;
}

/** A store with room for so many bytes of copies, and what it fetched. */
export interface CountedStore {
  readonly store: ObjectStore;
  readonly fetched: readonly string[];
}

/**
 * What every object store must do. `open` gives an empty one; `openCounted` one whose objects are no files of this
 * machine, with little room for their copies.
 */
export function objectStoreConformance(
  name: string,
  open: () => Promise<ObjectStore> | ObjectStore,
  openCounted?: (copiesBytes: number) => CountedStore | Promise<CountedStore>,
): void {
  describe(`${name} as an object store`, () => {
    it('gives back what was put, and nothing for an absent key', async () => {
      const store = await open();
      expect(await store.get('a/b')).toBeUndefined();
      await store.put('a/b', bytes('one'));
      await store.put('a/b', bytes('two'));
      expect(await text(store, 'a/b')).toBe('two');
    });

    it('puts if absent exactly once, however many try', async () => {
      const store = await open();
      const tries = Array.from({ length: 8 }, (_, at) => store.putIfAbsent('_log/1', bytes(String(at))));
      const created = await Promise.all(tries);
      expect(created.filter(Boolean)).toHaveLength(1);
      expect(await text(store, '_log/1')).toBe(String(created.indexOf(true)));
    });

    it('takes a finished file over', async () => {
      const store = await open();
      const local = join(temporaryFolder(), 'file');
      writeFileSync(local, 'content');
      await store.putFile('tables/t/f.parquet', local);
      expect(await text(store, 'tables/t/f.parquet')).toBe('content');
      expect(existsSync(await store.localPath('tables/t/f.parquet'))).toBe(true);
    });

    it('knows the size of what is there', async () => {
      const store = await open();
      expect(await store.size('a/b')).toBeUndefined();
      await store.put('a/b', bytes('four'));
      expect(await store.size('a/b')).toBe(4);
    });

    it('reads a range without its end, and leaves out what lies beyond the object', async () => {
      const store = await open();
      await store.put('a/b', bytes('0123456789'));
      const range = async (start: number, end: number) =>
        new TextDecoder().decode(await store.readRange('a/b', start, end));
      expect(await range(0, 4)).toBe('0123');
      expect(await range(4, 5)).toBe('4');
      expect(await range(8, 100)).toBe('89');
      expect(await range(10, 20)).toBe('');
      expect(await range(3, 3)).toBe('');
      expect(await range(5, 2)).toBe('');
      expect(await store.readRange('a/c', 0, 1)).toBeUndefined();
    });

    it('gives bytes away that nobody can change it by', async () => {
      const store = await open();
      const given = bytes('mine');
      await store.put('a', given);
      given.fill(0);
      (await store.get('a'))!.bytes.fill(0);
      (await store.readRange('a', 0, 4))!.fill(0);
      expect(await text(store, 'a')).toBe('mine');
    });

    it('shows where DuckDB finds what is there now, and nothing of what is not there', async () => {
      const store = await open();
      await store.put('tables/t/a.parquet', bytes('one'));
      expect(readFileSync(await store.localPath('tables/t/a.parquet'), 'utf8')).toBe('one');
      await store.put('tables/t/a.parquet', bytes('two'));
      const path = await store.localPath('tables/t/a.parquet');
      expect(readFileSync(path, 'utf8')).toBe('two');
      await store.delete(['tables/t/a.parquet']);
      expect(existsSync(path)).toBe(false);
      expect(existsSync(await store.localPath('tables/t/never.parquet'))).toBe(false);
    });

    it('copies nothing from where nothing is', async () => {
      const store = await open();
      await expect(store.copy('tables/t/a.parquet', 'tables/t/b.parquet')).rejects.toThrow();
      expect(await store.size('tables/t/b.parquet')).toBeUndefined();
    });

    it('gives an object a second name that outlives the first', async () => {
      const store = await open();
      await store.put('tables/t/a.parquet', bytes('content'));
      await store.copy('tables/t/a.parquet', 'tables/t/b.parquet');
      await store.delete(['tables/t/a.parquet']);
      expect(await text(store, 'tables/t/b.parquet')).toBe('content');
    });

    it.each(['parquet', 'ndjson'])(
      'shows exactly the objects that it is told to, whatever was shown before: %s',
      async (end) => {
        const store = await open();
        for (const name of ['a', 'b', 'c']) await store.put(`tables/t/${name}.${end}`, bytes(name));
        await store.show('current/t', [`tables/t/a.${end}`, `tables/t/b.${end}`]);
        await store.show('current/t', [`tables/t/b.${end}`, `tables/t/c.${end}`]);
        expect(await keys(store, 'current/t/')).toEqual([`current/t/b.${end}`, `current/t/c.${end}`]);
        expect(await text(store, `current/t/c.${end}`)).toBe('c');
        expect(await text(store, `tables/t/a.${end}`)).toBe('a');
      },
    );

    it('keeps what lies beside the files that it shows', async () => {
      const store = await open();
      await store.put('tables/t/a.parquet', bytes('a'));
      await store.put('current/t/README.txt', bytes('mine'));
      await store.show('current/t', ['tables/t/a.parquet']);
      expect(await keys(store, 'current/t/')).toEqual(['current/t/README.txt', 'current/t/a.parquet']);
    });

    it.each(['../x', 'a/../../x', '/x', 'a//b', './a', 'a/.', 'a\\b', 'c:/x', 'a/\0', ''])(
      'refuses the key %j, whatever is asked of it',
      async (key) => {
        const store = await open();
        const refused = { code: 'lake_key_invalid' };
        const attempts = [
          async () => store.get(key),
          async () => store.size(key),
          async () => store.readRange(key, 0, 1),
          async () => store.put(key, bytes('x')),
          async () => store.putIfAbsent(key, bytes('x')),
          async () => store.putFile(key, 'never-read'),
          async () => store.copy(key, 'a'),
          async () => store.copy('a', key),
          async () => store.show(key, []),
          async () => store.show('current/t', [key]),
          async () => store.folders(key),
          async () => store.delete([key]),
          async () => store.localPath(key),
        ];
        for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject(refused);
      },
    );

    it('names the folders directly inside of a folder', async () => {
      const store = await open();
      for (const key of ['a=1/b/c', 'a=2/x', 'b/2', 'top']) await store.put(key, bytes(key));
      expect(await store.folders()).toEqual(['a=1', 'a=2', 'b']);
      expect(await store.folders('a=1')).toEqual(['b']);
      expect(await store.folders('a=1/b')).toEqual([]);
      expect(await store.folders('nothing')).toEqual([]);
    });

    it('lists by prefix, in order, after a key, with sizes', async () => {
      const store = await open();
      for (const key of ['b/2', 'b/10', 'b/1', 'a/1', 'bb/1', 'b/x/1']) await store.put(key, bytes(key));
      expect(await keys(store, 'b/')).toEqual(['b/1', 'b/10', 'b/2', 'b/x/1']);
      expect(await keys(store, 'b/', 'b/10')).toEqual(['b/2', 'b/x/1']);
      expect(await keys(store, 'nothing/')).toEqual([]);
      for await (const { key, size } of store.list('a/')) expect(size).toBe(key.length);
    });

    it('deletes, also what is not there', async () => {
      const store = await open();
      await store.put('a', bytes('a'));
      await store.delete(['a', 'never']);
      expect(await store.get('a')).toBeUndefined();
    });

    it('shows the same bytes again after they were let go of', async () => {
      const store = await open();
      await store.put('tables/t/a.parquet', bytes('one'));
      for (const _ of [1, 2]) {
        expect(readFileSync(await store.localPath('tables/t/a.parquet'), 'utf8')).toBe('one');
        await store.letGo(['tables/t/a.parquet', 'never']);
      }
    });
  });

  if (!openCounted) return;
  describe(`${name}, what it fetches`, () => {
    const KEYS = ['t/a', 't/b', 't/c'] as const;
    const filled = async (copiesBytes: number): Promise<CountedStore> => {
      const counted = await openCounted(copiesBytes);
      for (const key of KEYS) await counted.store.put(key, bytes('0123456789'));
      return counted;
    };
    const read = async ({ store }: CountedStore, ...keys: string[]) => {
      for (const key of keys) {
        expect(readFileSync(await store.localPath(key), 'utf8')).toBe('0123456789');
        await store.letGo([key]);
      }
    };

    it('is fetched once, however many ask at the same time and after', async () => {
      const counted = await filled(100);
      await Promise.all(KEYS.flatMap((key) => [key, key]).map((key) => read(counted, key)));
      await read(counted, ...KEYS);
      expect([...counted.fetched].sort()).toEqual([...KEYS]);
    });

    it('goes when there is no room, what was read longest ago first', async () => {
      const counted = await filled(20);
      await read(counted, 't/a', 't/b', 't/a', 't/c');
      await read(counted, 't/a', 't/c', 't/b');
      expect(counted.fetched).toEqual(['t/a', 't/b', 't/c', 't/b']);
    });

    it('stays while somebody reads it, whatever the room', async () => {
      const counted = await filled(0);
      const { store } = counted;
      const [path] = [await store.localPath('t/a'), await store.localPath('t/a')];
      await read(counted, 't/b');
      await store.letGo(['t/a']);
      expect(readFileSync(path, 'utf8')).toBe('0123456789');
      await store.letGo(['t/a']);
      expect(existsSync(path)).toBe(false);
      expect(counted.fetched).toEqual(['t/a', 't/b']);
    });

    it('is fetched anew when the object is another one; nothing is fetched of what is not there', async () => {
      const counted = await filled(100);
      await read(counted, 't/a');
      await counted.store.put('t/a', bytes('other'));
      expect(readFileSync(await counted.store.localPath('t/a'), 'utf8')).toBe('other');
      await counted.store.localPath('t/never');
      expect(counted.fetched).toEqual(['t/a', 't/a']);
    });
  });
}
