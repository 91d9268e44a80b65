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
if (!isLinux) console.warn('The address space of a process is limited on Linux only: its scenario is skipped.');

it.skipIf(!isLinux)('a lake that may use too little memory says so before it reads anything', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-little-'));
  const twin = await startTwin({ teams: 2, channels: 2, messages: 5, users: 5, seed: 4, limits: 'none' });
  const run = async (before: string, options: string, ...words: readonly string[]) => {
    const command = `${before} exec '${process.execPath}' ${options} '${main}' ${words.map((word) => `'${word}'`).join(' ')}`;
    const child = spawn('sh', ['-c', command], {
      cwd: folder,
      env: { ...twin.env, PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'close') as Promise<[number | null]>]);
    return { code, err };
  };
  try {
    const { requests: before } = await twin.get<{ requests: unknown }>('/requests');
    const mapped = await run('ulimit -v 4194304;', '', 'sync', '--lake', 'few');
    expect([mapped.code, mapped.err]).toEqual([
      1,
      expect.stringMatching(/^memory_too_small: .*4096 MB of address space/),
    ]);
    expect(existsSync(join(folder, 'few'))).toBe(false);
    expect((await twin.get<{ requests: unknown }>('/requests')).requests).toEqual(before);
  } finally {
    await twin.close();
    await rm(folder, { recursive: true, force: true });
  }
});
