import type { World } from '../graph/world.ts';
import type { TwinAnswer } from '../protocol/exchange.ts';
import { type ExchangeIds, refusalAnswer, refusals } from '../protocol/graph-refusal.ts';
import { countVerdict } from './request-counts.ts';
import type { WeighedCall } from './rows.ts';

/** A client whose timer fires a moment early has kept to the Retry-After. */
const timerSlackMs = 20;

/**
 * Weighs a call. Throttled, it gets the 429 of Graph: with a Retry-After as an integer, a fraction or an HTTP date,
 * or, for the configured share, without.
 *
 * @see https://learn.microsoft.com/en-us/graph/throttling
 */
export function throttle(world: World, call: WeighedCall, ids: ExchangeIds): TwinAnswer | undefined {
  const verdict = world.meter.weigh(call, world.runtime.now());
  countVerdict(world.counts, verdict);
  if (!verdict.throttled) return undefined;
  const { row, waitMs, stop } = verdict.throttled;
  const headers: Record<string, string> = {};
  if (world.runtime.random() < world.retryAfterShare) {
    const { text, stopMs } = retryAfter(waitMs, world.runtime.random(), ids.nowMs);
    stop(stopMs - timerSlackMs);
    headers['retry-after'] = text;
  }
  if (row.unit === 'resourceUnits') {
    headers['x-ms-throttle-scope'] = `Tenant_Application/ReadWrite/${call.clientId}/${call.tenantId}`;
    headers['x-ms-throttle-information'] = 'ResourceUnitLimitExceeded';
  }
  return refusalAnswer(refusals.throttled(headers), ids);
}

/** Of a mailbox that has as many requests under way as it takes. */
export function tooManyAtOnce({ counts }: World, ids: ExchangeIds): TwinAnswer {
  counts.throttled++;
  return refusalAnswer(refusals.mailboxConcurrency(), ids);
}

/** Mostly whole seconds; one in ten a fraction, one in ten a date. A date counts from the twin's own clock. */
function retryAfter(waitMs: number, chance: number, nowMs: number): { text: string; stopMs: number } {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  if (chance < 0.8) return { text: String(seconds), stopMs: seconds * 1000 };
  if (chance < 0.9) {
    const exactMs = Math.ceil(waitMs) + timerSlackMs;
    return { text: (exactMs / 1000).toFixed(3), stopMs: exactMs };
  }
  const until = Math.ceil(nowMs / 1000) * 1000 + seconds * 1000;
  return { text: new Date(until).toUTCString(), stopMs: until - nowMs };
}
