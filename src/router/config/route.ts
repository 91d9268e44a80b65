import type { Notification } from '../../messages/types.ts';
import type { Matcher } from '../match/matcher.ts';
import type { TimeInterval } from '../mute/time-intervals.ts';

/** How the notifications of a route are grouped and repeated. Plain JSON. */
export interface Grouping {
  /** Label names, or `all` for every notification alone (`...` in the configuration). */
  readonly by: readonly string[] | 'all';
  /** Wait before a new group is first sent; absent means 30 s, and none for severity `critical`. */
  readonly waitMs?: number | undefined;
  /** Least time between two messages of a group. */
  readonly intervalMs: number;
  /** Time after which an unchanged group is sent again. */
  readonly repeatMs: number;
}

/** A named time interval in use. */
export interface NamedInterval {
  readonly name: string;
  readonly contains: TimeInterval;
}

/** Finds, among sibling routes, those that may match: never fewer than those that do, in the order of the siblings. */
export type RouteIndex = (notification: Notification) => readonly Route[];

/** A compiled node of the routing tree, with what it inherited. */
export interface Route {
  readonly id: string;
  /** Where it stands in the configuration: `route.routes[2]`. */
  readonly path: string;
  readonly matchers: readonly Matcher[];
  /** Name of a custom predicate that must hold too. */
  readonly predicate?: string | undefined;
  /** Empty means that what ends here is dropped on purpose. */
  readonly receivers: readonly string[];
  /** Gets what certainly did not arrive at one of them. Absent when it is one of them. */
  readonly fallbackReceiver?: string | undefined;
  /** Whether later siblings are tried after this one matched. */
  readonly continues: boolean;
  /** Whether a failed destination stops the destinations after it. */
  readonly stopOnError: boolean;
  readonly grouping: Grouping;
  readonly muteIntervals: readonly NamedInterval[];
  readonly activeIntervals: readonly NamedInterval[];
  /** In the order in which they are tried: higher priority first, then as written. */
  readonly routes: readonly Route[];
  /** Finds the children that may match. */
  readonly index: RouteIndex;
}

/** What one route does with a notification. */
export interface Assignment {
  readonly route: Route;
  /** Destinations not served by an earlier route, in order. Never empty. */
  readonly receivers: readonly string[];
}

/** The interval that mutes a route at an instant, if any. A muted route still ends the walk. */
export function mutedByTime(route: Route, now: number): string | undefined {
  const muting = route.muteIntervals.find(({ contains }) => contains(now));
  if (muting) return `mute time interval "${muting.name}"`;
  if (route.activeIntervals.length === 0 || route.activeIntervals.some(({ contains }) => contains(now)))
    return undefined;
  return `outside active time intervals ${route.activeIntervals.map(({ name }) => `"${name}"`).join(', ')}`;
}
