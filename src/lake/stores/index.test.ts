import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/lake-pages.ts';
import { openStore, readStoreUrl, storeKinds } from './index.ts';

describe('the URL of a lake', () => {
  it.each([
    'az://container/prefix',
    'AZ://container/prefix',
    's3://bucket/lake',
    's3:bucket',
    'abfss://c@account.dfs.core.windows.net/lake',
    'gs://bucket',
    'https://host/lake',
    'lake:',
    ':memory:',
    'my_store://bucket',
    'ada@host:/srv/lake',
    '10:30',
  ])('%s has a scheme that no store is for: the known ones are named, and nothing is made', async (url) => {
    const refused = {
      code: 'lake_url_unknown',
      recovery: 'user_action',
      message: expect.stringContaining('file:, memory:'),
      details: { valid: ['file', 'memory'] },
    };
    await expect(openStore(url)).rejects.toMatchObject(refused);
  });

  it.each([
    '',
    '  ',
    '\t',
    '~root/lake',
    'file:lake',
    'file://host/lake',
    'file:',
    'file:///a?b',
    'memory:x',
    'memory://',
    'a\0b',
  ])('%j names no place: the valid forms are named', async (url) => {
    await expect(openStore(url)).rejects.toMatchObject({
      code: 'lake_url_invalid',
      hint: expect.stringContaining('memory:'),
    });
  });

  it.each([
    ['./lake', resolve('lake')],
    ['lake', resolve('lake')],
    ['./az:lake', resolve('az:lake')],
    ['/srv/lake', '/srv/lake'],
    ['file:///srv/lake', '/srv/lake'],
    [' FILE:///srv/lake ', '/srv/lake'],
  ])('%s is a folder', (url, place) => {
    expect(readStoreUrl(url)).toMatchObject({ kind: { schemes: ['file'] }, place });
  });

  it('opens what it names', async () => {
    const folder = temporaryFolder();
    mkdirSync(`${folder}/_log`);
    writeFileSync(`${folder}/_log/1`, 'one');
    expect(await (await openStore(`file://${folder}`)).size('_log/1')).toBe(3);
    const store = await openStore('MEMORY:', { scratchDir: folder });
    await store.put('a', Buffer.from('b'));
    expect(await store.size('a')).toBe(1);
    expect(await (await openStore('memory:')).size('a')).toBeUndefined();
    expect(readdirSync(folder)).toEqual(['_log']);
  });

  it('is of one kind: no scheme has two', () => {
    const schemes = storeKinds.flatMap(({ schemes: own }) => own);
    expect(new Set(schemes).size).toBe(schemes.length);
  });
});
