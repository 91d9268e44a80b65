import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConfigHolder } from '../../../src/config/holder.ts';
import type { Notification } from '../../../src/messages/types.ts';
import { deliveryFailure } from '../../../src/router/explain/delivery-report.ts';
import { systemRuntime } from '../../../src/runtime/runtime.ts';
import { Sender } from '../../../src/sending/sender.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';
import { type PrivatePostgres, postgresAvailable, startPostgres } from '../../support/postgres.ts';
import { servedWebhooks, type TestWebhooks, until } from '../../support/sending.ts';

let twin: TestWebhooks;
let databases = 0;
let folder: string;
let postgres: Promise<PrivatePostgres> | undefined;
const startedPostgres = () => {
  postgres ??= startPostgres();
  return postgres;
};
beforeAll(async () => {
  twin = await servedWebhooks();
  folder = await mkdtemp(join(tmpdir(), 'sluice-sender-'));
});
afterAll(async () => {
  (await postgres)?.stop();
  await twin[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** One webhook, an outbox in memory. @param file - settings beyond that */
async function openSender(environment: Record<string, string> = {}, file?: string) {
  const config = await createConfigHolder({
    ...(file !== undefined && { file }),
    environment: {
      TEAMS_WEBHOOK_URL: twin.url,
      TEAMS_WEBHOOK_TWIN_HOSTS: twin.host,
      SLUICE_OUTBOX_URL: 'sqlite::memory:',
      ...environment,
    },
    runtime: systemRuntime,
  });
  return await Sender.open({ config, runtime: systemRuntime, telemetry: createTelemetry() });
}

/** @param label - events of different labels are different groups */
const event = (label: string): Notification => ({
  tenant: 'default',
  status: 'event',
  fingerprint: label,
  labels: { alertname: label },
  annotations: {},
  tags: [],
  links: {},
  startsAt: Date.now(),
  trail: [],
});

async function workUntil(sender: Sender, done: () => boolean): Promise<void> {
  const stop = new AbortController();
  const working = sender.work(stop.signal);
  await until(done);
  stop.abort();
  await working;
}

describe('sending at once', () => {
  it('reports that a line of text was accepted', async () => {
    await using sender = await openSender();
    const report = await sender.sendNow({ to: ['default'], content: { kind: 'text', text: 'Build 512 is *green*' } });
    expect(report).toMatchObject({
      status: 'all_succeeded',
      destinations: [{ receiver: 'default', outcome: 'accepted', attempts: 1, retryable: false }],
    });
    expect(await twin.channel('ops')).toContain('Build 512 is *green*');
  });

  it('splits what is too large, and every part arrives in order', async () => {
    await using sender = await openSender();
    const before = twin.webhooks.ledger('ops').length;
    const body = Array.from({ length: 40 }, (_, index) => ({
      type: 'TextBlock',
      text: `part ${index} ${'x'.repeat(1_500)}`,
      wrap: true,
    }));
    const card = { type: 'AdaptiveCard', version: '1.4', body };
    const report = await sender.sendNow({ to: ['default'], content: { kind: 'card', card } });
    expect(report.status).toBe('all_succeeded');
    expect(twin.webhooks.ledger('ops').length).toBeGreaterThan(before + 1);
    const channel = await twin.channel('ops');
    expect(channel.indexOf('part 0 ')).toBeLessThan(channel.indexOf('part 39 '));
  });

  it('tries again, and says what it came to', async () => {
    await using sender = await openSender({ TEAMS_MAX_RETRIES: '1' });
    await twin.script('ops', { steps: [{ do: 'status', status: 503 }] });
    const report = await sender.sendNow({ to: ['default'], content: { kind: 'text', text: 'again' } });
    expect(report.destinations).toMatchObject([{ outcome: 'accepted', attempts: 2 }]);
  });

  it('says why nothing arrived', async () => {
    await using sender = await openSender();
    await twin.script('ops', { steps: [{ do: 'status', status: 404 }] });
    const report = await sender.sendNow({ to: ['default'], content: { kind: 'text', text: 'lost' } });
    expect(report).toMatchObject({
      status: 'all_failed',
      destinations: [{ outcome: 'permanent', retryable: false, error: { code: 'webhook_not_found' } }],
    });
    expect(deliveryFailure(report)).toMatchObject({ code: 'routing_completely_failed', recovery: 'fail' });
  });

  it('refuses what it does not know, and sends nothing', async () => {
    await using sender = await openSender();
    const content = { kind: 'text', text: 'x' } as const;
    await expect(sender.sendNow({ to: ['opps'], content })).rejects.toMatchObject({
      code: 'receiver_unknown',
      message: expect.stringContaining('Valid: default'),
    });
    await expect(sender.sendNow({ to: ['default'], content, tenant: 'other' })).rejects.toMatchObject({
      code: 'tenant_not_allowed',
    });
    await expect(
      sender.sendNow({ to: ['default'], content: { kind: 'card', card: { type: 'AdaptiveCard' } } }),
    ).rejects.toMatchObject({ code: 'card_invalid' });
    expect(await sender.outbox.list()).toEqual([]);
  });

  it('reports what another worker of the process delivers', async () => {
    await using sender = await openSender();
    const stop = new AbortController();
    const working = sender.work(stop.signal);
    await twin.script('ops', { steps: [{ do: 'flow', delayMs: 300 }] });
    const report = await sender.sendNow({ to: ['default'], content: { kind: 'text', text: 'shared' } });
    expect(report.destinations).toMatchObject([{ outcome: 'accepted', attempts: 1 }]);
    stop.abort();
    await working;
  });

  it('sends a message of the same id once', async () => {
    await using sender = await openSender();
    const before = twin.webhooks.ledger('ops').length;
    const message = { id: 'deploy-7', to: ['default'], content: { kind: 'text', text: 'once' } } as const;
    await sender.sendNow(message);
    expect((await sender.sendNow(message)).status).toBe('all_succeeded');
    expect(twin.webhooks.ledger('ops').length).toBe(before + 1);
  });
});

describe('a death between storing the messages and storing that they were stored', () => {
  it('sends nothing twice: the same flush has the same ids', async () => {
    const path = join(folder, 'crash.db');
    const environment = { SLUICE_OUTBOX_URL: `sqlite:${path}` };
    const before = twin.webhooks.ledger('ops').length;
    const first = await openSender(environment);
    await first.accept([event('crash')]);
    const file = new SqliteFile(path);
    const stored = file.prepare('select value from sender_state').get() as { value: string };
    await workUntil(first, () => twin.webhooks.ledger('ops').length === before + 1);
    await first[Symbol.asyncDispose]();

    file.prepare('update sender_state set value = ?').run(stored.value);
    file.close();
    await using second = await openSender(environment);
    await second.accept([event('later')]);
    await workUntil(second, () => twin.webhooks.ledger('ops').length > before + 1);
    expect(await second.outbox.list()).toHaveLength(2);
    expect(twin.webhooks.ledger('ops').length).toBe(before + 2);
  });
});

describe.each([
  { on: 'SQLite', available: true, database: async () => `sqlite:${join(folder, `shared-${++databases}.db`)}` },
  {
    on: 'PostgreSQL',
    available: postgresAvailable(),
    database: async () => await (await startedPostgres()).freshDatabase(),
  },
])('two processes on one database of $on', ({ available, database }) => {
  it.skipIf(!available)('share the rate windows of a webhook, whatever the servers are called', async () => {
    const url = await database();
    const named = async (instance: string) => {
      const file = join(folder, `${instance}.yaml`);
      await writeFile(file, JSON.stringify({ server: { instance } }));
      return await openSender({ SLUICE_OUTBOX_URL: url }, file);
    };
    await using first = await named('one');
    await using second = await named('two');
    const send = async (sender: Sender, text: string) =>
      await sender.sendNow({ to: ['default'], content: { kind: 'text', text }, id: text });
    for (const text of ['1', '2', '3', '4']) await send(first, text);
    expect((await send(second, '5')).status).toBe('all_succeeded');
    const began = await Promise.all(
      (await first.outbox.list()).map(async ({ id }) => (await first.outbox.show(id)).history[0]!.startedAtMs),
    );
    const [earliest, ...others] = began.sort((a, b) => a - b);
    expect(others.at(-1)! - earliest!).toBeGreaterThanOrEqual(1_000);
  });

  it.skipIf(!available)('of one name: the one that accepts takes over, the other can accept no more', async () => {
    const url = await database();
    await using first = await openSender({ SLUICE_OUTBOX_URL: url });
    const notification = event('f');
    await first.accept([notification]);
    await using second = await openSender({ SLUICE_OUTBOX_URL: url });
    const report = await second.sendNow({ to: ['default'], content: { kind: 'text', text: 'beside it' } });
    expect(report.status).toBe('all_succeeded');
    await expect(first.accept([notification]), 'sending alone disturbs nobody').resolves.toHaveLength(1);
    await using third = await openSender({ SLUICE_OUTBOX_URL: url });
    await expect(third.accept([notification])).resolves.toHaveLength(1);
    await expect(first.accept([notification])).rejects.toMatchObject({ code: 'state_taken' });
  });
});
