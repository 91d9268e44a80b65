import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { main } from '../support/sluice.ts';
import { startTwin } from '../support/twin.ts';

const isLinux = process.platform === 'linux';
if (!isLinux)
  console.warn('What a process may open is known on Linux only: the scenario of few open files is skipped.');

it.skipIf(!isLinux)(
  'a lake works with 256 open files, and says so before it reads anything when there are too few',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-few-'));
    const twin = await startTwin({ teams: 3, channels: 3, messages: 20, users: 10, seed: 4, limits: 'none' });
    const run = async (openFiles: number, ...words: readonly string[]) => {
      const command = `ulimit -n ${openFiles}; exec '${process.execPath}' '${main}' ${words.map((word) => `'${word}'`).join(' ')}`;
      const child = spawn('sh', ['-c', command], {
        cwd: folder,
        env: { ...twin.env, PATH: process.env['PATH'] },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [out, err, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close') as Promise<[number | null]>,
      ]);
      return { code, out, err };
    };
    try {
      expect(await run(256, 'sync', '--lake', 'enough')).toMatchObject({ code: 0 });
      expect(await run(256, 'query', 'SELECT count(*) AS n FROM messages', '--lake', 'enough')).toMatchObject({
        code: 0,
      });

      const { requests: before } = await twin.get<{ requests: unknown }>('/requests');
      const refused = await run(100, 'sync', '--lake', 'few');
      expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/^open_files_too_few: .*ulimit -n/)]);
      expect(existsSync(join(folder, 'few', '_log'))).toBe(false);
      expect((await twin.get<{ requests: unknown }>('/requests')).requests).toEqual(before);
      expect((await run(100, 'query', 'SELECT 1', '--lake', 'enough')).err).toMatch(/^open_files_too_few: /);
    } finally {
      await twin.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
