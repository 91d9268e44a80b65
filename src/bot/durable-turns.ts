import { isSluiceError } from '../errors/sluice-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Envelope } from './activities/envelope.ts';
import { type Activity, readActivity, readEnvelope } from './activities/read-activity.ts';
import type { InvokeAnswer } from './invokes/invokes.ts';
import type { BotStore } from './store/bot-store.ts';
import type { Lease, TurnEnd } from './store/inbox.ts';
import { type TurnRecord, type Turns, tenantOf, turnIdentity, type Work } from './turns.ts';

export interface DurableTurnsOptions {
  readonly store: BotStore;
  readonly appId: string;
  readonly work: Work;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
}

/** How long after a handler threw its activity is worked on again; then it is given up. */
const AGAIN_AFTER_MS = [1_000, 30_000] as const;
const POLL_MS = 500;
const LEFT_AT_ONCE = 20;
/** Sign of life while handlers work: in a third of the time that others wait. */
const RENEWALS = 3;
const HOUR_MS = 3_600_000;
/** Repeats come within minutes; a bot that was out for a weekend still knows what it answered. */
const REMEMBERED_MS = 3 * 24 * HOUR_MS;
/** How long a repeat of an invoke waits for the answer that another process is about to give. */
const BUSY_PATIENCE_MS = 4_000;
const BUSY_POLL_MS = 100;
/** At the end, what is under way may go on for so long. */
const FINISH_MS = 10_000;
const OK: InvokeAnswer = { status: 200 };

/**
 * Turns that survive the process: an activity is stored with what it says of its conversation, then answered, then
 * worked on; one that somebody waits for is answered when its handler has. What a killed process had begun, another one
 * or its successor does again, without sending again what is known to be sent.
 */
export function durableTurns({ store, appId, work, runtime, telemetry }: DurableTurnsOptions): Turns {
  const { inbox } = store;
  const underWay = new Map<string, Promise<InvokeAnswer>>();

  const finish = async (lease: Lease, end: TurnEnd): Promise<void> => {
    await inbox.end(lease, end).catch((error: unknown) => telemetry.log('bot.store_failed', { code: codeOf(error) }));
  };

  const make = async (lease: Lease, activity: Activity, tenantId: string): Promise<InvokeAnswer> => {
    const over = new AbortController();
    void keepLease(lease, over.signal);
    try {
      const { answer, mayBeRepeated } = await work(activity, tenantId, recordOf(lease));
      const afterMs = mayBeRepeated ? AGAIN_AFTER_MS[lease.failures] : undefined;
      if (afterMs !== undefined) await finish(lease, { kind: 'again', afterMs });
      else await finish(lease, { kind: mayBeRepeated ? 'failed' : 'over', answer });
      return answer;
    } finally {
      over.abort();
    }
  };

  const start = (lease: Lease, activity: Activity, tenantId: string): Promise<InvokeAnswer> => {
    const made = make(lease, activity, tenantId).finally(() => underWay.delete(lease.key));
    underWay.set(lease.key, made);
    // Whoever needs the answer waits for it; nobody else is told.
    made.catch(() => {});
    return made;
  };

  const keepLease = async (lease: Lease, signal: AbortSignal): Promise<void> => {
    for (;;) {
      await runtime.sleep(inbox.leaseMs / RENEWALS, signal).catch(() => {});
      if (signal.aborted) return;
      if (!(await inbox.renew(lease).catch(() => true))) return;
    }
  };

  const recordOf = (lease: Lease): TurnRecord => ({
    begin: (ordinal) => inbox.sent.begin(lease, ordinal),
    done: (ordinal, id) => inbox.sent.done(lease, ordinal, id),
    undone: (ordinal) => inbox.sent.undone(lease, ordinal),
  });

  const elsewhere = async (identity: string | undefined): Promise<InvokeAnswer> => {
    const endAt = runtime.monotonic() + BUSY_PATIENCE_MS;
    while (runtime.monotonic() < endAt) {
      const answer = await inbox.answerOf({ appId, identity });
      if (answer) return answer;
      await runtime.sleep(BUSY_POLL_MS);
    }
    return { status: 500 };
  };

  const goOn = async (): Promise<void> => {
    for (const { lease, body } of await inbox.leftover(LEFT_AT_ONCE, [...underWay.keys()])) {
      const read = body === undefined ? undefined : readStored(body);
      if (read) {
        telemetry.count('teams.bot.activities', 1, { type: read.activity.type, outcome: 'resumed' });
        void start(lease, read.activity, tenantOf(read.given));
      } else await finish(lease, { kind: 'failed', answer: { status: 500 } });
    }
  };

  return {
    take: async (given, activity) => {
      const tenantId = tenantOf(given);
      if (!activity) {
        await inbox.note(given, { appId, tenantId });
        return { answer: OK, repeated: false };
      }
      const identity = turnIdentity(given);
      const isInvoke = activity.type === 'invoke';
      const taken = await inbox.take(given, { appId, tenantId, identity, isInvoke });
      const repeated = taken.kind !== 'leased' || taken.lease.tries > 1;
      const begun = taken.kind === 'leased' ? start(taken.lease, activity, tenantId) : undefined;
      if (!isInvoke) return { answer: OK, repeated };
      if (taken.kind === 'over') return { answer: taken.answer, repeated };
      return { answer: await (begun ?? elsewhere(identity)), repeated };
    },

    work: async (signal) => {
      let prunedAt = Number.NEGATIVE_INFINITY;
      while (!signal.aborted) {
        try {
          await goOn();
          if (runtime.monotonic() - prunedAt > HOUR_MS) {
            await inbox.prune(runtime.now() - REMEMBERED_MS);
            await store.counts.prune(runtime.now() - REMEMBERED_MS);
            prunedAt = runtime.monotonic();
          }
        } catch (error) {
          telemetry.log('bot.store_failed', { code: codeOf(error) });
        }
        await runtime.sleep(POLL_MS, signal).catch(() => {});
      }
      const late = new AbortController();
      const patience = runtime.sleep(FINISH_MS, late.signal).catch(() => {});
      await Promise.race([Promise.allSettled([...underWay.values()]), patience]);
      late.abort();
    },
  };
}

/** What stands in a store was judged when it came. Undefined: it is damaged. */
function readStored(body: string): { readonly given: Envelope; readonly activity: Activity } | undefined {
  try {
    const given = readEnvelope(new TextEncoder().encode(body));
    const activity = readActivity(given);
    return activity && { given, activity };
  } catch {
    return undefined;
  }
}

const codeOf = (error: unknown): string => (isSluiceError(error) ? error.code : 'unexpected');
