import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { servedWebhooks, until } from '../support/sending.ts';
import { main } from '../support/sluice.ts';
import { startTwin } from '../support/twin.ts';

/** Files and folders below a folder that anybody but the owner may read, change or enter; and how many there are. */
async function openToOthers(folder: string): Promise<{ open: string[]; count: number }> {
  const names = await readdir(folder, { recursive: true });
  const modes = await Promise.all(names.map(async (name) => [name, (await stat(join(folder, name))).mode] as const));
  return { open: modes.filter(([, mode]) => (mode & 0o077) !== 0).map(([name]) => name), count: names.length };
}

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');

describe.skipIf(process.platform === 'win32')('what the commands leave behind', () => {
  it('is readable by its owner alone, whatever the umask is', { timeout: 600_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-private-'));
    const twin = await startTwin({ teams: 1, channels: 1, messages: 5, users: 4, seed: 3, limits: 'none' });
    await using webhooks = await servedWebhooks(['ops']);
    const env = {
      ...twin.env,
      TEAMS_WEBHOOK_TWIN_HOSTS: webhooks.host,
      PATH: process.env['PATH'],
      TMPDIR: join(folder, 'tmp'),
    };
    const command = (words: readonly string[]) =>
      ['sh', ['-c', `umask 000; exec '${process.execPath}' '${main}' ${quoted(words)}`]] as const;
    await mkdir(join(folder, 'tmp'), { mode: 0o700 });
    try {
      // A run after another one, so that there is something to publish, to compact and to set aside.
      for (const words of [
        ['sync', '--raw', '--keep-raw', '--lake', 'lakes/one'],
        ['sync', '--lake', 'lakes/one', '--json'],
        ['compact', '--lake', 'lakes/one'],
        ['fsck', '--lake', 'lakes/one'],
        ['query', 'SELECT count(*) FROM messages', '--lake', 'lakes/one'],
        ['demo'],
      ]) {
        // The demo is one of its own, whatever the job of this machine is.
        const job = words[0] === 'demo' ? { SLUICE_LAKE_STRATEGY: 'none-such' } : {};
        const child = spawn(...command(words), {
          cwd: folder,
          env: { ...env, ...job },
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        const said = text(child.stderr);
        const [status] = (await once(child, 'close')) as [number | null];
        expect([words[0], status], await said).toEqual([words[0], 0]);
      }
      for (const outbox of ['new.db', 'old.db']) {
        // As an earlier release made it.
        if (outbox === 'old.db') await writeFile(join(folder, outbox), '', { mode: 0o644 });
        const words = ['serve', '--json', '--port', '0', '--webhook', webhooks.url];
        const server = spawn(...command(words), {
          cwd: folder,
          env: { ...env, SLUICE_OUTBOX_URL: `sqlite:${outbox}` },
        });
        const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
        const { url } = JSON.parse(line) as { url: string };
        const body = JSON.stringify({ text: 'in confidence', status: 'event' });
        const headers = { 'content-type': 'application/json' };
        expect((await fetch(`${url}/v1/notifications`, { method: 'POST', headers, body })).status).toBe(202);
        await until(() => webhooks.webhooks.ledger('ops').length > 0);
        const beside = (await readdir(folder)).filter((name) => name.startsWith(outbox));
        expect(beside.sort()).toEqual([outbox, `${outbox}-shm`, `${outbox}-wal`]);
        expect((await openToOthers(folder)).open).toEqual([]);
        server.kill('SIGKILL');
        await once(server, 'exit');
      }
      const { open, count } = await openToOthers(folder);
      expect(open).toEqual([]);
      expect(count).toBeGreaterThan(50);
    } finally {
      await twin.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
