import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { alertmanagerAvailable, startAlertmanager } from '../support/alertmanager.ts';
import { docSteps, sameEveryTime, varyingPairs } from '../support/doc-page.ts';
import { freePort } from '../support/free-port.ts';
import { main, type Started, startSluice } from '../support/sluice.ts';

const page = await readFile(new URL('../../docs/alerts.md', import.meta.url), 'utf8');
const PLACEHOLDER = 'http://127.0.0.1:8765/powerautomate/…';
const hasAlertmanager = alertmanagerAvailable();

/** A shell of a reader who has come so far. */
class Reader {
  readonly folder: string;
  /** What the reader writes instead of what stands in the page: the ports, the URL, the ids. */
  readonly written = new Map<string, string>();
  exports = '';

  constructor(folder: string) {
    this.folder = folder;
  }

  read(text: string): string {
    return [...this.written].reduce((read, [from, to]) => read.replaceAll(from, to), text);
  }

  /** What a command prints; its errors count as printed. */
  async run(command: string): Promise<string> {
    const script = `exec 2>&1\n${this.exports}\n${this.read(command)}`;
    const child = spawn('bash', ['-c', script], {
      cwd: this.folder,
      env: { PATH: `${this.folder}:${process.env['PATH']}` },
    });
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    await once(child, 'close');
    return out;
  }

  /** Tries until it prints what the page says, as a reader who waits a little: what is sent comes when it comes. */
  async runUntil(command: string, expected: string): Promise<string> {
    const waits = /_twin\/channel|outbox list/.test(command);
    let printed = await this.run(command);
    for (let tries = 0; waits && tries < 20 && sameEveryTime(printed) !== expected; tries += 1) {
      await delay(500);
      printed = await this.run(command);
    }
    return printed;
  }
}

async function untilPrinted({ child, finished }: Started, text: string): Promise<string> {
  let printed = '';
  child.stdout!.on('data', (chunk) => (printed += chunk));
  const ended = finished.then(({ err }) => {
    throw new Error(err);
  });
  ended.catch(() => {});
  while (!printed.includes(text)) await Promise.race([delay(50), ended]);
  return printed;
}

it('docs/alerts.md prints what it says, for a reader who follows it from an empty folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-page-'));
  const reader = new Reader(folder);
  await writeFile(join(folder, 'sluice'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  await chmod(join(folder, 'sluice'), 0o755);
  for (const port of ['8765', '8686']) reader.written.set(`127.0.0.1:${port}`, `127.0.0.1:${await freePort()}`);
  const portOf = (port: string) => reader.read(`127.0.0.1:${port}`).split(':')[1]!;

  const background: Started[] = [];
  const unread: string[] = [];
  let compared = 0;
  try {
    for (const step of docSteps(page)) {
      if (step.kind === 'file') {
        await writeFile(join(folder, step.name), reader.read(step.text));
      } else if (step.kind === 'command') {
        if (step.command.startsWith('amtool') && !hasAlertmanager) continue;
        const expected = sameEveryTime(reader.read(step.expected));
        const printed = await reader.runUntil(step.command, expected);
        if (step.command.startsWith('amtool')) expect(printed).toContain(expected);
        else expect(sameEveryTime(printed), step.command).toBe(expected);
        for (const [from, to] of varyingPairs(step.expected, printed)) reader.written.set(from, to);
        compared += 1;
      } else if (step.text === 'sluice simulate --port 8765') {
        const twin = startSluice(['simulate', '--port', portOf('8765')]);
        background.push(twin);
        const url = /--webhook '([^']+)'/.exec(await untilPrinted(twin, 'Ctrl-C'))![1]!;
        // Before the port: the placeholder holds it.
        reader.written.delete(PLACEHOLDER);
        const ports = [...reader.written];
        reader.written.clear();
        for (const [from, to] of [[PLACEHOLDER, url] as const, ...ports]) reader.written.set(from, to);
      } else if (step.text.startsWith('export ')) {
        reader.exports += `${reader.read(step.text)}\n`;
      } else if (step.text === 'sluice serve') {
        const env = Object.fromEntries(
          (await reader.run('env -0')).split('\0').map((line) => {
            const at = line.indexOf('=');
            return [line.slice(0, at), line.slice(at + 1)] as const;
          }),
        );
        const server = startSluice(['serve', '--port', portOf('8686')], env, { cwd: folder });
        background.push(server);
        await untilPrinted(server, 'Ctrl-C');
      } else {
        unread.push(step.text);
      }
    }
    expect(compared).toBeGreaterThanOrEqual(hasAlertmanager ? 15 : 14);
    expect(unread).toEqual([expect.stringContaining('alert add DiskFull')]);

    if (!hasAlertmanager) return;
    const config = await readFile(join(folder, 'alertmanager.yml'), 'utf8');
    await using alertmanager = await startAlertmanager(config.replace('group_wait: 30s', 'group_wait: 1s'));
    reader.written.set('http://127.0.0.1:9093', alertmanager.url);
    await reader.run(unread[0]!);
    const channel = async () => await reader.run('curl -s "http://127.0.0.1:8765/_twin/channel?webhook=ops"');
    while (!(await channel()).includes('Firing · warning · Disk of eu-1 is full')) await delay(200);
  } finally {
    for (const { child, finished } of background) {
      child.kill('SIGKILL');
      await finished;
    }
    await rm(folder, { recursive: true, force: true });
  }
});
