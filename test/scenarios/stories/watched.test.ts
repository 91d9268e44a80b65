import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { withFolder } from '../../support/lake.ts';
import { type Started, startSluice } from '../../support/sluice.ts';
import { startTwin, type TestTwin } from '../../support/twin.ts';

// Processes: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const size = { teams: 1, channels: 1, messages: 10, users: 4, seed: 3, limits: 'none' } as const;

async function withTwin<T>(use: (twin: TestTwin) => Promise<T>): Promise<T> {
  const twin = await startTwin(size);
  try {
    return await use(twin);
  } finally {
    await twin.close();
  }
}

/** Resolves when the process has written this to stderr. */
function says({ child }: Started, text: RegExp): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stderr!.on('data', (chunk) => {
      said += chunk;
      if (text.test(said)) resolve();
    });
    child.on('close', () => reject(new Error(`ended without ${text}:\n${said}`)));
  });
}

describe('31: a run can be watched', () => {
  it('without a terminal says on stderr how far it is, and SIGTERM ends it', async () => {
    await withTwin(async (twin) => {
      await withFolder(async (folder) => {
        await twin.post('/faults', { kind: 'hang', route: '/teams/{id}/channels' });
        const args = ['sync', '--lake', join(folder, 'lake'), '--limits', 'none', '--heartbeat-seconds', '1'];
        const run = startSluice(args, twin.env);
        await says(run, /\d+ rows, \d+ requests.*\n.*\d+ rows, \d+ requests/);
        run.child.kill('SIGTERM');
        const { code, out, err } = await run.finished;
        expect(code).toBe(3);
        expect(err).toContain('interrupted');
        expect(out).toContain('Synced in part.');
        expect(out).not.toContain('interrupted');
      });
    });
  });

  it('says on stderr what was not read, and reports on stdout', async () => {
    await withTwin(async (twin) => {
      await withFolder(async (folder) => {
        await twin.post('/faults', { kind: 'forbidden', route: '/users' });
        const args = ['sync', '--lake', join(folder, 'lake'), '--limits', 'none'];
        const { code, out, err } = await startSluice(args, twin.env).finished;
        expect(code, err).toBe(3);
        expect(err).toContain('Skipped users');
        expect(out).toContain('Synced in part.');
        expect(out).not.toContain('Skipped users');
      });
    });
  });

  it.runIf(existsSync('/proc/self'))('refuses a lake where nothing can be made, at once', async () => {
    await withTwin(async (twin) => {
      const args = ['sync', '--lake', '/proc/nope/lake', '--limits', 'none'];
      const { code, err } = await startSluice(args, twin.env).finished;
      expect(code, err).toBe(1);
      expect(err).toMatch(/lake_unwritable.*\/proc\/nope/);
    });
  });
});
