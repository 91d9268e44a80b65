import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { objectStoreConformance } from '../../../test/conformance/object-store.ts';
import { temporaryFolder } from '../../../test/support/lake-pages.ts';
import { storeBelow } from './below.ts';
import { file, fileStore } from './file.ts';
import type { ObjectStore } from './object-store.ts';
import { makeOwnFolder } from './private-files.ts';

objectStoreConformance('a folder', () => fileStore(temporaryFolder()));
objectStoreConformance('a folder of a store', () => storeBelow(fileStore(temporaryFolder()), 'tenant_id=x'));

it('names the place when it cannot be written', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'taken'), 'a file where a folder is due');
  await expect(fileStore(join(folder, 'taken')).put('a/b', new Uint8Array())).rejects.toMatchObject({
    code: 'lake_unwritable',
    recovery: 'user_action',
  });
});

describe('what is there and cannot be read', () => {
  const hostile = () => {
    const folder = temporaryFolder();
    // A link to itself answers every user alike; a file without rights does not stop root.
    symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
    mkdirSync(join(folder, 'folder'));
    return folder;
  };

  it.each([
    ['get', (store: ObjectStore) => store.get('loop')],
    ['get of a folder', (store: ObjectStore) => store.get('folder')],
    ['readRange', (store: ObjectStore) => store.readRange('loop', 0, 1)],
    ['size', (store: ObjectStore) => store.size('loop')],
    ['list', (store: ObjectStore) => store.list('loop/')[Symbol.asyncIterator]().next()],
    ['folders', (store: ObjectStore) => store.folders('loop')],
    ['open', (store: ObjectStore) => file.open({ place: join(store.description, 'loop') })],
  ])('is said with its place: %s', async (_, read) => {
    await expect(read(fileStore(hostile()))).rejects.toMatchObject({
      code: 'lake_unreadable',
      recovery: 'user_action',
    });
  });

  it('is no object', async () => {
    const store = fileStore(hostile());
    expect(await store.size('folder')).toBeUndefined();
    await expect(store.delete(['folder'])).rejects.toMatchObject({ code: 'lake_unwritable' });
  });
});

describe('a folder for unfinished files', () => {
  it('may be a link of the own user to a folder that is safe', async () => {
    const folder = temporaryFolder();
    symlinkSync(folder, join(folder, 'link'));
    expect(await makeOwnFolder(join(folder, 'link'), 'own')).toBe(join(folder, 'link', 'own'));
  });

  it('is named where none can be made', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(makeOwnFolder(join(folder, 'file', 'tmp'))).rejects.toMatchObject({ code: 'lake_unwritable' });
  });
});

it('does not list files that are still being written', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'tables'));
  writeFileSync(join(folder, 'tables', '.half.tmp'), 'half');
  const found: string[] = [];
  for await (const { key } of fileStore(folder).list('tables/')) found.push(key);
  expect(found).toEqual([]);
});
