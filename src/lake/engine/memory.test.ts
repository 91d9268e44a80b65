import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { message, messagesPage, openTestLake, temporaryFolder } from '../../../test/support/lake-pages.ts';
import { describeError } from '../../cli/render/error.ts';
import { failureOf } from '../../sync/outcomes.ts';
import { tables } from '../../tables/index.generated.ts';
import { openReader } from '../query/query.ts';
import { fileStore } from '../stores/file.ts';
import { checkMemory, duckMemory, type Memory, systemMemory } from './memory.ts';
import { isOutOfMemory } from './memory-error.ts';

const MEGABYTE = 1024 * 1024;
const plenty: Memory = { totalBytes: 4096 * MEGABYTE, heapBytes: 2048 * MEGABYTE };

const small: readonly [string, Memory, RegExp][] = [
  ['memory', { ...plenty, totalBytes: 200 * MEGABYTE }, /may use 200 MB of memory, 256 MB are needed.*container/],
  ['heap', { ...plenty, heapBytes: 72 * MEGABYTE }, /72 MB of JavaScript heap.*--max-old-space-size/],
  ['address space', { ...plenty, addressSpaceBytes: 4096 * MEGABYTE }, /4096 MB of address space.*ulimit -v/],
];

describe('too little memory', () => {
  it.each(small)('is told by its kind before anything is written: %s', async (_, memory, message) => {
    const folder = temporaryFolder();
    const refused = expect.objectContaining({
      code: 'memory_too_small',
      recovery: 'user_action',
      message: expect.stringMatching(message),
    });
    await expect(openTestLake(folder, { memory })).rejects.toEqual(refused);
    expect(existsSync(join(folder, 'lake'))).toBe(false);
    await expect(openReader({ store: fileStore(join(folder, 'lake')), tables, memory })).rejects.toEqual(refused);
  });

  it('is not what this machine has, nor a process without limits', async () => {
    checkMemory(await systemMemory());
    checkMemory(plenty);
    checkMemory({ ...plenty, totalBytes: 256 * MEGABYTE });
  });

  it('leaves half of it to everything but DuckDB', () => {
    expect(duckMemory(plenty)).toBe('1000MB');
    expect(duckMemory({ ...plenty, totalBytes: 512e6 })).toBe('256MB');
  });
});

describe('memory that is used up on the way', () => {
  it('is told as the same kind, and the lake stays as it was', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder, { memoryLimit: '1MB' });
    const load = await lake.begin({ loadId: 'big' });
    await load.append(messagesPage(Array.from({ length: 2000 }, (_, at) => message(String(at)))));
    await expect(load.close()).rejects.toMatchObject({ code: 'memory_too_small', recovery: 'user_action' });
    expect(lake.version).toBe(0);
    await load.abandon();
  });

  const words: readonly [string, Error][] = [
    ['DuckDB', new Error('Out of Memory Error: failed to allocate data of size 16.0 MiB (9.5 MiB/9.5 MiB used)')],
    ['Node', new RangeError('Array buffer allocation failed')],
    ['WebAssembly', new RangeError('WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory')],
    ['the system', Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' })],
  ];
  it.each(words)('is no mistake in Sluice: %s', (_, error) => {
    expect(describeError(error)).toMatch(/^memory_too_small: /);
    expect(failureOf(error, new AbortController().signal)).toMatchObject({ code: 'memory_too_small' });
  });

  it('is not what a message says that an error quotes', () => {
    expect(isOutOfMemory(new Error("Conversion Error: Could not convert string 'Out of Memory Error: x' to INT"))).toBe(
      false,
    );
  });
});
