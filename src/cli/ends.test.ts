import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../test/support/lake-pages.ts';
import { Secret } from '../runtime/secret.ts';
import { ownTemporaryFolder } from './copies-folder.ts';
import { withEnds } from './ends.ts';
import type { Io } from './io.ts';
import { lakeAt } from './lake.ts';

const io: Io = {
  out: () => {},
  err: () => {},
  read: async () => new Uint8Array(),
  live: false,
  columns: 80,
  env: {},
  signal: new AbortController().signal,
};

const elsewhere = {
  url: 's3://bucket/lake',
  store: { s3_region: 'eu-central-1', s3_access_key_id: new Secret('key'), s3_secret_access_key: new Secret('secret') },
};

afterEach(() => vi.unstubAllEnvs());

/** Folders for copies, those of all processes together. */
const copies = () =>
  readdirSync(ownTemporaryFolder()).flatMap((process) => readdirSync(join(ownTemporaryFolder(), process)));

describe('what is left to the end', () => {
  it('is done when the work has ended, also when it failed, and what fails of it stops nothing', async () => {
    const done: string[] = [];
    const work = withEnds(io, async (own) => {
      own.atEnd?.(async () => {
        done.push('first');
        throw new Error('of the end');
      });
      own.atEnd?.(async () => void done.push('second'));
      throw new Error('of the work');
    });
    await expect(work).rejects.toThrow('of the work');
    expect(done).toEqual(['first', 'second']);
  });

  it('copies of a lake elsewhere go with the work that needed them, and no others', async () => {
    vi.stubEnv('TMPDIR', temporaryFolder());
    await withEnds(io, async (outer) => {
      await lakeAt(outer, elsewhere);
      for (let round = 1; round <= 3; round++) {
        await withEnds(outer, async (inner) => {
          await lakeAt(inner, elsewhere);
          expect(copies()).toHaveLength(2);
        });
      }
      expect(copies()).toHaveLength(1);
    });
    expect(copies()).toEqual([]);
  });
});
