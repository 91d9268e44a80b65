import type { LimitRow } from './graph-limits.ts';
import type { LimitedRequest } from './limited-request.ts';
import { createMatcher, type TenantSize } from './matching.ts';

/**
 * The time that the published limits ask for at least, in milliseconds: all windows used in parallel, each at its
 * sustained rate. Latency and bandwidth are not in it.
 *
 * @param requests - what is to be sent; `ids` give per-team and per-channel windows their due
 */
export function lowerBound(
  requests: Iterable<LimitedRequest & { readonly count: number }>,
  options: { readonly limits?: readonly LimitRow[]; readonly tenantSize?: TenantSize } = {},
): number {
  const match = createMatcher(options);
  const usedMs = new Map<string, number>();
  for (const request of requests) {
    for (const { row, key, cost } of match(request)) {
      const perUnitMs = row.windowMs / (row.limit * (row.sustainedFactor ?? 1));
      usedMs.set(key, (usedMs.get(key) ?? 0) + request.count * cost * perUnitMs);
    }
  }
  let bound = 0;
  for (const ms of usedMs.values()) bound = Math.max(bound, ms);
  return bound;
}
