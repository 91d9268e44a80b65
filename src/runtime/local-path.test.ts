import { describe, expect, it } from 'vitest';
import { localPath } from './local-path.ts';

const read = (text: string) => localPath(text, '/home/ada');

describe('a path as a person writes it', () => {
  it.each([
    ['./lake', './lake'],
    ['/srv/lake', '/srv/lake'],
    ['lake of ours', 'lake of ours'],
    ['./az:lake', './az:lake'],
    ['C:\\lakes\\teams', 'C:\\lakes\\teams'],
    ['~', '/home/ada'],
    ['~/lake', '/home/ada/lake'],
    ['file:///srv/lake', '/srv/lake'],
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
  ])('%s is an address of something else: the valid forms are named', (text) => {
    expect(read(text)).toEqual({ problem: expect.stringContaining('file:///srv/data') });
  });

  it.each(['', '   ', '~root/lake', 'file://host/share'])('"%s" is none', (text) => {
    expect(read(text)).toEqual({ problem: expect.stringContaining('Valid:') });
  });
});
