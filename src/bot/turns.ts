import type { Envelope } from './activities/envelope.ts';
import type { Activity } from './activities/read-activity.ts';
import type { InvokeAnswer } from './invokes/invokes.ts';
import { createRecentTurns } from './recent-turns.ts';
import { tenantsOf } from './verification/verify.ts';

/** What a turn came to. */
export interface TurnResult {
  readonly answer: InvokeAnswer;
  /** A handler threw, and nobody waits for the answer: it may be made again. */
  readonly mayBeRepeated: boolean;
}

/** Remembers what a turn has sent. Undefined: this turn is not made again. */
export interface TurnRecord {
  /** What this turn sent as its n-th message already; else it is noted that it will be sent. */
  begin(ordinal: number): Promise<{ readonly id: string | undefined } | undefined>;
  done(ordinal: number, id: string | undefined): Promise<void>;
  undone(ordinal: number): Promise<void>;
}

/** Makes the turn of an activity. */
export type Work = (activity: Activity, tenantId: string, record?: TurnRecord) => Promise<TurnResult>;

/** Each activity once, whatever comes again. */
export interface Turns {
  /** @param activity - undefined: of no published type */
  take(
    given: Envelope,
    activity: Activity | undefined,
  ): Promise<{ readonly answer: InvokeAnswer; readonly repeated: boolean }>;
  /** Goes on with what an earlier process has left, until the signal is aborted; then what is under way is finished. */
  work(signal: AbortSignal): Promise<void>;
}

/** Turns whose repeats are known. */
const REMEMBERED_TURNS = 2_000;

/** Turns of this process alone: an activity is answered when its handlers are done. */
export function memoryTurns(work: Work): Turns {
  const turns = createRecentTurns<InvokeAnswer>(REMEMBERED_TURNS);
  return {
    take: async (given, activity) => {
      if (!activity) return { answer: { status: 200 }, repeated: false };
      const key = turnIdentity(given);
      const make = async () => (await work(activity, tenantOf(given))).answer;
      if (key === undefined) return { answer: await make(), repeated: false };
      const { answer, repeated } = turns.once(key, make, ({ status }) => status !== 500);
      return { answer: await answer, repeated };
    },
    work: async (signal) => {
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  };
}

export const tenantOf = (given: Envelope): string => tenantsOf(given)[0]!;

/** Types of which each activity has an id of its own; the others share it with what they are about. */
const OWN_ID: readonly string[] = ['message', 'invoke'];

/** What is the same in a repeat, and in nothing else. */
export function turnIdentity(given: Envelope): string | undefined {
  const { id, type, conversation, timestamp } = given;
  if (!id) return undefined;
  return JSON.stringify([tenantsOf(given)[0], conversation.id, type, id, OWN_ID.includes(type) ? '' : timestamp]);
}
