import { describe, expect, it } from 'vitest';
import { localPath } from './local-path.ts';

const read = (text: string) => localPath(text, { home: '/home/ada', isWindows: false });
const readOnWindows = (text: string) => localPath(text, { home: 'C:/Users/ada', isWindows: true });

describe('a path as a person writes it', () => {
  it.each([
    ['./lake', './lake'],
    ['/srv/lake', '/srv/lake'],
    ['lake of ours', 'lake of ours'],
    ['./az:lake', './az:lake'],
    ['../a:b', '../a:b'],
    ['lakes/a:b', 'lakes/a:b'],
    ['~', '/home/ada'],
    ['~/lake', '/home/ada/lake'],
    ['file:///srv/lake', '/srv/lake'],
    ['FILE:///srv/lake', '/srv/lake'],
    ['file:/srv/lake', '/srv/lake'],
    ['file:///srv/my%20lake', '/srv/my lake'],
    ['a~b', 'a~b'],
  ])('%s is %s', (text, path) => {
    expect(read(text)).toEqual({ path });
  });

  it.each([
    's3://bucket/lake',
    'S3://bucket',
    'az:container',
    'gs://b/l',
    'https://host/lake',
    'abfss://c@a/l',
    'x-y:z',
    'lake:',
    ':memory:',
    'my_store://bucket',
    'ada@host:/srv/lake',
    'host:/srv/lake',
  ])('%s is an address of something else: the valid forms are named', (text) => {
    expect(read(text)).toEqual({ problem: expect.stringContaining('file:///srv/data') });
  });

  it.each([
    '',
    '   ',
    '~root/lake',
    'file://host/share',
    'file:lake',
    'file:./lake',
    'file:',
    'file:///srv/lake?version=3',
    'file:///srv/lake#top',
    'file:///srv/%00',
    'file:///srv%2Flake',
    'lake\0',
  ])('"%s" is none', (text) => {
    expect(read(text)).toEqual({ problem: expect.stringContaining('Valid:') });
  });

  it.each(['C:\\lakes\\teams', 'C:/lakes', 'c:lakes', 'd:', '\\\\server\\share', '.\\lake', '..\\lake', '~\\lake'])(
    '%s is a path on Windows only: elsewhere a folder of that name would be made',
    (text) => {
      expect(read(text)).toEqual({ problem: expect.stringContaining('Windows') });
      expect(readOnWindows(text)).toEqual({ path: expect.any(String) });
    },
  );
});
