import type { Verdict } from './meter.ts';

interface ClassCounts {
  requests: number;
  throttled: number;
}

/** What was asked of the twin since the last reset. */
export interface RequestCounts {
  /** Graph requests, inner ones of a `$batch` counted each and the batch itself not. */
  total: number;
  /** 429s that the limits gave. */
  throttled: number;
  /** Requests sent while a Retry-After of their bucket was running, after the client could know of it. */
  duringRetryAfter: number;
  /** The same without the grace of a round trip. */
  duringRetryAfterRaw: number;
  batches: number;
  /** Calls of the token endpoint. */
  tokens: number;
  /** Faults that were played. */
  faults: number;
  byLimitClass: Record<string, ClassCounts>;
  byRoute: Record<string, number>;
  byStatus: Record<string, number>;
}

export const noRequests = (): RequestCounts => ({
  total: 0,
  throttled: 0,
  duringRetryAfter: 0,
  duringRetryAfterRaw: 0,
  batches: 0,
  tokens: 0,
  faults: 0,
  byLimitClass: {},
  byRoute: {},
  byStatus: {},
});

/** Adds what the limits said to one request. */
export function countVerdict(counts: RequestCounts, verdict: Verdict): void {
  const own = counts.byLimitClass[verdict.limitClass] ?? { requests: 0, throttled: 0 };
  counts.byLimitClass[verdict.limitClass] = own;
  counts.total++;
  own.requests++;
  if (verdict.throttled) {
    counts.throttled++;
    own.throttled++;
  }
  if (verdict.duringRetryAfter) {
    counts.duringRetryAfterRaw++;
    if (verdict.duringRetryAfter.late) counts.duringRetryAfter++;
  }
}
