import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/lake-pages.ts';
import { openStore, readStoreUrl, storeKinds } from './index.ts';

describe('the URL of a lake', () => {
  it.each([
    's3a://bucket/lake',
    'abfss://c@account.dfs.core.windows.net/lake',
    'gs://bucket',
    'http://account.blob.core.windows.net/container',
    'lake:',
    ':memory:',
    'my_store://bucket',
    'ada@host:/srv/lake',
    '10:30',
  ])('%s has a scheme that no store is for: the known ones are named, and nothing is made', async (url) => {
    const refused = {
      code: 'lake_url_unknown',
      recovery: 'user_action',
      message: expect.stringContaining('file:, az:, https:, s3:, memory:'),
      details: { valid: ['file', 'az', 'https', 's3', 'memory'] },
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
    'az:lake',
    's3:bucket',
    's3://b',
    's3://Bucket/lake',
    's3://bucket/../lake',
    's3://bucket/lake?X-Amz-Signature=canary',
    'az://account',
    'az://account/',
    'az://Account!/container',
    'az://account/Container',
    'az://account/container/../other',
    'az://account/container//lake',
    'az://account/container/lake?sig=canary',
    'https://host/lake',
    'https://account.blob.core.windows.net',
    'https://account.blob.core.windows.net.example.com/container',
    'https://user@account.blob.core.windows.net/container',
    'https://account.blob.core.windows.net/container?sv=1&sig=canary',
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

  it.each([
    ['az://account/container', 'az://account/container'],
    ['AZ://account/container/prefix/', 'az://account/container/prefix'],
    ['https://account.blob.core.windows.net/container/a/b', 'https://account.blob.core.windows.net/container/a/b'],
    ['https://account.z01.blob.storage.azure.net/container', 'https://account.z01.blob.storage.azure.net/container'],
    ['https://ACCOUNT.blob.core.chinacloudapi.cn/container', 'https://account.blob.core.chinacloudapi.cn/container'],
  ])('%s is a container of Azure', (url, place) => {
    expect(readStoreUrl(url)).toMatchObject({ kind: { schemes: ['az', 'https'] }, place });
  });

  it.each([
    ['s3://bucket', 's3://bucket'],
    ['S3://my.bucket/a/b/', 's3://my.bucket/a/b'],
  ])('%s is a bucket of S3', (url, place) => {
    expect(readStoreUrl(url)).toMatchObject({ kind: { schemes: ['s3'] }, place });
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
