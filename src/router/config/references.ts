import type { FaultPath } from '../../settings/document.ts';
import type { RootConfig, RouteConfig, RoutingConfig } from './schema.ts';

/** Names that the rest of the configuration and the program define. Undefined means: not checked. */
export interface KnownNames {
  readonly receivers?: readonly string[] | undefined;
  readonly predicates?: readonly string[] | undefined;
}

export interface ReferenceFault {
  readonly path: FaultPath;
  readonly message: string;
}

/** Faults that only the whole configuration shows: names that nobody defines, ids used twice, settings that exclude each other. */
export function referenceFaults(config: RoutingConfig, known: KnownNames): ReferenceFault[] {
  const intervals = config.time_intervals.map(({ name }) => name);
  const routes = [...everyRoute(config.route, ['route'])];
  return [
    ...duplicates(config.time_intervals.map(({ name }, index) => [name, ['time_intervals', index, 'name']])),
    ...duplicates(routes.map(([{ id }, path]) => [id, [...path, 'id']])),
    ...rootFaults(config.route),
    ...routes.flatMap(([route, path]) => [
      ...exclusive(route, path),
      ...unknown(route.receivers, known.receivers, 'receiver', [...path, 'receivers']),
      ...fallbackFaults(route, known.receivers, [...path, 'fallback_receiver']),
      ...unknown(route.mute_time_intervals, intervals, 'time interval', [...path, 'mute_time_intervals']),
      ...unknown(route.active_time_intervals, intervals, 'time interval', [...path, 'active_time_intervals']),
      ...(route.predicate !== undefined && known.predicates && !known.predicates.includes(route.predicate)
        ? [{ path: [...path, 'predicate'], message: notKnown('predicate', route.predicate, known.predicates) }]
        : []),
    ]),
  ];
}

function* everyRoute(route: RouteConfig | RootConfig, path: FaultPath): Generator<[RouteConfig, FaultPath]> {
  yield [route, path];
  for (const [index, child] of (route.routes ?? []).entries()) yield* everyRoute(child, [...path, 'routes', index]);
}

function rootFaults(root: RootConfig): ReferenceFault[] {
  if (root.receivers || root.drop) return [];
  return [{ path: ['route'], message: 'The root needs "receivers" (the default destinations) or "drop: true".' }];
}

function exclusive(route: RouteConfig, path: FaultPath): ReferenceFault[] {
  const faults: ReferenceFault[] = [];
  if (route.receivers && route.drop) {
    faults.push({ path: [...path, 'drop'], message: 'Give either "receivers" or "drop: true", not both.' });
  }
  if (route.group_by?.includes('...') && route.group_by.length > 1) {
    faults.push({ path: [...path, 'group_by'], message: '"..." (every notification alone) stands alone.' });
  }
  return faults;
}

function fallbackFaults(route: RouteConfig, valid: readonly string[] | undefined, path: FaultPath): ReferenceFault[] {
  const { fallback_receiver: name, receivers, drop } = route;
  if (name === undefined) return [];
  if (valid && !valid.includes(name)) return [{ path, message: notKnown('receiver', name, valid) }];
  if (drop)
    return [{ path, message: 'Give either "fallback_receiver" or "drop: true": what is dropped goes nowhere.' }];
  if (!receivers?.includes(name)) return [];
  return [{ path, message: `"${name}" is one of the route's receivers. Name one that is not.` }];
}

function unknown(
  names: readonly string[] | undefined,
  valid: readonly string[] | undefined,
  what: string,
  path: FaultPath,
): ReferenceFault[] {
  if (!names || !valid) return [];
  return names.flatMap((name, index) =>
    valid.includes(name) ? [] : [{ path: [...path, index], message: notKnown(what, name, valid) }],
  );
}

function duplicates(named: readonly (readonly [string | undefined, FaultPath])[]): ReferenceFault[] {
  const seen = new Set<string>();
  return named.flatMap(([name, path]) => {
    if (name === undefined || !seen.has(name)) {
      if (name !== undefined) seen.add(name);
      return [];
    }
    return [{ path, message: `"${name}" is used twice. Names are unique.` }];
  });
}

const notKnown = (what: string, name: string, valid: readonly string[]) =>
  `Unknown ${what} "${name}". Valid: ${valid.join(', ') || 'none is defined'}.`;
