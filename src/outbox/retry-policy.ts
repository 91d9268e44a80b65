import { outboxErrors } from './errors.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** When and how often a message is tried again. */
export interface RetryPolicy {
  /** Upper bound of the wait after the 1st, 2nd, ... attempt; its length + 1 is the number of attempts. */
  readonly scheduleMs: readonly number[];
  /** A lane without retry budget waits at least this long: the first step of the slow lane. */
  readonly slowMs: number;
  /** A message whose worker died this often under it is poison. */
  readonly poisonAfter: number;
  /** An endpoint that failed this long without one success is disabled. */
  readonly disableAfterMs: number;
}

/**
 * Fast 1, 5, 30 s, then slow 5 m to 10 h: 27.6 h in all. The slow steps and the 120 h are Svix's.
 *
 * Source: https://github.com/svix/svix-webhooks/blob/main/server/svix-server/config.default.toml
 */
export const defaultRetryPolicy: RetryPolicy = {
  scheduleMs: [1, 5, 30, 300, 1_800, 7_200, 18_000, 36_000, 36_000].map((seconds) => seconds * second),
  slowMs: 5 * minute,
  poisonAfter: 5,
  disableAfterMs: 120 * hour,
};

/**
 * A lane's retry budget, in tokens: retries of an endpoint that mostly fails leave the fast lane.
 *
 * Source: https://github.com/smithy-lang/smithy-typescript/blob/main/packages/core/src/submodules/retry/util-retry/constants.ts
 */
export const retryBudget = { capacity: 500, retryCost: 5, unknownCost: 10, successRefund: 1 } as const;

/**
 * The wait after a failed attempt: full jitter under the schedule's step; the service's own wait wins if longer.
 *
 * @param options.tries - attempts made so far, at least 1
 * @returns milliseconds, or undefined when the schedule has ended
 */
export function retryDelay(options: {
  policy: RetryPolicy;
  tries: number;
  afterMs: number | undefined;
  budgetLeft: boolean;
  random: () => number;
}): number | undefined {
  const stepMs = options.policy.scheduleMs[options.tries - 1];
  if (stepMs === undefined) return undefined;
  const jitteredMs = Math.ceil(stepMs * options.random());
  const floorMs = options.budgetLeft ? 0 : options.policy.slowMs;
  return Math.max(jitteredMs, floorMs, options.afterMs ?? 0);
}

/** @throws SluiceError `invalid_retry_policy`, naming the field */
export function checkRetryPolicy(policy: RetryPolicy): void {
  const wrong = Object.entries({ ...policy, scheduleMs: Math.min(0, ...policy.scheduleMs) }).find(
    ([, value]) => !(Number.isFinite(value) && value >= 0),
  );
  if (wrong) throw outboxErrors.invalid_retry_policy({ field: wrong[0] });
}
