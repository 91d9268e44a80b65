import type { LimitedRequest } from './limited-request.ts';

/** Base costs of the identity service by route; everything else costs 1. */
const BASE_COSTS: readonly { readonly method: string; readonly route: RegExp; readonly units: number }[] = [
  { method: 'GET', route: /^\/users$/i, units: 2 },
  { method: 'GET', route: /^\/groups\/[^/]+\/members$/i, units: 3 },
  { method: 'GET', route: /^\/groups\/[^/]+\/transitiveMembers(\/[^/]+)?$/i, units: 5 },
  { method: 'POST', route: /^\/directoryObjects\/getByIds$/i, units: 5 },
];

/**
 * What a request costs in resource units: `$select` makes it cheaper, `$expand` dearer, `$top` under 20 cheaper; the
 * least is 1.
 *
 * @see https://learn.microsoft.com/en-us/graph/throttling-limits#identity-and-access-service-limits
 */
export function resourceUnits(request: LimitedRequest): number {
  const base =
    BASE_COSTS.find(({ method, route }) => method === request.method && route.test(request.route))?.units ?? 1;
  const query = new URLSearchParams(request.url?.split('?')[1] ?? '');
  const top = Number(query.get('$top') ?? Number.NaN);
  return Math.max(1, base - (query.has('$select') ? 1 : 0) + (query.has('$expand') ? 1 : 0) - (top < 20 ? 1 : 0));
}
