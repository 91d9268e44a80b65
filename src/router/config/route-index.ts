import { lookupKey, lookupKeys } from '../match/lookup-key.ts';
import type { Route, RouteIndex } from './route.ts';

/** Below this many siblings a plain scan is as fast. */
const MIN_INDEXED = 24;

/**
 * Indexes siblings by the rarest value they ask for with `=`. Siblings that ask for none (patterns, negations,
 * predicates, catch-alls) are candidates always.
 */
export function indexRoutes(routes: readonly Route[]): RouteIndex {
  if (routes.length < MIN_INDEXED) return () => routes;
  const keys = routes.map(({ matchers }) =>
    matchers.map(({ spec }) => lookupKey(spec)).filter((key) => key !== undefined),
  );
  const frequency = new Map<string, number>();
  for (const key of keys.flat()) frequency.set(key, (frequency.get(key) ?? 0) + 1);

  const always: number[] = [];
  const buckets = new Map<string, number[]>();
  for (const [position, own] of keys.entries()) {
    const rarest = own.reduce<string | undefined>(
      (best, key) => (best === undefined || frequency.get(key)! < frequency.get(best)! ? key : best),
      undefined,
    );
    if (rarest === undefined) always.push(position);
    else if (buckets.has(rarest)) buckets.get(rarest)!.push(position);
    else buckets.set(rarest, [position]);
  }
  return (notification) => {
    const positions = new Set(always);
    for (const key of lookupKeys(notification)) for (const position of buckets.get(key) ?? []) positions.add(position);
    return [...positions].sort((a, b) => a - b).map((position) => routes[position]!);
  };
}
