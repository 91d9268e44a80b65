import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { servedSender, servedWebhooks, until } from '../../support/sending.ts';

const PROGRAM = 'prometheus-alertmanager';

/** True where Alertmanager is installed. Where it is required, its absence is an error. */
function alertmanagerAvailable(): boolean {
  if (spawnSync(PROGRAM, ['--version']).status === 0) return true;
  const message = `${PROGRAM} is not installed: its test is skipped.`;
  if (process.env.SLUICE_REQUIRE_ALERTMANAGER) throw new Error(message);
  console.warn(message);
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await until(() => server.listening);
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A real Alertmanager that posts to one URL and nothing else. */
async function startAlertmanager(webhookUrl: string) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-alertmanager-'));
  const config = {
    route: { receiver: 'sluice', group_by: ['alertname'], group_wait: '1s', group_interval: '1s' },
    receivers: [{ name: 'sluice', webhook_configs: [{ url: webhookUrl }] }],
  };
  await writeFile(join(folder, 'alertmanager.yml'), JSON.stringify(config));
  const port = await freePort();
  const child = spawn(
    PROGRAM,
    [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${folder}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}`;
  await until(
    async () =>
      await fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
  );
  return {
    alert: async (alerts: readonly object[]) => {
      const answer = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      });
      expect(answer.status).toBe(200);
    },
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe.skipIf(!alertmanagerAvailable())('a real Alertmanager', () => {
  it('pointed at the server with nothing but a URL: firing, grouped and resolved alerts arrive', async () => {
    await using twin = await servedWebhooks(['ops']);
    await using sender = await servedSender({
      receivers: { ops: { webhook: twin.url } },
      webhooks: { twin_hosts: [twin.host] },
    });
    await using alertmanager = await startAlertmanager(`${sender.server.url}/v1/alerts/alertmanager`);
    const alert = (instance: string, over: object = {}) => ({
      labels: { alertname: 'DiskFull', instance },
      annotations: { summary: `Disk of ${instance} is full` },
      ...over,
    });
    await alertmanager.alert([alert('db-1'), alert('db-2')]);
    await until(async () => (await twin.channel('ops')).includes('Firing (2): DiskFull'));
    const channel = await twin.channel('ops');
    expect(channel).toContain('Disk of db-1 is full');
    expect(channel).toContain('Disk of db-2 is full');

    const over = { endsAt: new Date(Date.now() - 1_000).toISOString() };
    await alertmanager.alert([alert('db-1', over), alert('db-2', over)]);
    await until(async () => /Resolved(?: \(\d\))?: DiskFull/.test(await twin.channel('ops')));
  });
});
