import type { IngressName } from '../../messages/received.ts';
import { parseDuration } from '../../settings/duration.ts';
import { compileMatchers } from '../match/compile-matchers.ts';
import { compileInhibitRule, type InhibitRule } from '../mute/inhibition.ts';
import { compileTimeInterval } from '../mute/time-intervals.ts';
import type { Grouping, NamedInterval, Route } from './route.ts';
import { indexRoutes } from './route-index.ts';
import type { RootConfig, RouteConfig, RoutingConfig, RoutingMode } from './schema.ts';

/** A compiled routing configuration. Never changed once made. */
export interface Routing {
  readonly root: Route;
  readonly routesById: ReadonlyMap<string, Route>;
  /** Names of the custom predicates in use. */
  readonly predicates: readonly string[];
  readonly inhibitRules: readonly InhibitRule[];
  /** Fan-out cap: most destinations of one notification. */
  readonly maxDestinations: number;
  /** Who keeps time for what comes in there. */
  readonly modeOf: (ingress: IngressName) => RoutingMode;
  /** How long a firing alert without an end lasts after it last came. */
  readonly resolveTimeoutMs: number;
}

/** What a route takes from its parent when it does not say so itself. */
interface Inherited {
  receivers: readonly string[];
  fallbackReceiver?: string | undefined;
  grouping: Grouping;
}

/** Alertmanager's defaults: https://prometheus.io/docs/alerting/latest/configuration/#route */
const defaults: Inherited = {
  receivers: [],
  grouping: { by: [], intervalMs: 5 * 60_000, repeatMs: 4 * 3_600_000 },
};

/**
 * Compiles a configuration that {@link checkRoutes} accepted.
 *
 * @throws SluiceError - a matcher, pattern or time interval is wrong
 */
export function compileRouting(config: RoutingConfig): Routing {
  const intervals = new Map(
    config.time_intervals.map(({ name, time_intervals }) => {
      const parts = time_intervals.map(compileTimeInterval);
      return [name, { name, contains: (instant: number) => parts.some((part) => part(instant)) }] as const;
    }),
  );
  const root = compileRoute(config.route, 'route', defaults, { intervals, continues: config.match === 'all' });
  const routes = [...everyRoute(root)];
  return {
    root,
    routesById: new Map(routes.map((route) => [route.id, route])),
    predicates: [...new Set(routes.flatMap(({ predicate }) => predicate ?? []))],
    inhibitRules: config.inhibit_rules.map(compileInhibitRule),
    maxDestinations: config.max_destinations,
    modeOf: (ingress) => (ingress === 'notification' ? 'group' : (config.ingress[ingress]?.mode ?? config.mode)),
    resolveTimeoutMs: parseDuration(config.resolve_timeout)!,
  };
}

/** A route and all routes below it. */
export function* everyRoute(route: Route): Generator<Route> {
  yield route;
  for (const child of route.routes) yield* everyRoute(child);
}

interface CompileContext {
  intervals: ReadonlyMap<string, NamedInterval>;
  continues: boolean;
}

function compileRoute(
  config: RouteConfig | RootConfig,
  path: string,
  parent: Inherited,
  context: CompileContext,
): Route {
  const own: RouteConfig = config;
  const inherited = {
    receivers: own.drop ? [] : [...new Set(own.receivers ?? parent.receivers)],
    fallbackReceiver: own.fallback_receiver ?? parent.fallbackReceiver,
    grouping: grouping(own, parent.grouping),
  };
  const named = (names: readonly string[] | undefined) => (names ?? []).map((name) => context.intervals.get(name)!);
  const routes = inOrder(own.routes ?? []).map(([child, position]) =>
    compileRoute(child, `${path}.routes[${position}]`, inherited, context),
  );
  const { receivers, fallbackReceiver } = inherited;
  return {
    ...inherited,
    fallbackReceiver:
      fallbackReceiver !== undefined && receivers.includes(fallbackReceiver) ? undefined : fallbackReceiver,
    id: own.id ?? path,
    path,
    matchers: compileMatchers(own.matchers ?? []),
    predicate: own.predicate,
    continues: own.continue ?? context.continues,
    stopOnError: own.stop_on_error ?? false,
    muteIntervals: named(own.mute_time_intervals),
    activeIntervals: named(own.active_time_intervals),
    routes,
    index: indexRoutes(routes),
  };
}

/** Siblings with their written positions: higher priority first, then as written. */
function inOrder(routes: readonly RouteConfig[]): [RouteConfig, number][] {
  return routes
    .map((route, position): [RouteConfig, number] => [route, position])
    .sort(([a], [b]) => (b.priority ?? 0) - (a.priority ?? 0));
}

function grouping(own: RouteConfig, parent: Grouping): Grouping {
  const waitMs = durationOr(own.group_wait, parent.waitMs);
  return {
    by: own.group_by === undefined ? parent.by : own.group_by.includes('...') ? 'all' : own.group_by,
    waitMs,
    intervalMs: durationOr(own.group_interval, parent.intervalMs),
    repeatMs: durationOr(own.repeat_interval, parent.repeatMs),
  };
}

function durationOr<Fallback>(text: string | undefined, fallback: Fallback): number | Fallback {
  return text === undefined ? fallback : (parseDuration(text) ?? fallback);
}
