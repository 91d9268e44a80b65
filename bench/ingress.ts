/**
 * Alerts per second from a body to the outbox, and what open groups and silences cost.
 *
 * `npm run bench -- ingress`, or `node --import ./scripts/typescript.mjs bench/ingress.ts [ALERTS]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConfigHolder } from '../src/config/holder.ts';
import { systemRuntime } from '../src/runtime/runtime.ts';
import { ingresses } from '../src/sending/ingress/ingresses.ts';
import { parseNotification } from '../src/sending/ingress/notification.ts';
import { Sender } from '../src/sending/sender.ts';
import { createTelemetry } from '../src/telemetry/telemetry.ts';

const alerts = Number(process.argv[2] ?? 10_000);
const runtime = systemRuntime;
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));

function bodyOf(count: number, mark: string): Buffer {
  const made = Array.from({ length: count }, (_, index) => ({
    status: 'firing',
    labels: { alertname: 'DiskFull', severity: 'critical', instance: `db-${index}.example.com`, mark },
    annotations: { summary: `Disk of db-${index} is full` },
    startsAt: '2026-01-05T11:59:30Z',
    generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
    fingerprint: `${mark}-${index}`,
  }));
  const group = { groupKey: `{}:{mark="${mark}"}`, groupLabels: { mark }, receiver: 'teams' };
  return Buffer.from(JSON.stringify({ version: '4', status: 'firing', ...group, alerts: made }));
}

async function open(name: string): Promise<Sender> {
  const environment = {
    TEAMS_WEBHOOK_URL: 'http://127.0.0.1:1/ops',
    TEAMS_WEBHOOK_TWIN_HOSTS: '127.0.0.1:1',
    SLUICE_OUTBOX_URL: `sqlite:${join(folder, `${name}.db`)}`,
  };
  return await Sender.open({
    config: await createConfigHolder({ environment, runtime }),
    runtime,
    telemetry: createTelemetry(),
  });
}

const take = async (sender: Sender, body: Buffer) =>
  await sender.acceptBody(await ingresses.alertmanager(body, { tenant: 'default', now: runtime.now() }));

/** Longest time in which the event loop did not turn. */
async function measured(count: number, work: () => Promise<unknown>) {
  let [last, blockedMs] = [performance.now(), 0];
  const watch = setInterval(() => {
    const now = performance.now();
    blockedMs = Math.max(blockedMs, now - last - 5);
    last = now;
  }, 5);
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1_000;
  await runtime.sleep(10);
  clearInterval(watch);
  return {
    alertsPerSecond: Math.round(count / seconds),
    usPerAlert: Math.round((seconds * 1e6) / count),
    blockedMs: Math.round(blockedMs),
  };
}

async function bodies(perBody: number, total: number): Promise<void> {
  await using sender = await open(`bodies-${perBody}`);
  const made = Array.from({ length: Math.ceil(total / perBody) }, (_, index) => bodyOf(perBody, `m${index}`));
  const result = await measured(made.length * perBody, async () => {
    for (const body of made) await take(sender, body);
  });
  console.log(JSON.stringify({ step: `${perBody} alerts in a body`, ...result }));
}

const notificationOf = (index: number) => {
  const body = Buffer.from(JSON.stringify({ status: 'firing', labels: { alertname: `A${index}` } }));
  return parseNotification(body, { tenant: 'default', now: runtime.now() });
};

async function crowded(count: number): Promise<void> {
  await using sender = await open(`crowded-${count}`);
  const endsAt = runtime.now() + 3_600_000;
  const silence = (index: number) => ({
    tenant: 'default',
    matchers: [`instance="silent-${index}"`],
    endsAt,
    createdBy: 'bench',
    comment: '',
  });
  const silences = await measured(count, async () => {
    for (let index = 0; index < count; index += 1) await sender.createSilence(silence(index));
  });
  console.log(JSON.stringify({ step: `create ${count} silences, each stored`, ...silences }));
  const notifications = Array.from({ length: count }, (_, index) => notificationOf(index).notifications[0]!);
  await sender.accept(notifications);
  const bodies = Array.from({ length: 200 }, (_, index) => bodyOf(1, `c${index}`));
  const result = await measured(bodies.length, async () => {
    for (const body of bodies) await take(sender, body);
  });
  console.log(JSON.stringify({ step: `1 alert in a body, ${count} open groups and silences`, ...result }));
}

for (const [perBody, total] of [
  [1, Math.min(300, alerts)],
  [100, alerts],
  [alerts, alerts],
  [2 * alerts, 2 * alerts],
] as const) {
  await bodies(perBody, total);
}
for (const count of [100, alerts]) await crowded(count);
rmSync(folder, { recursive: true });
