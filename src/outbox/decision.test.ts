import { describe, expect, it } from 'vitest';
import { SluiceError } from '../errors/sluice-error.ts';
import { seededRandom } from '../runtime/runtime.ts';
import { decide } from './decision.ts';
import { checkRetryPolicy, defaultRetryPolicy, retryBudget } from './retry-policy.ts';

const failure = (message: string, retryAfterMs: number) =>
  new SluiceError({ code: 'throttled', recovery: 'retry', surface: 'webhook', message, retryAfterMs });
const error = failure('Refused.', 7_000);
const nowMs = 1_000_000;

function situation(overrides: Partial<Parameters<typeof decide>[0]> = {}) {
  return {
    outcome: { kind: 'retry', error, afterMs: 0 } as const,
    tries: 1,
    expiresAtMs: null,
    newerWaits: false,
    budget: retryBudget.capacity,
    policy: defaultRetryPolicy,
    nowMs,
    random: () => 0.5,
    ...overrides,
  };
}
const waitOf = (overrides: Partial<Parameters<typeof decide>[0]>) =>
  (decide(situation(overrides)).next_attempt_at ?? Number.NaN) - nowMs;

describe('decide', () => {
  it("spreads the retries of many messages over the schedule's step", () => {
    const random = seededRandom(3);
    const waits = Array.from({ length: 2_000 }, () => waitOf({ tries: 4, random }));
    expect(Math.max(...waits)).toBeLessThanOrEqual(300_000);
    const perMinute = [0, 1, 2, 3, 4].map((minute) => waits.filter((ms) => Math.floor(ms / 60_000) === minute).length);
    expect(Math.max(...perMinute)).toBeLessThan(500);
  });

  it('waits what the service asked, from the outcome or from its error, if that is longer and a number', () => {
    expect(waitOf({ outcome: { kind: 'retry', error, afterMs: 90_000 } })).toBe(90_000);
    expect(waitOf({ outcome: { kind: 'retry', error } })).toBe(7_000);
    expect(waitOf({ outcome: { kind: 'retry', error, afterMs: Number.NaN } })).toBe(500);
    expect(waitOf({ outcome: { kind: 'retry', error, afterMs: -5 } })).toBe(500);
    expect(waitOf({ tries: 9, outcome: { kind: 'retry', error, afterMs: 10 } })).toBe(18_000_000);
  });

  it('leaves the fast lane when the budget of the endpoint is spent', () => {
    const outcome = { kind: 'unknown', error: failure('Lost.', 0) } as const;
    expect(waitOf({ outcome, budget: retryBudget.unknownCost })).toBe(500);
    expect(waitOf({ outcome, budget: retryBudget.unknownCost - 1 })).toBe(defaultRetryPolicy.slowMs);
  });

  it('masks URLs in what it stores', () => {
    const leaky = failure('POST https://host/x?sig=canary failed.', 0);
    const message = decide(situation({ outcome: { kind: 'permanent', error: leaky } }));
    expect(message).toMatchObject({ state: 'dead', dead_reason: 'permanent', error_message: 'POST [url] failed.' });
  });
});

describe('checkRetryPolicy', () => {
  it('names the wrong field', () => {
    const details = { field: 'retry.scheduleMs' };
    expect(() => checkRetryPolicy({ ...defaultRetryPolicy, scheduleMs: [1, -1] })).toThrow(
      expect.objectContaining({ details }),
    );
    expect(() => checkRetryPolicy(defaultRetryPolicy)).not.toThrow();
  });
});
