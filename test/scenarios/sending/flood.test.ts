import { afterEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import { SluiceError } from '../../../src/errors/sluice-error.ts';
import type { Notification, Notifier } from '../../../src/messages/types.ts';
import { openOutbox } from '../../../src/outbox/outbox.ts';
import { createRoutingHolder } from '../../../src/router/config/routing-holder.ts';
import { Silences } from '../../../src/router/mute/silences.ts';
import { Router } from '../../../src/router/router.ts';
import { outgoingMessages } from '../../../src/sending/outgoing-messages.ts';
import { Renderer } from '../../../src/sending/render/render.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';
import { alert } from '../../support/routing.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const HOUR_MS = 3_600_000;
const GROUPS = 20;

const down = new SluiceError({
  code: 'network_error',
  recovery: 'retry',
  surface: 'webhook',
  message: 'Nobody answers.',
});

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

/** Router and outbox in virtual time, with one webhook that answers or does not. */
async function setUp() {
  const runtime = new VirtualClock({ seed: 3 });
  const outbox = await openOutbox({ url: 'sqlite::memory:', runtime });
  open.push(outbox);
  const config = configSchema({ environment: {}, folder: '.' }).parse({
    webhooks: { twin_hosts: ['127.0.0.1:1'] },
    receivers: { ops: { webhook: 'http://127.0.0.1:1/hook' } },
  });
  const routing = createRoutingHolder(`
routing:
  resolve_timeout: 48h
  route: { receivers: [ops], group_by: [group], group_wait: 0s, group_interval: 1m, repeat_interval: 1h }
`);
  const router = new Router({ routing, silences: new Silences(runtime), runtime });
  const renderer = new Renderer(() => ({ config, routingText: '', files: [] }));
  const outgoing = {
    renderer,
    runtime,
    telemetry: createTelemetry(),
    targetOf: (_: string, destination: string) => ({ notifier: 'webhook', destination }),
    ttlMs: () => undefined,
  };
  const posted: string[] = [];
  const answers = { down: true };
  const notifier: Notifier = {
    name: 'webhook',
    notify: async ({ payload }) => {
      if (answers.down) return { kind: 'retry', error: down, blame: 'outage' };
      posted.push(JSON.stringify(payload));
      return { kind: 'accepted' };
    },
  };
  let accepted = 0;
  const flush = async () => {
    for (const one of router.due()) {
      const messages = await outgoingMessages(one, outgoing);
      accepted += messages.length;
      await outbox.enqueueMany(messages);
      router.settle(one);
    }
  };
  const send = (changes: Partial<Notification>) => router.receive(alert({ startsAt: runtime.now(), ...changes }));
  const drain = () => outbox.drain({ notifiers: [notifier], waitMs: 0 });
  return { runtime, outbox, flush, send, drain, answers, posted, accepted: () => accepted };
}

const inGroup = (group: number, changes: Partial<Notification> = {}): Partial<Notification> => ({
  fingerprint: `alert-${group}`,
  labels: { group: `g${group}`, alertname: `Alert${group}` },
  ...changes,
});

describe('after a day of outage', () => {
  it('the newest group is said first, and of many groups none is left', async () => {
    const { runtime, outbox, flush, send, drain, answers, posted, accepted } = await setUp();
    const groups = 120;
    for (let group = 0; group < groups; group++) {
      await send(inGroup(group));
      if (group % 5 > 0) continue;
      await flush();
      await drain();
      runtime.advance(HOUR_MS);
    }
    await send(inGroup(groups));
    runtime.advance(HOUR_MS);
    await flush();
    answers.down = false;
    await drain();
    for (let rounds = 0; rounds < 3; rounds++) {
      runtime.advance(HOUR_MS);
      await drain();
    }
    expect(posted[0]).toContain(`Alert${groups}`);
    const turnOf = (group: number) => posted.findIndex((body) => body.includes(`"Alert${group}"`));
    console.info(`${groups + 1} groups, 24 h of outage: ${accepted()} messages, ${posted.length} posts`);
    const turns = Array.from({ length: groups }, (_, group) => turnOf(group));
    expect(turns.every((turn) => turn >= 0)).toBe(true);
    const last = turns.slice(-10).map((turn) => Math.floor(turn / 4) * 3);
    expect(Math.max(...last), 'the newest ten are among the first, and some of the oldest with them').toBeLessThan(20);
    expect((await outbox.stats()).states).toMatchObject({ dead: 0, expired: 0, retry: 0, pending: 0 });
  });

  it('each group is said once as it is now, and every change with it', async () => {
    const { runtime, outbox, flush, send, drain, answers, posted, accepted } = await setUp();
    for (let group = 0; group < GROUPS; group++) await send(inGroup(group));
    for (let hour = 0; hour < 24; hour++) {
      await flush();
      await drain();
      runtime.advance(HOUR_MS);
    }
    await send(inGroup(0, { status: 'resolved' }));
    await send(inGroup(1, { status: 'event', fingerprint: 'said once' }));
    runtime.advance(HOUR_MS);
    await flush();
    answers.down = false;
    await drain();
    runtime.advance(HOUR_MS);
    await drain();
    const { states } = await outbox.stats();
    console.info(`${GROUPS} groups, an hourly repeat, 24 h of outage: ${accepted()} messages, ${posted.length} posts`);
    expect(accepted()).toBeGreaterThanOrEqual(GROUPS * 24);
    expect(posted.length).toBeLessThanOrEqual(GROUPS + 2);
    for (let group = 0; group < GROUPS; group++)
      expect(posted.some((body) => body.includes(`Alert${group}`))).toBe(true);
    expect(posted.some((body) => /resolved/i.test(body))).toBe(true);
    expect(states).toMatchObject({ dead: 0, expired: 0, retry: 0, pending: 0, superseded: accepted() - posted.length });
  });
});
