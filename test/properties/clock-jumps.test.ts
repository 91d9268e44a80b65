import fc from 'fast-check';
import type { Kysely } from 'kysely';
import { expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { SluiceError } from '../../src/errors/sluice-error.ts';
import { Oddities } from '../../src/messages/oddities.ts';
import type { Notification, Notifier } from '../../src/messages/types.ts';
import { connect } from '../../src/outbox/database.ts';
import { openOutbox } from '../../src/outbox/outbox.ts';
import { createRoutingHolder } from '../../src/router/config/routing-holder.ts';
import { Silences } from '../../src/router/mute/silences.ts';
import { Router } from '../../src/router/router.ts';
import { Dispatcher } from '../../src/sending/dispatcher.ts';
import { LoopHealth } from '../../src/sending/loop-health.ts';
import { Renderer } from '../../src/sending/render/render.ts';
import { type SenderDatabase, StateStore } from '../../src/sending/state/state-store.ts';
import { createStateTables, type StateTables } from '../../src/sending/state/state-tables.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { alert } from '../support/routing.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const throttled = new SluiceError({ code: 'throttled', recovery: 'retry', surface: 'webhook', message: 'Slower.' });

/** Router, dispatcher and outbox on one database, in virtual time. Every third attempt is throttled. */
async function setUp() {
  const runtime = new VirtualClock({ seed: 5 });
  const { db: database, dialect } = connect('sqlite::memory:');
  const outbox = await openOutbox({ database, dialect, runtime });
  const config = configSchema({ environment: {}, folder: '.' }).parse({
    webhooks: { twin_hosts: ['127.0.0.1:1'] },
    receivers: { ops: { webhook: 'http://127.0.0.1:1/hook' } },
  });
  const routing = createRoutingHolder(`
routing: { resolve_timeout: 5m, route: { receivers: [ops], group_by: [kind], group_interval: 1m, repeat_interval: 1h } }
`);
  const telemetry = createTelemetry();
  let router: Router | undefined;
  const start = async () => {
    const state = await StateStore.open({ database, name: 'test', runtime }, (stored) => {
      const silences = new Silences(runtime, stored.silences);
      router = new Router({ routing, silences, runtime, ...(stored.router && { state: stored.router }) });
      return router;
    });
    // As a server does at its start.
    await state.save();
    return new Dispatcher({
      router: router!,
      renderer: new Renderer(() => ({ config, routingText: '', files: [] })),
      outbox,
      state,
      runtime,
      telemetry,
      health: new LoopHealth(runtime, telemetry),
      observe: () => {},
      targetOf: (_, destination) => ({ notifier: 'webhook', destination }),
      ttlMs: () => undefined,
    });
  };
  await insertOldSilence(database, runtime.now());
  let dispatcher = await start();
  const posted: string[] = [];
  let attempts = 0;
  const notifier: Notifier = {
    name: 'webhook',
    notify: async ({ payload }) => {
      attempts += 1;
      if (attempts % 3 === 0) return { kind: 'retry', error: throttled, afterMs: 20_000 };
      posted.push(JSON.stringify(payload));
      return { kind: 'accepted' };
    },
  };
  const look = async () => {
    await dispatcher.flush();
    await outbox.drain({ notifiers: [notifier], waitMs: 0 });
  };
  const send = async (notification: Notification) => {
    await dispatcher.receive({ ingress: 'notification', notifications: [notification], oddities: new Oddities() });
  };
  const restart = async () => {
    dispatcher = await start();
  };
  const firing = () => router!.state().groups.flatMap(({ notifications }) => notifications);
  return { runtime, posted, look, send, restart, firing, close: () => database.destroy() };
}

/** A silence of a release that did not note when it was made: it mutes for five minutes. */
async function insertOldSilence(database: SenderDatabase, now: number): Promise<void> {
  const matchers = [{ field: 'label', name: 'kind', op: '=', value: 'hushed' }];
  const silence = { id: 's', tenant: 'contoso', matchers, createdBy: 'ann', comment: '' };
  const value = JSON.stringify({ ...silence, startsAt: now - 1, endsAt: now + 5 * MINUTE });
  const db = database as unknown as Kysely<StateTables>;
  await createStateTables(db);
  await db.insertInto('sender_entries').values({ name: 'test', kind: 'silence', key: 's', value }).execute();
}

const step = fc.oneof(
  fc.record({ do: fc.constantFrom('event', 'alert', 'endless') }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 90 * MINUTE }) }),
  fc.record({ do: fc.constant('jump' as const), ms: fc.integer({ min: -400 * DAY, max: 400 * DAY }) }),
  fc.record({ do: fc.constantFrom('look', 'restart') }),
);

it('what was accepted is delivered, and what is not heard of again is over, in bounded time after the clock was last set', async () => {
  const steps = fc.array(step, { minLength: 3, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const { runtime, posted, look, send, restart, firing, close } = await setUp();
      const accepted: string[] = [];
      for (const [index, one] of taken.entries()) {
        if (one.do === 'pass') runtime.advance(one.ms);
        else if (one.do === 'jump') runtime.jump(one.ms);
        else if (one.do === 'look') await look();
        else if (one.do === 'restart') await restart();
        else {
          const fingerprint = `${one.do}-${index}-end`;
          const name = { fingerprint, labels: { alertname: fingerprint, kind: one.do }, startsAt: runtime.now() };
          if (one.do === 'event') await send(alert({ ...name, status: 'event' }));
          else if (one.do === 'alert') await send(alert({ ...name, endsAt: runtime.now() + 100_000 * DAY }));
          else await send(alert(name));
          if (one.do !== 'endless') accepted.push(fingerprint);
        }
      }
      for (let minute = 0; minute < 12; minute++) {
        await look();
        runtime.advance(MINUTE);
      }
      const hushed = { fingerprint: 'hushed-end', labels: { alertname: 'hushed-end', kind: 'hushed' } };
      await send(alert({ ...hushed, status: 'event', startsAt: runtime.now() }));
      accepted.push('hushed-end');
      for (let minute = 0; minute < 2; minute++) {
        await look();
        runtime.advance(MINUTE);
      }
      await look();
      const said = posted.join('\n');
      expect(accepted.filter((fingerprint) => !said.includes(fingerprint))).toEqual([]);
      expect(firing().filter(({ fingerprint }) => fingerprint.startsWith('endless'))).toEqual([]);
      await close();
    }),
    { numRuns: 15, seed: 20261128 },
  );
}, 120_000);
