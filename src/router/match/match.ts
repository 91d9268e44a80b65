import type { SluiceError } from '../../errors/sluice-error.ts';
import type { Notification } from '../../messages/types.ts';
import type { Route } from '../config/route.ts';
import type { Verdicts } from './predicates.ts';

/** The routes that take a notification, in the order in which they are served, and the predicates that failed on the way. */
export interface Matches {
  readonly routes: readonly Route[];
  readonly problems: readonly SluiceError[];
}

/**
 * Walks the tree and asks only the routes that the index names. The same result as {@link matchLinear}.
 *
 * A node whose children do not match takes the notification itself; the first matching sibling ends the walk of its
 * level unless it continues.
 *
 * @see https://prometheus.io/docs/alerting/latest/configuration/#route
 */
export function matchIndexed(root: Route, notification: Notification, verdicts: Verdicts = new Map()): Matches {
  return walk(root, notification, verdicts, ({ index }) => index(notification));
}

/** Walks the tree and asks every route: the plain meaning that {@link matchIndexed} must equal. */
export function matchLinear(root: Route, notification: Notification, verdicts: Verdicts = new Map()): Matches {
  return walk(root, notification, verdicts, ({ routes }) => routes);
}

/** Whether all conditions of a route hold. A predicate is asked last; a failed one gives its error. */
export function accepts(route: Route, notification: Notification, verdicts: Verdicts): boolean | SluiceError {
  for (const matcher of route.matchers) if (!matcher.matches(notification)) return false;
  return route.predicate === undefined ? true : (verdicts.get(route.predicate) ?? false);
}

function walk(
  root: Route,
  notification: Notification,
  verdicts: Verdicts,
  candidates: (route: Route) => readonly Route[],
): Matches {
  const problems = new Set<SluiceError>();
  const visit = (route: Route): readonly Route[] => {
    const taken: Route[] = [];
    for (const child of candidates(route)) {
      const verdict = accepts(child, notification, verdicts);
      if (typeof verdict !== 'boolean') problems.add(verdict);
      if (verdict !== true) continue;
      for (const match of visit(child)) taken.push(match);
      if (!child.continues) break;
    }
    return taken.length > 0 ? taken : [route];
  };
  return { routes: visit(root), problems: [...problems] };
}
