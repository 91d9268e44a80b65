import { listingName } from '../strategies/context.ts';
import type { Positions } from '../strategies/positions.ts';
import type { EstimatedRequests } from '../strategies/strategy.ts';
import type { Estimator, Planned } from './estimator.ts';
import type { ResourceRead } from './plan.ts';
import { lookOf, type VerifyOptions, verifyPositions } from './verify.ts';

interface Known {
  readonly estimator: Estimator;
  readonly positions: Positions;
  readonly nowMs: number;
}

/** The requests of a look at messages of the last days (`--verify-reactions`), as far as its limit for a run allows. */
export async function estimateVerifying(
  plan: ResourceRead,
  { windowMs, maxRecords }: VerifyOptions,
  { estimator, positions: stored, nowMs }: Known,
): Promise<Planned> {
  const { resource, read } = plan;
  const positions = verifyPositions(stored, resource.name);
  const { since, until, done } = lookOf(positions, { resource: resource.name, windowMs, nowMs });
  const edges = { sinceMs: Date.parse(since), untilMs: Date.parse(until), cycle: until, caps: undefined };
  const looked = new Set(done);
  const planned = await estimator.again(plan, { positions, ...edges }, (place) => !looked.has(listingName(place)));
  return { planned: within(planned, Math.ceil(maxRecords / (read.pageSize ?? 1))), basis: 'sampled' };
}

/** Place after place, until so many full pages were read. The first page of a place may hold nothing. */
function within(planned: readonly EstimatedRequests[], pages: number): readonly EstimatedRequests[] {
  let left = pages;
  return planned.flatMap((request) => {
    if (left <= 0) return [];
    const count = Math.min(request.count, left + 1);
    left -= count - 1;
    return [{ ...request, count, isCut: count < request.count }];
  });
}
