import { isSluiceError, type SluiceError } from '../errors/sluice-error.ts';
import type { Outcome } from '../messages/types.ts';
import { askedWait, costOf } from './endpoint.ts';
import { type RetryPolicy, retryDelay } from './retry-policy.ts';
import type { MessageRow } from './schema.ts';

type MessageChange = Partial<Omit<MessageRow, 'seq'>> & Pick<MessageRow, 'state'>;

interface Situation {
  outcome: Outcome;
  tries: number;
  expiresAtMs: number | null;
  /** A newer message with the same coalescing key waits. */
  newerWaits: boolean;
  /** Retry tokens of the endpoint. */
  budget: number;
  policy: RetryPolicy;
  nowMs: number;
  random: () => number;
}

const maxErrorLength = 500;

/** What is stored of an error: code and sentence. URLs are masked even here, because they may be signed. */
export function storedError(error: SluiceError | undefined): {
  error_code: string | null;
  error_message: string | null;
} {
  if (!isSluiceError(error)) return { error_code: null, error_message: null };
  const text = error.message.replace(/\w+:\/\/\S+/g, '[url]').slice(0, maxErrorLength);
  return { error_code: error.code, error_message: text };
}

function whatNext(situation: Situation, outcome: { kind: 'retry' | 'unknown' }, delayMs: number | undefined) {
  const { nowMs, expiresAtMs } = situation;
  if (situation.newerWaits) return { state: 'superseded', finished_at: nowMs } as const;
  if (delayMs === undefined) return { state: 'dead', dead_reason: 'attempts_exhausted', finished_at: nowMs } as const;
  const nextAttemptAt = nowMs + delayMs;
  if (expiresAtMs !== null && nextAttemptAt >= expiresAtMs) return { state: 'expired', finished_at: nowMs } as const;
  return { state: outcome.kind, next_attempt_at: nextAttemptAt, wait_ms: delayMs } as const;
}

/** What an attempt's outcome makes of the message. With {@link afterAttempt} the whole retry policy, without a database. */
export function decide(situation: Situation): MessageChange {
  const { outcome, nowMs, policy, tries, random, budget } = situation;
  if (outcome.kind === 'delivered' || outcome.kind === 'accepted') {
    const receipt = outcome.kind === 'delivered' ? outcome.id : null;
    return { state: outcome.kind, finished_at: nowMs, receipt };
  }
  const error = storedError(outcome.error);
  if (outcome.kind === 'permanent') return { state: 'dead', dead_reason: 'permanent', finished_at: nowMs, ...error };
  const afterMs = askedWait(outcome);
  const delayMs = retryDelay({ policy, tries, afterMs, budgetLeft: budget >= costOf(outcome), random });
  return { ...whatNext(situation, outcome, delayMs), ...error };
}
