import { setMaxListeners } from 'node:events';
import { foreignErrorText } from '../errors/foreign-error.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Activity } from './activities/read-activity.ts';
import type { Chain, Turn } from './chain.ts';
import type { Connector } from './connector/request.ts';
import { createSpeech } from './connector/speech.ts';
import { createContext } from './context.ts';
import { conversationHash } from './conversation-hash.ts';
import type { botCodes } from './errors.ts';
import { type InvokeAnswer, invokeAnswer, invokes, isInvokeName, NAMELESS, notImplemented } from './invokes/invokes.ts';
import type { TurnRecord, TurnResult } from './turns.ts';

export interface TurnOptions {
  readonly chain: Chain;
  readonly connector: Connector;
  readonly appId: string;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  /** What a person reads when a handler failed. */
  readonly failureText: string;
  /** Of those that nobody waits for: it is never aborted. */
  readonly never: AbortSignal;
  readonly record?: TurnRecord | undefined;
}

/** How a turn ended, for the counters. */
type Outcome = 'handled' | 'unhandled' | 'failed' | 'slow' | 'unknown';
type FailureCode = keyof typeof botCodes;

/** The longest that Teams waits. https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/action-commands/respond-to-task-module-submit */
const INVOKE_PATIENCE_MS = 5_000;
/** Kept for the way back. */
const INVOKE_RESERVE_MS = 500;

/** Lets the handlers work on an activity, and gives the answer of HTTP. */
export async function takeTurn(activity: Activity, tenantId: string, options: TurnOptions): Promise<TurnResult> {
  const { telemetry } = options;
  return telemetry.span('teams.bot.turn', { type: activity.type }, async (annotate) => {
    const { answer, outcome } =
      activity.type === 'invoke' ? await invoked(activity, tenantId, options) : await told(activity, tenantId, options);
    annotate({ outcome });
    telemetry.count('teams.bot.activities', 1, { type: activity.type, outcome });
    return { answer, mayBeRepeated: outcome === 'failed' && activity.type !== 'invoke' };
  });
}

interface Ended {
  readonly answer: InvokeAnswer;
  readonly outcome: Outcome;
}

async function told(activity: Activity, tenantId: string, options: TurnOptions): Promise<Ended> {
  const { never: signal } = options;
  const turn: Turn = {
    activity,
    context: createContext(activity, {
      tenantId,
      signal,
      speech: createSpeech(activity, { ...options, tenantId, signal }),
    }),
    results: [],
  };
  try {
    await options.chain.run(turn);
    return { answer: { status: 200 }, outcome: turn.results.length > 0 ? 'handled' : 'unhandled' };
  } catch (error) {
    tell('handler_failed', activity, options, error);
    return { answer: { status: 500 }, outcome: 'failed' };
  }
}

async function invoked(
  activity: Extract<Activity, { type: 'invoke' }>,
  tenantId: string,
  options: TurnOptions,
): Promise<Ended> {
  const name = activity.name ?? NAMELESS;
  if (!isInvokeName(name)) return { answer: notImplemented, outcome: 'unknown' };
  const { value } = activity;
  const failed = (code: FailureCode, outcome: 'failed' | 'slow', error?: unknown): Ended => {
    tell(code, activity, options, error);
    return { answer: invokes[name].failed({ text: options.failureText, value }), outcome };
  };
  const patience = new AbortController();
  manyListening(patience.signal);
  const waited = new AbortController();
  const { signal } = patience;
  const speech = createSpeech(activity, { ...options, tenantId, signal });
  const turn: Turn = { activity, context: createContext(activity, { tenantId, signal, speech }), results: [] };
  const slow = options.runtime.sleep(INVOKE_PATIENCE_MS - INVOKE_RESERVE_MS, waited.signal).then(
    () => 'slow' as const,
    () => 'over' as const,
  );
  try {
    const work = options.chain.run(turn);
    // Whoever is too late is not listened to; what it throws then is nobody's.
    work.catch(() => {});
    if ((await Promise.race([work, slow])) === 'slow') {
      patience.abort();
      return failed('handler_slow', 'slow');
    }
  } catch (error) {
    return failed('handler_failed', 'failed', error);
  } finally {
    waited.abort();
  }
  if (turn.results.length === 0) return { answer: notImplemented, outcome: 'unhandled' };
  const answer = invokeAnswer(
    name,
    turn.results.findLast((result) => result !== undefined),
    value,
  );
  return answer ? { answer, outcome: 'handled' } : failed('invoke_answer_invalid', 'failed');
}

/** Handlers may ask for many things at once. */
export function manyListening(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}

/** Where it failed, never the words of what was thrown: they may quote a message. */
function tell(code: FailureCode, activity: Activity, { telemetry, appId }: TurnOptions, error?: unknown): void {
  const place = isSluiceError(error) ? error.code : foreignErrorText(error);
  telemetry.log('bot.failed', {
    code,
    type: activity.type,
    name:
      activity.type === 'invoke' && isInvokeName(activity.name ?? NAMELESS) ? (activity.name ?? NAMELESS) : undefined,
    conversation: conversationHash(appId, activity.conversation.id),
    place: error === undefined ? undefined : place,
  });
}
