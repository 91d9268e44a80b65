import { setTimeout as delay } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/errors/sluice-error.ts';
import type { Notifier, Outcome } from '../../src/messages/types.ts';
import { connect, sqliteDialect } from '../../src/outbox/database.ts';
import { migrate } from '../../src/outbox/migrations.ts';
import { type Outbox, openOutbox } from '../../src/outbox/outbox.ts';
import type { OutboxTables } from '../../src/outbox/schema.ts';
import type { LimitScope, NewMessage, OutboxEvent } from '../../src/outbox/types.ts';
import { registerTracing } from '../support/tracing.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { type Sent, workedOutbox } from '../support/worked-outbox.ts';

const secret = 'sig=canary-5f1e';
const error = (code = 'throttled') =>
  new SluiceError({ code, recovery: 'retry', surface: 'webhook', message: `Refused at https://host/path?${secret}.` });
const retry = (afterMs?: number): Outcome => ({
  kind: 'retry',
  error: error(),
  ...(afterMs !== undefined && { afterMs }),
});
const gone: Outcome = { kind: 'permanent', error: error('webhook_not_found'), blame: 'gone' };
const heldBack: Outcome = { kind: 'permanent', error: error('stopped_on_error'), blame: 'nobody' };
const permanent: Outcome = { kind: 'permanent', error: error('webhook_not_found') };
const unknown: Outcome = { kind: 'unknown', error: error('delivery_unknown') };
const delivered: Outcome = { kind: 'delivered', id: '1' };
const second = 1_000;
const hour = 3_600_000;

/** Every behaviour of the outbox, in virtual time. @param fresh - the URL of an empty database */
export function outboxConformance(backend: string, fresh: () => Promise<string>): void {
  describe(`outbox on ${backend}`, () => {
    const opened: Outbox[] = [];
    afterEach(async () => {
      for (const outbox of opened.splice(0)) await outbox.close();
    });

    async function setup(answer: (sent: Sent) => Outcome | Promise<Outcome> = () => delivered) {
      const url = await fresh();
      const { outbox, ...worked } = await workedOutbox({ url, answer });
      opened.push(outbox);
      const send = async (message: Partial<NewMessage> = {}) =>
        await outbox.enqueue({ notifier: 'webhook', destination: 'ops', payload: { text: 'hi' }, ...message });
      return { ...worked, url, outbox, send, ids: () => worked.sent.map(({ id }) => id) };
    }

    it('delivers what it accepted, and keeps the whole story', async () => {
      const { outbox, send, drain } = await setup();
      const { id } = await send({ payload: { b: [1, { z: null, a: 'ü' }], a: true } });
      expect(await outbox.show(id)).toMatchObject({ state: 'pending', attempts: 0, payload: { a: true } });
      expect((await drain()).states).toMatchObject({ delivered: 1, pending: 0 });
      expect(await outbox.show(id)).toMatchObject({
        state: 'delivered',
        receipt: '1',
        payload: { a: true, b: [1, { a: 'ü', z: null }] },
        history: [{ attempt: 1, outcome: 'delivered' }],
      });
      expect(JSON.stringify(await outbox.list())).not.toContain('ü');
      await expect(outbox.show('nobody')).rejects.toMatchObject({ code: 'message_not_found' });
    });

    it('links each delivery, also in another process, to the span that accepted the message', async () => {
      using tracing = registerTracing();
      const { url, outbox, runtime, send, settings } = await setup(({ attempt }) =>
        attempt === 1 ? retry() : delivered,
      );
      await trace.getTracer('caller').startActiveSpan('order placed', async (placed) => {
        await send({ id: 'traced' });
        placed.end();
      });
      await outbox.drain(settings);
      const other = await openOutbox({ url, runtime });
      opened.push(other);
      runtime.advance(second);
      await other.drain(settings);
      const placed = tracing.spans('order placed')[0]!.spanContext();
      const attempts = tracing.spans('teams.outbox.deliver');
      expect(attempts.map(({ attributes }) => attributes)).toMatchObject([
        { 'messaging.message.id': 'traced', attempt: 1, outcome: 'retry', 'error.type': 'throttled' },
        { 'messaging.message.id': 'traced', attempt: 2, outcome: 'delivered' },
      ]);
      for (const { links, parentSpanContext } of attempts) {
        expect(links).toMatchObject([{ context: { traceId: placed.traceId, spanId: placed.spanId } }]);
        expect(parentSpanContext).toBeUndefined();
      }
    });

    it.each([1, 2])('takes over the tables of version %i, with what waits in them', async (version) => {
      const url = await fresh();
      const { db, dialect } = connect(url);
      await migrate(db, dialect, version);
      const runtime = new VirtualClock({ seed: 7 });
      const nowMs = runtime.now();
      const lane = (name: string, readyAt: number, disabledAt: number | null) =>
        sql`insert into outbox_lanes (lane, notifier, ready_at, fence, hold_until, failures, disabled_at, retry_budget)
          values (${`webhook/${name}`}, 'webhook', ${readyAt}, 1, ${readyAt}, 1, ${disabledAt}, 500)`.execute(db);
      const message = (name: string, nextAt: number) =>
        sql`insert into outbox_messages (id, notifier, destination, lane, payload, state, enqueued_at, next_attempt_at)
          values (${name}, 'webhook', ${name}, ${`webhook/${name}`}, '{}', 'pending', ${nowMs}, ${nextAt})`.execute(db);
      await lane('due', nowMs, null);
      await message('due', nowMs);
      await lane('held', nowMs + 60 * second, null);
      await message('held', nowMs + 60 * second);
      await lane('disabled', nowMs, nowMs);
      await message('disabled', nowMs);
      await db.destroy();
      const upgraded = await openOutbox({ url, runtime });
      opened.push(upgraded);
      const ids: string[] = [];
      const notify: Notifier['notify'] = async ({ id }) => {
        ids.push(id);
        return delivered;
      };
      const settings = { notifiers: [{ name: 'webhook', notify }], waitMs: 0 };
      await upgraded.drain(settings);
      expect(ids.sort(), 'what was disabled is asked again').toEqual(['disabled', 'due']);
      runtime.advance(60 * second);
      await upgraded.drain(settings);
      expect(ids.at(-1)).toBe('held');
    });

    it('leaves the tables of a later release as they are', async () => {
      const { url, runtime } = await setup();
      const { db } = connect(url);
      await sql`update outbox_schema set version = 1000`.execute(db);
      await (await openOutbox({ url, runtime })).close();
      const { rows } = await sql<{ version: number }>`select version from outbox_schema`.execute(db);
      expect(rows).toEqual([{ version: 1000 }]);
      await db.destroy();
    });

    it('keeps the order of a lane while its head waits, and lets other lanes pass', async () => {
      const { send, later, drain, ids } = await setup(({ id, attempt }) =>
        id === 'a1' && attempt < 3 ? retry() : delivered,
      );
      for (const id of ['a1', 'a2', 'a3']) await send({ id });
      await send({ id: 'b1', destination: 'dev' });
      await drain();
      expect(ids()).toEqual(['a1', 'b1']);
      await later(5 * second);
      await later(5 * second);
      expect(ids()).toEqual(['a1', 'b1', 'a1', 'a1', 'a2', 'a3']);
    });

    it('retries under its schedule, then puts the message into the dead letters', async () => {
      const { outbox, runtime, sent, send, settings } = await setup(() => retry());
      const { id } = await send();
      const retries = { ...settings, retry: { disableAfterMs: 1_000 * hour } };
      const upperMs = [1, 5, 30, 300, 1_800, 7_200, 18_000, 36_000, 36_000].map((seconds) => seconds * second);
      for (const limitMs of [...upperMs, 0]) {
        const before = sent.length;
        await outbox.drain(retries);
        expect(sent.length).toBe(before + 1);
        const message = await outbox.show(id);
        const waitMs = message.nextAttemptAtMs - runtime.now();
        if (limitMs > 0) expect(message.state).toBe('retry');
        expect(waitMs).toBeLessThanOrEqual(limitMs);
        runtime.advance(Math.max(waitMs - 1, 0));
        await outbox.drain(retries);
        if (waitMs > 1) expect(sent.length).toBe(before + 1);
        runtime.advance(1);
      }
      expect(sent.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(await outbox.show(id)).toMatchObject({
        state: 'dead',
        deadReason: 'attempts_exhausted',
        errorCode: 'throttled',
      });
    });

    it.each([
      ['retry', retry(90 * second)],
      ['unknown', { ...unknown, afterMs: 90 * second }],
    ])('waits as long as the service asked after %s, also with what comes after', async (_, failed) => {
      const { sent, send, drain, later } = await setup(({ id, attempt }) =>
        id === 'a' && attempt === 1 ? failed : delivered,
      );
      await send({ id: 'a', coalesceKey: 'k' });
      await drain();
      await send({ id: 'b', coalesceKey: 'k' });
      await later(89 * second);
      expect(sent.map(({ id }) => id)).toEqual(['a']);
      await later(1 * second);
      expect(sent.map(({ id }) => id)).toEqual(['a', 'b']);
    });

    it('repeats an ambiguous attempt under the same id, and counts it', async () => {
      const { outbox, ids, send, drain, later } = await setup(({ attempt }) => (attempt === 1 ? unknown : delivered));
      const { id } = await send();
      await drain();
      expect(await outbox.show(id)).toMatchObject({ state: 'unknown', unknowns: 1 });
      await later(1 * second);
      expect(ids()).toEqual([id, id]);
      expect(await outbox.show(id)).toMatchObject({ state: 'delivered', unknowns: 1, attempts: 2 });
      expect((await outbox.stats()).unknowns).toBe(1);
    });

    it('puts a refused message into the dead letters at once and goes on', async () => {
      const { outbox, send, drain, ids } = await setup(({ id }) => (id === 'bad' ? permanent : delivered));
      await send({ id: 'bad' });
      await send({ id: 'good' });
      const { states, endpoints } = await drain();
      expect(states).toMatchObject({ dead: 1, delivered: 1 });
      expect(endpoints).toEqual({ healthy: 1, degraded: 0, open: 0, disabled: 0 });
      expect(ids()).toEqual(['bad', 'good']);
      expect(await outbox.list({ states: ['dead'] })).toMatchObject([{ id: 'bad', deadReason: 'permanent' }]);
    });

    it('expires messages that are too late, at the head and behind it', async () => {
      const { outbox, ids, ended, send, drain, later } = await setup(({ attempt }) =>
        attempt === 1 ? retry(60 * second) : delivered,
      );
      await send({ id: 'head' });
      await drain();
      await send({ id: 'late', ttlMs: 5 * second });
      await later(6 * second);
      expect(await outbox.show('late')).toMatchObject({ state: 'expired', attempts: 0 });
      await later(60 * second);
      expect(ids()).toEqual(['head', 'head']);
      await send({ id: 'hopeless', ttlMs: 5 * second });
      await drain();
      expect(await outbox.show('hopeless')).toMatchObject({ state: 'expired', attempts: 1, errorCode: 'throttled' });
      expect(ended, 'told of the one that no attempt tells of').toEqual(['late expired']);
    });

    it('replaces waiting versions by the newest, also one whose attempt just failed', async () => {
      const { outbox, ended, send, drain, later, ids } = await setup(async ({ id }) => {
        if (id !== 'v1') return delivered;
        await send({ id: 'v2', coalesceKey: 'card' });
        expect(await send({ id: 'v3', coalesceKey: 'card' })).toMatchObject({ superseded: ['v2'] });
        return retry();
      });
      await send({ id: 'other' });
      await send({ id: 'v1', coalesceKey: 'card' });
      await drain();
      await later(1 * second);
      expect(ids()).toEqual(['other', 'v1', 'v3']);
      const states = (await outbox.list()).map(({ id, state }) => `${id} ${state}`);
      expect(states).toEqual(['v3 delivered', 'v2 superseded', 'v1 superseded', 'other delivered']);
      expect(ended, 'told of the one that no attempt tells of').toEqual(['v2 superseded']);
    });

    it('lets what replaces another live no shorter, and not wait for what the other waited for', async () => {
      const { outbox, send, drain, later, ids } = await setup(({ id }) => (id === 'news' ? retry(hour) : delivered));
      await send({ id: 'news', coalesceKey: 'card', destination: 'dev' });
      await drain();
      await send({ id: 'again', coalesceKey: 'card', destination: 'dev', ttlMs: second });
      expect(await outbox.show('again')).not.toHaveProperty('expiresAtMs', expect.any(Number));
      await send({ id: 'short', coalesceKey: 'other', destination: 'ops', ttlMs: 2 * second });
      await send({ id: 'shorter', coalesceKey: 'other', destination: 'ops', ttlMs: second });
      const { expiresAtMs, enqueuedAtMs } = await outbox.show('shorter');
      expect(expiresAtMs! - enqueuedAtMs).toBe(2 * second);
      await later(2 * hour);
      expect(ids()).toContain('again');
    });

    it('stores a message once per dedupe key and lane, and once per id', async () => {
      const { send, drain, ids } = await setup();
      const first = await send({ dedupeKey: 'alert-1' });
      await drain();
      expect(await send({ dedupeKey: 'alert-1' })).toEqual({ id: first.id, duplicate: true });
      expect(await send({ id: first.id })).toEqual({ id: first.id, duplicate: true });
      const elsewhere = await send({ dedupeKey: 'alert-1', destination: 'dev' });
      expect(elsewhere.duplicate).toBe(false);
      await drain();
      expect(ids()).toEqual([first.id, elsewhere.id]);
    });

    it("joins the caller's transaction: accepted with its commit, gone with its rollback", async () => {
      const url = await fresh();
      const dialect = url.startsWith('sqlite:') ? 'sqlite' : 'postgres';
      const database = new Kysely<OutboxTables & { orders: { id: number } }>({
        dialect:
          dialect === 'sqlite'
            ? sqliteDialect(url.slice('sqlite:'.length))
            : new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
      });
      const own = database as unknown as Kysely<OutboxTables>;
      const told: OutboxEvent[] = [];
      const observe = (event: OutboxEvent) => told.push(event);
      await using outbox = await openOutbox({
        database: own,
        dialect,
        runtime: new VirtualClock({ seed: 1 }),
        observe,
      });
      await database.schema.createTable('orders').addColumn('id', 'integer').execute();
      const place = async (id: number, fail: boolean) =>
        await database.transaction().execute(async (transaction) => {
          await transaction.insertInto('orders').values({ id }).execute();
          const order = { id: `order-${id}`, notifier: 'n', destination: 'd', payload: id, coalesceKey: 'order' };
          const { superseded } = await outbox.enqueue(order, { transaction });
          if (id > 1) expect(superseded).toEqual(['order-1']);
          if (fail) throw new Error('changed my mind');
        });
      await place(1, false);
      await expect(place(2, true)).rejects.toThrow('changed my mind');
      expect(told, 'a replacement that may yet be rolled back').toEqual([]);
      expect(await outbox.list()).toMatchObject([{ id: 'order-1', state: 'pending' }]);
      expect(await database.selectFrom('orders').selectAll().execute()).toEqual([{ id: 1 }]);
      await database.destroy();
    });

    it('takes over an expired lease, and the late finisher writes nothing', async () => {
      let finish = (_: Outcome) => {};
      const slow = new Promise<Outcome>((resolve) => {
        finish = resolve;
      });
      const { url, outbox, runtime, send, settings, drain, later, ids } = await setup(({ attempt }) =>
        attempt === 1 ? slow : delivered,
      );
      const { id } = await send();
      const frozen = await openOutbox({ url, runtime: new VirtualClock({ seed: 1, startMs: runtime.now() }) });
      opened.push(frozen);
      const events: OutboxEvent[] = [];
      const frozenWork = frozen.drain({ ...settings, observe: (event) => events.push(event) });
      await expect.poll(ids).toEqual([id]);
      await drain();
      await later(59 * second);
      expect(ids()).toEqual([id]);
      await later(1 * second);
      expect(ids()).toEqual([id, id]);
      finish(permanent);
      await frozenWork;
      expect(events).toMatchObject([{ kind: 'fenced', id, attempt: 1 }]);
      expect(await outbox.show(id)).toMatchObject({
        state: 'delivered',
        unknowns: 1,
        history: [{ outcome: 'lost' }, { outcome: 'delivered' }],
      });
    });

    it('gives up a message that takes its workers down, and frees the lane', async () => {
      const { url, outbox, runtime, send, settings, ids, ended, later } = await setup(({ id }) =>
        id === 'poison' ? new Promise<Outcome>(() => {}) : delivered,
      );
      await send({ id: 'poison' });
      await send({ id: 'next' });
      for (let crash = 1; crash <= 5; crash++) {
        const doomed = await openOutbox({ url, runtime: new VirtualClock({ seed: crash, startMs: runtime.now() }) });
        opened.push(doomed);
        void doomed.drain(settings);
        await expect.poll(() => ids().length).toBe(crash);
        runtime.advance(60 * second);
      }
      await later(0);
      expect(ids()).toEqual([...Array(5).fill('poison'), 'next']);
      expect(await outbox.show('poison')).toMatchObject({ state: 'dead', deadReason: 'poison', unknowns: 5 });
      expect(ended).toEqual(['poison poison']);
    });

    it('redrives dead letters by id, receiver and time, under the same id', async () => {
      let broken = true;
      const { outbox, runtime, send, drain, ids } = await setup(() => (broken ? permanent : delivered));
      await send({ id: 'a', destination: 'ops' });
      await send({ id: 'b', destination: 'dev' });
      await drain();
      runtime.advance(hour);
      await send({ id: 'c', destination: 'dev' });
      await drain();
      broken = false;
      await expect(outbox.redrive({})).rejects.toMatchObject({ code: 'redrive_unbounded' });
      expect(await outbox.redrive({ sinceMs: runtime.now() })).toEqual({ ids: ['c'] });
      expect(await outbox.redrive({ destination: 'ops' })).toEqual({ ids: ['a'] });
      expect(await outbox.redrive({ ids: ['b', 'nobody'] })).toEqual({ ids: ['b'] });
      expect((await drain()).states).toMatchObject({ delivered: 3, dead: 0 });
      expect(ids().slice(3).sort()).toEqual(['a', 'b', 'c']);
      expect(await outbox.redrive({ all: true })).toEqual({ ids: [] });
    });

    it('disables an endpoint that failed too long: what waits goes to the dead letters, a redrive enables it', async () => {
      let broken = true;
      const { outbox, runtime, send, settings, ids, ended } = await setup(() => (broken ? retry() : delivered));
      await send({ id: 'a' });
      await send({ id: 'b' });
      const endpointPolicy = { probeMs: 100 * hour, longestProbeMs: 100 * hour };
      const retries = { disableAfterMs: hour, scheduleMs: [hour, hour, hour, hour, hour] };
      const options = { ...settings, endpointPolicy, retry: retries };
      for (let hours = 0; hours < 4; hours++) {
        await outbox.drain(options);
        runtime.advance(hour);
      }
      expect((await outbox.drain(options)).endpoints.disabled).toBe(1);
      const reasons = (await outbox.list({ states: ['dead'] })).map(({ id, deadReason }) => `${id} ${deadReason}`);
      expect(reasons).toEqual(['b endpoint_disabled', 'a endpoint_disabled']);
      expect(ended.sort()).toEqual(reasons.sort());
      broken = false;
      await outbox.redrive({ destination: 'ops' });
      expect((await outbox.drain(options)).states.delivered).toBe(2);
      expect(ids().slice(-2)).toEqual(['a', 'b']);
    });

    describe('an endpoint that several receivers share', () => {
      const outage: Outcome = { kind: 'retry', error: error('service_error'), blame: 'outage' };

      /** Receivers `ops` and `dev` lead to one endpoint, everything else to its own. */
      async function shared(answer: (sent: Sent) => Outcome | Promise<Outcome>) {
        const made = await setup(answer);
        const endpointsOf = (name: string) => (['ops', 'dev'].includes(name) ? ['hook'] : [name]);
        const settings = { ...made.settings, notifiers: [{ ...made.notifier, endpointsOf }] };
        const drain = async () => await made.outbox.drain(settings);
        const later = async (ms: number) => {
          made.runtime.advance(ms);
          return await drain();
        };
        const health = async () => (await made.outbox.endpoints()).find(({ endpoint }) => endpoint === 'hook')?.health;
        return { ...made, settings, drain, later, health };
      }

      it('is left alone by all of them for as long as it asked one', async () => {
        const { send, drain, later, ids } = await shared(({ id, attempt }) =>
          id === 'a' && attempt === 1 ? retry(12 * second) : delivered,
        );
        await send({ id: 'a', destination: 'ops' });
        await drain();
        await send({ id: 'b', destination: 'dev' });
        await send({ id: 'c', destination: 'elsewhere' });
        await later(8 * second);
        expect(ids()).toEqual(['a', 'c']);
        await later(4 * second);
        expect(ids().slice(2).sort()).toEqual(['a', 'b']);
      });

      it('that is gone gets one message at growing intervals; the others are dead letters with the reason', async () => {
        let broken = true;
        const { url, outbox, runtime, send, settings, drain, ids, ended, health } = await shared(() =>
          broken ? gone : delivered,
        );
        await send({ id: 'first' });
        await drain();
        expect(await health()).toBe('disabled');
        expect((await outbox.stats()).endpoints).toMatchObject({ healthy: 0, disabled: 1 });
        await send({ id: 'left-out', destination: 'dev' });
        await drain();
        expect(ended).toEqual(['left-out endpoint_disabled']);
        const waits: number[] = [];
        for (let probe = 0; probe < 12; probe++) {
          const [{ probeAtMs } = {}] = await outbox.endpoints();
          waits.push(probeAtMs! - runtime.now());
          runtime.advance(waits.at(-1)!);
          await send({ id: `probe-${probe}` });
          await send({ id: `beside-${probe}`, destination: 'dev' });
          // Another process has the same truth.
          const other = await openOutbox({ url, runtime });
          await other.drain(settings);
          await other.close();
        }
        expect(
          ids().filter((id) => id.startsWith('probe')).length + ids().filter((id) => id.startsWith('beside')).length,
        ).toBe(12);
        expect(waits[0]).toBeGreaterThanOrEqual(30 * second);
        expect(waits[0]).toBeLessThanOrEqual(60 * second);
        expect(Math.min(...waits.slice(8))).toBeGreaterThanOrEqual(hour / 2);
        expect(Math.max(...waits)).toBeLessThanOrEqual(hour);
        broken = false;
        runtime.advance(hour);
        await send({ id: 'again' });
        await send({ id: 'and-on' });
        expect((await outbox.drain(settings)).endpoints).toMatchObject({ healthy: 1, disabled: 0 });
        expect(ids().slice(-2)).toEqual(['again', 'and-on']);
      });

      it('is asked at once when somebody enables it, or redrives', async () => {
        let broken = true;
        const { outbox, send, drain, ids, health } = await shared(() => (broken ? gone : delivered));
        await send({ id: 'first' });
        await drain();
        broken = false;
        expect(await outbox.enable(['hook', 'nobody'])).toEqual({ endpoints: ['hook'] });
        expect(await health()).toBe('healthy');
        await send({ id: 'second', destination: 'dev' });
        await drain();
        expect(ids()).toEqual(['first', 'second']);
        broken = true;
        await send({ id: 'third' });
        await drain();
        broken = false;
        await outbox.redrive({ destination: 'ops' });
        await drain();
        expect(ids().slice(-2).sort()).toEqual(['first', 'third']);
      });

      it('that is out is left alone, then one attempt of all decides, and the others wait for it', async () => {
        let broken = true;
        const { outbox, sent, send, drain, later, settings, health } = await shared(() =>
          broken ? outage : delivered,
        );
        await send({ id: 'a' });
        for (let failures = 0; failures < 5; failures++) await later(5 * 60 * second);
        expect(await health()).toBe('open');
        const before = sent.length;
        await send({ id: 'b', destination: 'dev' });
        await later(29 * second);
        expect(sent.length).toBe(before);
        await later(1 * second);
        expect(sent.length).toBe(before + 1);
        broken = false;
        await later(30 * second);
        await outbox.drain(settings);
        expect(await health()).toBe('healthy');
        await later(hour);
        expect((await drain()).states).toMatchObject({ delivered: 2, dead: 0 });
      });

      it.each(['message', 'service', 'nobody'] as const)(
        'is not taken for out, whatever fails by fault of the %s',
        async (blame) => {
          const { send, later, outbox } = await shared(() => ({ kind: 'retry', error: error(), blame }));
          for (let index = 0; index < 8; index++)
            await send({ id: `${index}`, destination: index % 2 ? 'ops' : 'dev' });
          for (let round = 0; round < 4; round++) await later(30 * second);
          expect(['healthy', 'degraded']).toContain((await outbox.endpoints())[0]!.health);
        },
      );
    });

    describe('a fallback', () => {
      const fallback = { destinations: ['phone', 'mail'], key: 'alert-1' };
      const retries = { scheduleMs: [second] };

      it.each<[string, Outcome]>([
        ['it is refused', permanent],
        ['its endpoint is gone', gone],
        ['its schedule has ended', retry()],
      ])('gets a message once when %s, and the path is kept', async (_, outcome) => {
        const { outbox, send, settings, runtime, sent } = await setup(({ destination }) =>
          destination === 'phone' ? delivered : outcome,
        );
        await send({ id: 'a', fallback });
        await send({ id: 'b', destination: 'dev', fallback });
        for (let round = 0; round < 4; round++) {
          await outbox.drain({ ...settings, retry: retries });
          runtime.advance(hour);
        }
        expect(sent.filter(({ destination }) => destination === 'phone').map(({ id }) => id)).toEqual([
          'alert-1~phone',
        ]);
        for (const id of ['a', 'b'])
          expect(await outbox.show(id)).toMatchObject({ state: 'dead', fellBackTo: 'alert-1~phone' });
        expect(await outbox.show('alert-1~phone')).toMatchObject({ state: 'delivered', payload: { text: 'hi' } });
      });

      it('gets what a disabled endpoint is not asked for, and passes on what it cannot deliver either', async () => {
        const { send, drain, sent } = await setup(({ destination }) => (destination === 'mail' ? delivered : gone));
        await send({ id: 'first' });
        await drain();
        await send({ id: 'a', fallback });
        await drain();
        expect(sent.map(({ destination }) => destination)).toEqual(['ops', 'phone', 'mail']);
      });

      it.each<[string, Outcome]>([
        ['may have arrived', unknown],
        ['was held back', heldBack],
      ])('gets nothing when the message %s', async (_, outcome) => {
        const { outbox, send, settings, runtime, sent } = await setup(() => outcome);
        await send({ id: 'a', fallback });
        for (let round = 0; round < 3; round++) {
          await outbox.drain({ ...settings, retry: retries });
          runtime.advance(hour);
        }
        expect(await outbox.show('a')).toMatchObject({ state: 'dead' });
        expect(new Set(sent.map(({ destination }) => destination))).toEqual(new Set(['ops']));
      });
    });

    describe('a clock that is set', () => {
      const day = 24 * hour;

      it.each([-day, -365 * day, day, -1_800_000_000_000])(
        'by %i ms: a wait is as long as it was meant',
        async (jumpMs) => {
          const { outbox, runtime, send, drain, later, ids } = await setup(({ id, attempt }) =>
            id === 'held' && attempt === 1 ? retry(12 * second) : delivered,
          );
          await send({ id: 'held' });
          await drain();
          await send({ id: 'waiting', ttlMs: hour });
          await send({ id: 'elsewhere', destination: 'dev' });
          runtime.jump(jumpMs);
          await drain();
          expect(ids()).toContain('elsewhere');
          for (let seconds = 0; seconds < 13; seconds++) await later(second);
          expect((await outbox.stats()).states).toMatchObject({ retry: 0, pending: 0 });
          if (jumpMs < 0) expect(ids().sort()).toEqual(['elsewhere', 'held', 'held', 'waiting']);
        },
      );

      it('back: windows count what was sent later than now as sent now, and once', async () => {
        const { runtime, send, settings, outbox, ids } = await setup();
        const limits = () => [{ scope: 'all', windows: [{ limit: 2, windowMs: 10 * second }] }];
        for (let index = 0; index < 4; index++) await send({ id: `${index}` });
        await outbox.drain({ ...settings, limits });
        runtime.jump(-day);
        await outbox.drain({ ...settings, limits });
        expect(ids()).toHaveLength(2);
        for (let seconds = 0; seconds < 12; seconds++) {
          runtime.advance(second);
          await outbox.drain({ ...settings, limits });
        }
        expect(ids()).toHaveLength(4);
      });

      it('back: a time to live is no longer, a disabled endpoint is asked in time, a lease is taken over', async () => {
        const { url, outbox, runtime, send, settings, later } = await setup(({ id, attempt }) =>
          id === 'frozen' && attempt === 1 ? new Promise<Outcome>(() => {}) : id === 'gone' ? gone : retry(),
        );
        const frozen = await openOutbox({ url, runtime: new VirtualClock({ seed: 1, startMs: runtime.now() }) });
        opened.push(frozen);
        await send({ id: 'frozen', destination: 'slow' });
        void frozen.drain(settings);
        await expect.poll(async () => (await outbox.show('frozen')).state).toBe('leased');
        await send({ id: 'gone', destination: 'hook' });
        await send({ id: 'short', ttlMs: 60 * second });
        await later(0);
        runtime.jump(-day);
        await later(0);
        await later(61 * second);
        await later(61 * second);
        expect((await outbox.show('short')).state).toBe('expired');
        expect((await outbox.show('frozen')).state).toBe('retry');
        const out = (await outbox.endpoints()).find(({ health }) => health === 'disabled');
        expect(out!.probeAtMs).toBeLessThanOrEqual(runtime.now());
      });
    });

    it('never passes a window, with two workers on one endpoint group', async () => {
      const { url, outbox, runtime, sent, send, settings } = await setup();
      const other = await openOutbox({ url, runtime });
      opened.push(other);
      for (let index = 0; index < 40; index++) await send({ destination: `ops-${index % 4}` });
      const lane: LimitScope['windows'] = [
        { limit: 2, windowMs: second },
        { limit: 5, windowMs: 10 * second },
      ];
      const tenant: LimitScope['windows'] = [{ limit: 4, windowMs: second }];
      const limits = ({ destination }: { destination: string }) => [
        { scope: destination, windows: lane },
        { scope: 'tenant', windows: tenant },
      ];
      const stop = new AbortController();
      const working = [outbox, other].map((one) => one.work({ ...settings, limits, signal: stop.signal }));
      while (sent.length < 40) {
        await delay(1);
        runtime.advance(25);
      }
      stop.abort();
      await Promise.all(working);
      const most = (times: readonly number[], windowMs: number) =>
        Math.max(...times.map((end) => times.filter((at) => at > end - windowMs && at <= end).length));
      const stories = await Promise.all(sent.map(({ id }) => outbox.show(id)));
      const timesOf = (name?: string) =>
        stories
          .filter(({ destination }) => !name || destination === name)
          .flatMap(({ history }) => history.map(({ startedAtMs }) => startedAtMs));
      expect(most(timesOf(), second)).toBe(4);
      for (const name of ['ops-0', 'ops-1', 'ops-2', 'ops-3']) {
        expect(most(timesOf(name), second)).toBeLessThanOrEqual(2);
        expect(most(timesOf(name), 10 * second)).toBe(5);
      }
    });

    it('lets one hanging endpoint of 100 slow nobody, and ends its attempt', async () => {
      const { outbox, runtime, sent, send, settings } = await setup(({ destination }) =>
        destination === 'ops-0' ? new Promise<Outcome>(() => {}) : delivered,
      );
      for (let index = 0; index < 300; index++) await send({ destination: `ops-${index % 100}` });
      const done = outbox.drain({ ...settings, concurrency: 8 });
      const states = async () => (await outbox.stats()).states;
      await expect.poll(states, { timeout: 30_000 }).toMatchObject({ delivered: 297, leased: 1, pending: 2 });
      expect(sent.filter(({ destination }) => destination === 'ops-0')).toHaveLength(1);
      runtime.advance(30 * second);
      await done;
      expect(await states()).toMatchObject({ delivered: 297, unknown: 1 });
    });

    it('keeps slots free of endpoints that failed before', async () => {
      const attempts = new Map<string, number>();
      const { outbox, runtime, send, settings, later } = await setup(({ destination }) => {
        if (!destination.startsWith('dead')) return delivered;
        attempts.set(destination, (attempts.get(destination) ?? 0) + 1);
        return attempts.get(destination) === 1 ? retry() : new Promise<Outcome>(() => {});
      });
      for (let index = 0; index < 10; index++) await send({ destination: `dead-${index}` });
      await later(0);
      runtime.advance(second);
      for (let index = 0; index < 10; index++) await send({ destination: `alive-${index}` });
      const stop = new AbortController();
      const done = outbox.work({ ...settings, concurrency: 4, signal: stop.signal });
      await expect
        .poll(async () => (await outbox.stats()).states, { timeout: 10_000 })
        .toMatchObject({ delivered: 10, leased: 1 });
      stop.abort();
      runtime.advance(30 * second);
      await done;
    });

    it('finishes and writes the attempts in flight when it is told to stop', async () => {
      let finish = (_: Outcome) => {};
      const { outbox, send, settings, ids } = await setup(
        () =>
          new Promise<Outcome>((resolve) => {
            finish = resolve;
          }),
      );
      const { id } = await send();
      await send();
      const stop = new AbortController();
      const work = outbox.work({ ...settings, signal: stop.signal });
      await expect.poll(ids).toEqual([id]);
      stop.abort();
      finish(delivered);
      await work;
      expect((await outbox.stats()).states).toMatchObject({ delivered: 1, pending: 1 });
    });

    it('survives notifiers that throw anything or answer nonsense, and stores no text of theirs', async () => {
      const nonsense = [
        () => {
          throw new TypeError(secret);
        },
        () => Promise.reject(secret),
        () => ({ kind: 'delivered' }) as Outcome,
        () => retry(Number.NaN),
        () => unknown,
      ];
      const { outbox, send, drain } = await setup(({ destination }) => nonsense[Number(destination)]!());
      for (const [index] of nonsense.entries()) await send({ destination: `${index}` });
      expect((await drain()).states).toMatchObject({ unknown: 4, retry: 1 });
      const messages = await outbox.list();
      const codes = messages.map(({ errorCode }) => errorCode);
      expect(codes.reverse()).toEqual([
        'notifier_threw',
        'notifier_threw',
        'notifier_answer_invalid',
        'throttled',
        'delivery_unknown',
      ]);
      const details = await Promise.all(messages.map(({ id }) => outbox.show(id)));
      expect(JSON.stringify(details)).not.toContain('canary');
    });

    it('refuses bad messages with the field, and stores none of their batch', async () => {
      const { outbox, send } = await setup();
      const bad: [Partial<NewMessage>, string][] = [
        [{ destination: '' }, 'message.destination'],
        [{ destination: `https://host/?${secret}` }, 'message.destination'],
        [{ lane: 'a\u0000b' }, 'message.lane'],
        [{ id: 'x'.repeat(201) }, 'message.id'],
        [{ ttlMs: -1 }, 'message.ttlMs'],
        [{ payload: { a: [1, Number.NaN] } }, 'message.payload.a[1]'],
        [{ payload: 'x'.repeat(300_000) }, 'message.payload'],
      ];
      for (const [message, field] of bad) {
        await expect(send(message)).rejects.toMatchObject({ recovery: 'user_action', details: { field } });
        await expect(send(message)).rejects.not.toThrow('canary');
      }
      const batch = [{}, { ttlMs: 0 }].map((extra) => ({ notifier: 'n', destination: 'd', payload: 1, ...extra }));
      await expect(outbox.enqueueMany(batch)).rejects.toMatchObject({ code: 'invalid_message' });
      expect(await outbox.list()).toEqual([]);
    });

    it('forgets finished messages after the retention time, and only those', async () => {
      const { outbox, send, later, settings, runtime } = await setup(({ id }) =>
        id === 'open' ? retry(1_000 * hour) : delivered,
      );
      await send({ id: 'old' });
      await send({ id: 'open', destination: 'dev' });
      await later(0);
      runtime.advance(48 * hour);
      await outbox.drain({ ...settings, retentionMs: 24 * hour });
      expect((await outbox.list()).map(({ id }) => id)).toEqual(['open']);
    });
  });
}
