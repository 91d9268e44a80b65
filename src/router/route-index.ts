import type { Notification } from '../notifiers/types.ts';
import type { MatcherSpec } from './matcher.ts';
import { severityOf, sourceOf } from './notification.ts';
import type { Route } from './route.ts';

/** Finds, among sibling routes, those that may match: never fewer than those that do, in the order of the siblings. */
export type RouteIndex = (notification: Notification) => readonly Route[];

/** Below this many siblings a plain scan is as fast. */
const MIN_INDEXED = 24;

/**
 * Indexes siblings by the rarest value they ask for with `=`. Siblings that ask for none (patterns, negations,
 * predicates, catch-alls) are candidates always.
 */
export function indexRoutes(routes: readonly Route[]): RouteIndex {
  if (routes.length < MIN_INDEXED) return () => routes;
  const keys = routes.map(({ matchers }) => matchers.map(({ spec }) => keyOf(spec)).filter((key) => key !== undefined));
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
    for (const key of keysOf(notification)) for (const position of buckets.get(key) ?? []) positions.add(position);
    return [...positions].sort((a, b) => a - b).map((position) => routes[position]!);
  };
}

/** Only a value that must be there can be looked up: `team=""` also holds without the label. */
function keyOf(spec: MatcherSpec): string | undefined {
  if (spec.op !== '=' || spec.value === '') return undefined;
  return spec.field === 'label' ? labelKey(spec.name, spec.value) : `${spec.field}\0${spec.value}`;
}

function* keysOf(notification: Notification): Generator<string> {
  for (const [name, value] of Object.entries(notification.labels)) yield labelKey(name, value);
  for (const tag of notification.tags) yield `tag\0${tag}`;
  yield `severity\0${severityOf(notification)}`;
  yield `source\0${sourceOf(notification)}`;
}

const labelKey = (name: string, value: string) => `label\0${name}\0${value}`;
