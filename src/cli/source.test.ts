import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeText } from './source.ts';

it.skipIf(process.platform === 'win32')(
  'what a command writes is its owner’s alone, also over an older file',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-text-'));
    try {
      const [fresh, older] = [join(folder, 'fresh.html'), join(folder, 'older.html')];
      await writeFile(older, 'a longer text than the new one');
      await chmod(older, 0o644);
      for (const file of [fresh, older]) {
        await writeText(file, 'text');
        expect((await stat(file)).mode & 0o777).toBe(0o600);
        expect(await readFile(file, 'utf8')).toBe('text');
      }
      await writeText('/dev/null', 'text');
      await expect(writeText(join(folder, 'none', 'x'), 'text')).rejects.toMatchObject({ code: 'file_unwritable' });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
