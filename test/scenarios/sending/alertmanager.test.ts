import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertmanagerAvailable, startAlertmanager } from '../../support/alertmanager.ts';
import { servedWebhooks, type TestWebhooks, until } from '../../support/sending.ts';
import { runSluice, startServe } from '../../support/sluice.ts';

const example = fileURLToPath(new URL('../../../examples/alerts/', import.meta.url));
const config = join(example, 'sluice.yaml');

let twin: TestWebhooks;
let cwd: string;
beforeAll(async () => {
  twin = await servedWebhooks(['ops']);
  cwd = await mkdtemp(join(tmpdir(), 'sluice-alerts-'));
});
afterAll(async () => {
  await twin[Symbol.asyncDispose]();
  await rm(cwd, { recursive: true, force: true });
});

const env = () => ({ TEAMS_WEBHOOK_TWIN_HOSTS: twin.host, TEAMS_OPS_WEBHOOK: twin.url });
const posts = () => twin.webhooks.ledger('ops').length;

it('has an example without a fault', async () => {
  const { code, out } = await runSluice(['route', 'check', config], env());
  expect([code, out]).toEqual([0, `${config}: no fault. Routes: 1. Receivers: 1.\n`]);
});

describe.skipIf(!alertmanagerAvailable())('a real Alertmanager pointed at sluice serve', () => {
  it('delivers firing, grouped and resolved alerts into the channel', async () => {
    const server = await startServe(['--config', config], env(), { cwd });
    // The example as it is, but for its port and its waits.
    const written = await readFile(join(example, 'alertmanager.yml'), 'utf8');
    const quick = written.replace('http://127.0.0.1:8686', server.url).replace('10s', '1s').replace('1m', '1s');
    await using alertmanager = await startAlertmanager(quick);
    const disk = (instance: string, endsAt?: string) => ({
      labels: { alertname: 'DiskFull', severity: 'critical', instance },
      annotations: { summary: `Disk of ${instance} is full` },
      ...(endsAt !== undefined && { endsAt }),
    });
    await alertmanager.post([disk('db-1'), disk('db-2')]);
    await until(() => posts() === 1);
    const grouped = await twin.channel('ops');
    expect(grouped).toContain('2 firing: DiskFull');
    expect(grouped).toContain('Disk of db-1 is full');
    expect(grouped).toContain('Disk of db-2 is full');

    await alertmanager.post([{ labels: { alertname: 'Slow', instance: 'web-1' } }]);
    await until(() => posts() === 2);
    expect(await twin.channel('ops')).toContain('Firing: Slow');

    const now = new Date().toISOString();
    await alertmanager.post([disk('db-1', now), disk('db-2', now)]);
    await until(async () => (await twin.channel('ops')).includes('2 resolved: DiskFull'));

    server.child.kill('SIGTERM');
    expect((await server.finished).code).toBe(0);
  });
});
