import { boundedWait } from '../errors/retry-after.ts';
import { isSluiceError, type SluiceError } from '../errors/sluice-error.ts';
import type { Outcome } from '../notifiers/types.ts';
import { type RetryPolicy, retryBudget, retryDelay } from './retry-policy.ts';
import type { LaneRow, MessageRow } from './schema.ts';

type MessageChange = Partial<Omit<MessageRow, 'seq'>> & Pick<MessageRow, 'state'>;

/** The parts of a lane that an outcome changes. */
export type LaneHealth = Pick<LaneRow, 'failures' | 'failing_since' | 'disabled_at' | 'retry_budget' | 'hold_until'>;

export interface Decision {
  message: MessageChange;
  lane: LaneHealth;
}

interface Situation {
  outcome: Outcome;
  tries: number;
  expiresAtMs: number | null;
  /** A newer message with the same coalescing key waits. */
  newerWaits: boolean;
  lane: LaneHealth;
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

function afterSuccess(lane: LaneHealth): LaneHealth {
  const budget = Math.min(retryBudget.capacity, lane.retry_budget + retryBudget.successRefund);
  return { ...lane, failures: 0, failing_since: null, disabled_at: null, retry_budget: budget };
}

/** After an attempt that may be repeated. */
function afterFailure(situation: Situation, afterMs: number | undefined, cost: number): LaneHealth {
  const { lane, nowMs, policy } = situation;
  const failingSince = lane.failing_since === null ? nowMs : Number(lane.failing_since);
  const disabled = nowMs - failingSince >= policy.disableAfterMs;
  return {
    failures: lane.failures + 1,
    failing_since: failingSince,
    disabled_at: disabled ? nowMs : null,
    retry_budget: lane.retry_budget >= cost ? lane.retry_budget - cost : lane.retry_budget,
    hold_until: Math.max(Number(lane.hold_until), nowMs + (afterMs ?? 0)),
  };
}

function whatNext(situation: Situation, outcome: { kind: 'retry' | 'unknown' }, delayMs: number | undefined) {
  const { nowMs, expiresAtMs } = situation;
  if (situation.newerWaits) return { state: 'superseded', finished_at: nowMs } as const;
  if (delayMs === undefined) return { state: 'dead', dead_reason: 'attempts_exhausted', finished_at: nowMs } as const;
  const nextAttemptAt = nowMs + delayMs;
  if (expiresAtMs !== null && nextAttemptAt >= expiresAtMs) return { state: 'expired', finished_at: nowMs } as const;
  return { state: outcome.kind, next_attempt_at: nextAttemptAt } as const;
}

/** What an attempt's outcome makes of the message and of its lane. The whole retry policy is here, without a database. */
export function decide(situation: Situation): Decision {
  const { outcome, lane, nowMs, policy, tries, random } = situation;
  if (outcome.kind === 'delivered' || outcome.kind === 'accepted') {
    const receipt = outcome.kind === 'delivered' ? outcome.id : null;
    return { message: { state: outcome.kind, finished_at: nowMs, receipt }, lane: afterSuccess(lane) };
  }
  const error = storedError(outcome.error);
  if (outcome.kind === 'permanent') {
    return { message: { state: 'dead', dead_reason: 'permanent', finished_at: nowMs, ...error }, lane };
  }
  const afterMs = boundedWait(outcome.afterMs ?? outcome.error.retryAfterMs);
  const cost = outcome.kind === 'unknown' ? retryBudget.unknownCost : retryBudget.retryCost;
  const delayMs = retryDelay({ policy, tries, afterMs, budgetLeft: lane.retry_budget >= cost, random });
  return {
    message: { ...whatNext(situation, outcome, delayMs), ...error },
    lane: afterFailure(situation, afterMs, cost),
  };
}
