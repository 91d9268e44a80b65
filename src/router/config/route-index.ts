import { type LookupKey, lookupKeys } from '../match/lookup-key.ts';
import { ValueIndex } from '../match/value-index.ts';
import type { Route, RouteIndex } from './route.ts';

/** Below this many siblings a plain scan is as fast. */
const MIN_INDEXED = 24;

/**
 * Indexes siblings by the rarest of the values that they need: with `=`, or by how the texts begin that a pattern can
 * match. Siblings that need none (negations, predicates, catch-alls) are candidates always.
 */
export function indexRoutes(routes: readonly Route[]): RouteIndex {
  if (routes.length < MIN_INDEXED) return () => routes;
  const choices = routes.map(({ matchers }) =>
    matchers.map(({ spec }) => lookupKeys(spec)).filter((keys) => keys !== undefined),
  );
  const frequency = new Map<string, number>();
  for (const key of choices.flat(2)) frequency.set(nameOf(key), (frequency.get(nameOf(key)) ?? 0) + 1);
  const commonness = (keys: readonly LookupKey[]) => keys.reduce((sum, key) => sum + frequency.get(nameOf(key))!, 0);

  const positions = new ValueIndex<number>();
  for (const [position, own] of choices.entries()) {
    positions.add(
      own.reduce<readonly LookupKey[] | undefined>(
        (best, keys) => (best === undefined || commonness(keys) < commonness(best) ? keys : best),
        undefined,
      ),
      position,
    );
  }
  return (notification) => {
    const found = [...positions.candidates(notification)].sort((a, b) => a - b);
    return found.map((position) => routes[position]!);
  };
}

const nameOf = ({ place, text, whole }: LookupKey) => `${place}\0${whole ? '=' : '^'}${text}`;
