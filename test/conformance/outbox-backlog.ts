import fc from 'fast-check';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/errors/sluice-error.ts';
import type { Notifier, Outcome } from '../../src/messages/types.ts';
import { connect } from '../../src/outbox/database.ts';
import { BACKLOG_AFTER_MS, OLDEST_EVERY } from '../../src/outbox/head.ts';
import { migrate } from '../../src/outbox/migrations.ts';
import { type Outbox, openOutbox } from '../../src/outbox/outbox.ts';
import type { NewMessage } from '../../src/outbox/types.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { workedOutbox } from '../support/worked-outbox.ts';

const second = 1_000;
const hour = 3_600_000;
const failed = new SluiceError({ code: 'failed', recovery: 'retry', surface: 'webhook', message: 'It failed.' });
const outage: Outcome = { kind: 'retry', error: failed, blame: 'outage' };
const ownFault: Outcome = { kind: 'retry', error: failed, blame: 'service' };
const delivered: Outcome = { kind: 'delivered', id: '1' };

/** The order in which a lane is worked off, in virtual time. @param runs - of the property */
export function backlogConformance(backend: string, fresh: () => Promise<string>, runs: number): void {
  describe(`a backlog on ${backend}`, () => {
    const opened: Outbox[] = [];
    const closeAll = async () => {
      for (const outbox of opened.splice(0)) await outbox.close();
    };
    afterEach(closeAll);

    async function setUp(answer: (id: string) => Outcome = () => delivered) {
      const url = await fresh();
      const posted: string[] = [];
      let isDown = false;
      const { outbox, sent, ...worked } = await workedOutbox({
        url,
        endpointsOf: () => ['hook'],
        answer: ({ id }) => {
          const outcome = isDown ? outage : answer(id);
          if (outcome.kind === 'delivered') posted.push(id);
          return outcome;
        },
      });
      opened.push(outbox);
      return {
        ...{ ...worked, url, outbox, posted },
        asked: sent,
        /** A message whose series is the letter its id begins with. */
        send: async (id: string, message: Partial<NewMessage> = {}) =>
          await outbox.enqueue({
            ...{ id, notifier: 'webhook', destination: 'ops', payload: {}, series: id.slice(0, 1) },
            ...message,
          }),
        down: (value: boolean) => {
          isDown = value;
        },
      };
    }

    it('is sent with the newest series first, each series in its order, and the oldest every few messages', async () => {
      const { send, drain, later, down, posted, asked } = await setUp();
      down(true);
      for (const id of ['a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1', 'a2']) await send(id);
      for (let tries = 0; tries < 6; tries++) await later(2 * hour);
      asked.length = 0;
      await send('i1');
      down(false);
      await drain();
      await later(30 * second);
      expect(asked[0]?.id, 'the first attempt after the outage').toBe('i1');
      expect(posted.slice(0, 3), 'the newest is the second message of a').toEqual(expect.arrayContaining(['a1', 'a2']));
      expect([...posted].sort()).toEqual(['a1', 'a2', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1', 'i1']);
      expect(posted.indexOf('b1'), 'the oldest does not wait for the newest').toBeLessThan(posted.length - 1);
      const newest = posted.filter((id) => !['a1', 'a2', 'b1', 'c1'].includes(id));
      expect(newest).toEqual([...newest].sort().reverse());
    });

    it('is not what a burst is: it goes out in the order in which it came', async () => {
      const { send, later, drain, posted } = await setUp();
      const ids = ['a1', 'b1', 'a2', 'c1'];
      for (const id of ids) await send(id);
      await drain();
      for (const id of ['d1', 'e1']) await send(id);
      await later(BACKLOG_AFTER_MS - 1);
      expect(posted).toEqual([...ids, 'd1', 'e1']);
    });

    it('keeps the order of what has no series', async () => {
      const { send, later, down, posted } = await setUp();
      const ids = ['1', '2', '3', '4', '5', '6'];
      down(true);
      for (const id of ids) await send(id, { series: undefined });
      for (let tries = 0; tries < 6; tries++) await later(hour);
      down(false);
      await later(10 * hour);
      expect(posted).toEqual(ids);
    });

    it('tears no message apart: what comes between its parts waits', async () => {
      const { send, later, drain, outbox, runtime, settings, posted } = await setUp();
      for (const id of ['a1', 'a2', 'a3']) await send(id, { continues: id !== 'a1' });
      await send('b1');
      runtime.advance(hour);
      const window = { limit: 1, windowMs: second };
      const paced = { ...settings, limits: () => [{ scope: 'hook', windows: [window] }] };
      await outbox.drain(paced);
      expect(posted).toEqual(['b1']);
      runtime.advance(second);
      await outbox.drain(paced);
      expect(posted).toEqual(['b1', 'a1']);
      await send('c1');
      await drain();
      await later(second);
      expect(posted).toEqual(['b1', 'a1', 'a2', 'a3', 'c1']);
    });

    it('is not held up by one message that fails alone, and that one is tried again', async () => {
      const { send, later, posted, outbox } = await setUp((id) => (id === 'a1' ? ownFault : delivered));
      await send('a1');
      await send('a2');
      for (const waitMs of [0, second, 5 * second, 30 * second]) await later(waitMs);
      expect(posted).toEqual([]);
      await send('b1');
      await later(0);
      expect(posted, 'its own series waits for it').toEqual(['b1']);
      expect(await outbox.show('a1')).toMatchObject({ state: 'retry' });
    });

    it('costs nothing but the newest message an attempt while the endpoint is out', async () => {
      const { send, later, down, outbox, asked } = await setUp();
      down(true);
      for (const id of ['a1', 'b1', 'c1', 'd1']) await send(id);
      for (let tries = 0; tries < 3; tries++) await later(hour);
      asked.length = 0;
      for (let tries = 0; tries < 8; tries++) await later(hour);
      expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
      expect((await outbox.stats()).states.dead).toBeLessThanOrEqual(1);
    });

    it('goes on at once when the endpoint works again, also what would be tried hours later', async () => {
      const { send, later, drain, down, posted, outbox } = await setUp();
      down(true);
      await send('a1');
      for (const waitMs of [0, second, 5 * second, 30 * second, 300 * second, 1_800 * second, 2 * hour])
        await later(waitMs);
      const { nextAttemptAtMs } = await outbox.show('a1');
      down(false);
      await send('b1', { destination: 'dev' });
      await later(30 * second);
      await drain();
      expect(posted).toEqual(['b1', 'a1']);
      const { finishedAtMs } = await outbox.show('a1');
      expect(finishedAtMs).toBeLessThan(nextAttemptAtMs);
    });

    it('is asked for at once where somebody enables the endpoint', async () => {
      const { send, later, drain, down, posted, outbox } = await setUp();
      down(true);
      await send('a1');
      for (const waitMs of [0, second, 5 * second, 30 * second, 300 * second, 1_800 * second, 2 * hour])
        await later(waitMs);
      down(false);
      await outbox.enable(['hook']);
      await drain();
      expect(posted).toEqual(['a1']);
    });

    it('goes elsewhere in its series', async () => {
      const { send, drain, posted } = await setUp((id) =>
        id.includes('~') ? delivered : { kind: 'permanent', error: failed },
      );
      const to = (key: string) => ({ fallback: { destinations: ['phone'], key } });
      for (const id of ['a1', 'b1', 'a2']) await send(id, to(id));
      await drain();
      expect(posted).toEqual(['a1~phone', 'b1~phone', 'a2~phone']);
    });

    it('takes over the tables of version 3, with what waits in them and in its order', async () => {
      const url = await fresh();
      const { db, dialect } = connect(url);
      await migrate(db, dialect, 3);
      const runtime = new VirtualClock({ seed: 7 });
      const nowMs = runtime.now();
      await sql`insert into outbox_lanes (lane, notifier, ready_at, wait_ms, fence)
        values ('webhook/ops', 'webhook', ${nowMs}, 0, 3)`.execute(db);
      for (const id of ['1', '2', '3'])
        await sql`insert into outbox_messages
          (id, notifier, destination, lane, payload, state, enqueued_at, next_attempt_at)
          values (${id}, 'webhook', 'ops', 'webhook/ops', '{}', 'pending', ${nowMs - hour}, ${nowMs - hour})`.execute(
          db,
        );
      await db.destroy();
      const upgraded = await openOutbox({ url, runtime });
      opened.push(upgraded);
      const ids: string[] = [];
      const notify: Notifier['notify'] = async ({ id }) => {
        ids.push(id);
        return delivered;
      };
      await upgraded.enqueue({ id: 'new', notifier: 'webhook', destination: 'ops', payload: {}, series: 'n' });
      await upgraded.drain({ notifiers: [{ name: 'webhook', notify }], waitMs: 0 });
      expect(ids).toContain('new');
      expect(ids.filter((id) => id !== 'new')).toEqual(['1', '2', '3']);
    });

    const step = fc.oneof(
      fc.record({
        kind: fc.constant('send' as const),
        series: fc.constantFrom('a', 'b', 'c', 'd'),
        parts: fc.integer({ min: 1, max: 3 }),
      }),
      fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(0, second, 10 * second, 40 * second, hour) }),
      fc.record({ kind: fc.constant('down' as const), down: fc.boolean() }),
      fc.record({ kind: fc.constant('restart' as const) }),
    );

    it('whatever comes and goes: nothing is lost, said twice or starved, and no series is out of order', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
          // A server has only so many connections: those of the run before are given back.
          await closeAll();
          const { url, runtime, outbox, settings, down, posted, drain, later } = await setUp();
          let working = outbox;
          const sent: string[] = [];
          for (const [index, one] of steps.entries()) {
            if (one.kind === 'send') {
              const ids = Array.from({ length: one.parts }, (_, part) => `${one.series}${index}.${part}`);
              sent.push(...ids);
              await working.enqueueMany(
                ids.map((id, part) => ({
                  ...{ id, notifier: 'webhook', destination: 'ops', payload: {} },
                  ...{ series: one.series, continues: part > 0 },
                })),
              );
            }
            if (one.kind === 'down') down(one.down);
            if (one.kind === 'restart') {
              if (working !== outbox) await opened.pop()!.close();
              working = await openOutbox({ url, runtime });
              opened.push(working);
            }
            if (one.kind === 'pass') runtime.advance(one.ms);
            await working.drain(settings);
          }
          down(false);
          const waiting = (await outbox.list({ states: ['pending', 'retry', 'unknown'] })).map(({ id }) => id);
          const before = posted.length;
          await later(11 * hour);
          await drain();
          expect([...posted].sort()).toEqual([...sent].sort());
          for (const series of ['a', 'b', 'c', 'd']) {
            const of = (ids: readonly string[]) => ids.filter((id) => id.startsWith(series));
            expect(of(posted)).toEqual(of(sent));
          }
          const oldest = waiting.at(-1);
          if (oldest === undefined) return;
          const bypassed = posted.indexOf(oldest) - before;
          // Parts of one message stay together, so that one turn may take three.
          expect(bypassed).toBeLessThanOrEqual(3 * OLDEST_EVERY);
        }),
        { numRuns: runs },
      );
    });
  });
}
