import type { SluiceError } from '../../errors/sluice-error.ts';
import type { Notification } from '../../messages/types.ts';
import type { Assignment, Route } from '../config/route.ts';
import type { Routing } from '../config/routing.ts';
import { routerErrors } from '../errors.ts';
import { type Matches, matchIndexed } from './match.ts';
import type { Verdicts } from './predicates.ts';

/** Most routes a notification may pass, counting the times it came back in. */
export const MAX_TRAIL = 5;

export type DropReason = 'explicit' | 'no_receiver' | 'loop';

/** Where a notification goes. */
export interface Decision {
  readonly matched: readonly Route[];
  /** Empty when the notification is dropped. */
  readonly assignments: readonly Assignment[];
  readonly dropped?: DropReason | undefined;
  /** Destinations left out because of the fan-out cap. */
  readonly overCap: readonly string[];
  /** Failed predicates and loops. */
  readonly problems: readonly SluiceError[];
}

export interface DecideOptions {
  readonly verdicts?: Verdicts;
  /** Default {@link matchIndexed}. */
  readonly match?: (root: Route, notification: Notification, verdicts: Verdicts) => Matches;
}

/**
 * Decides where a notification goes. Every destination is served once, by the first route that names it. When no
 * destination is left, the root's destinations take it, or it is dropped with the reason.
 */
export function decide(routing: Routing, notification: Notification, options: DecideOptions = {}): Decision {
  const { verdicts = new Map(), match = matchIndexed } = options;
  const { routes, problems } = match(routing.root, notification, verdicts);
  const looping = routes.filter((route) => loops(notification, route));
  const open = routes.filter((route) => !looping.includes(route));

  let { assignments, overCap } = assign(open, routing.maxDestinations);
  const silentOnPurpose = open.every(({ receivers }) => receivers.length === 0);
  if (assignments.length === 0 && looping.length === 0 && !silentOnPurpose) {
    ({ assignments, overCap } = assign([routing.root], routing.maxDestinations));
  }
  return {
    matched: routes,
    assignments,
    dropped:
      assignments.length > 0 ? undefined : looping.length > 0 ? 'loop' : silentOnPurpose ? 'explicit' : 'no_receiver',
    overCap,
    problems: [...problems, ...looping.map((route) => loopError(notification, route))],
  };
}

const loops = ({ trail }: Notification, route: Route) => trail.length >= MAX_TRAIL || trail.includes(route.id);

function assign(routes: readonly Route[], cap: number) {
  const served = new Set<string>();
  const overCap = new Set<string>();
  const assignments: Assignment[] = [];
  for (const route of routes) {
    const fresh = route.receivers.filter((receiver) => !served.has(receiver));
    const receivers = fresh.slice(0, cap - served.size);
    for (const receiver of receivers) served.add(receiver);
    for (const receiver of fresh.slice(receivers.length)) overCap.add(receiver);
    if (receivers.length > 0) assignments.push({ route, receivers });
  }
  return { assignments, overCap: [...overCap] };
}

function loopError({ trail }: Notification, route: Route): SluiceError {
  return routerErrors.circular_routing_detected({ route: route.id, trail, most: MAX_TRAIL });
}
