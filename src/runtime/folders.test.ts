import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolders } from './folders.ts';

const root = mkdtempSync(join(tmpdir(), 'sluice-folders-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('making folders', () => {
  it('makes all that are missing and says which was the first', async () => {
    expect(await makeFolders(join(root, 'a', 'b', 'c'))).toBe(join(root, 'a'));
    expect(existsSync(join(root, 'a', 'b', 'c'))).toBe(true);
    expect(await makeFolders(join(root, 'a', 'b', 'c'))).toBeUndefined();
  });

  it('is done by several at a time', async () => {
    const path = join(root, 'd', 'e');
    await Promise.all(Array.from({ length: 5 }, () => makeFolders(path)));
    expect(existsSync(path)).toBe(true);
  });

  it('ends where a file is in the way', async () => {
    writeFileSync(join(root, 'file'), '');
    await expect(makeFolders(join(root, 'file', 'x', 'y'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(existsSync('/proc/self'))('ends where the parent takes no folders', async () => {
    await expect(makeFolders('/proc/nope/lake')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
