import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { objectStoreConformance } from '../../../test/conformance/object-store.ts';
import { temporaryFolder } from '../../../test/support/lake-pages.ts';
import { storeBelow } from './below.ts';
import { fileStore } from './file.ts';

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

it('does not list files that are still being written', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'tables'));
  writeFileSync(join(folder, 'tables', '.half.tmp'), 'half');
  const found: string[] = [];
  for await (const { key } of fileStore(folder).list('tables/')) found.push(key);
  expect(found).toEqual([]);
});
