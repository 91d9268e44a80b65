import { type Endpoint, expandRoute } from '../graph/endpoint.ts';
import { CLOCK_SKEW_MS } from './marks.ts';
import { instant, msOf, type WindowsPosition } from './position.ts';
import { joined } from './sent-filter.ts';

/** How a collection is asked for by time. */
export interface TimeWindow {
  /** The time of a record that the service compares. A route that takes it by arguments has `fromDateTime=` and `toDateTime=` in it. */
  readonly property: string;
  /** The service forgets what is older, ms. */
  readonly keptMs: number;
  /** Records and versions of them come so late, ms. */
  readonly lateMs: number;
  /** No window is longer, ms. */
  readonly longestMs: number;
  /** What lies ahead is asked for as well, so far, ms. */
  readonly aheadMs?: number | undefined;
}

/** A window owns [from, to). */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Known {
  readonly position: WindowsPosition | undefined;
  /** Nothing older is asked for, ms. */
  readonly sinceMs?: number | undefined;
  readonly nowMs: number;
}

/**
 * Where a run begins: a first one with all that the service keeps, later ones with what may have come or changed since.
 *
 * @returns with `since`, the lower edge of all that was ever asked for, and `knownMs`, before which all was read, ms;
 * `isAhead`: what was written down is of a clock that ran ahead
 */
export function windowsToRead(
  { keptMs, lateMs }: Pick<TimeWindow, 'keptMs' | 'lateMs'>,
  { position, sinceMs, nowMs }: Known,
): { readonly since: number; readonly fromMs: number; readonly knownMs: number; readonly isAhead?: boolean } {
  // A clock that runs ahead asked for too little at both edges.
  if (isAhead(position, nowMs))
    return { ...windowsToRead({ keptMs, lateMs }, { position: undefined, nowMs }), isAhead: true };
  const keptFromMs = nowMs - keptMs;
  const askedMs = Math.max(keptFromMs, sinceMs ?? keptFromMs);
  const before = msOf(position?.since) ?? askedMs;
  const isEarlier = sinceMs !== undefined && askedMs < before;
  const edgeMs = isEarlier ? askedMs : before;
  const markMs = position && !isEarlier ? Math.min(Date.parse(position.through), nowMs) - lateMs : askedMs;
  const fromMs = Math.min(Math.max(markMs, keptFromMs, edgeMs), nowMs);
  const readMs = position && !isEarlier ? Date.parse(position.through) : fromMs;
  return { since: edgeMs, fromMs, knownMs: Math.min(Math.max(readMs, fromMs), nowMs) };
}

/** The windows from an instant up to now, the oldest first. */
export function windowsFrom(
  { longestMs }: Pick<TimeWindow, 'longestMs'>,
  { fromMs, nowMs }: { readonly fromMs: number; readonly nowMs: number },
): readonly Window[] {
  const windows: Window[] = [];
  for (let at = fromMs; at < nowMs; at += longestMs)
    windows.push({ fromMs: at, toMs: Math.min(at + longestMs, nowMs) });
  return windows;
}

/** The windows between instants, none of which lies inside of one. */
export function windowsBetween(window: Pick<TimeWindow, 'longestMs'>, edgesMs: readonly number[]): readonly Window[] {
  const edges = edgesMs.toSorted((a, b) => a - b);
  return edges.slice(1).flatMap((nowMs, at) => windowsFrom(window, { fromMs: edges[at]!, nowMs }));
}

/** The halves of a window, the older first; undefined: it is too short. */
export function halvesOfWindow({ fromMs, toMs }: Window): readonly [Window, Window] | undefined {
  const middleMs = Math.floor((fromMs + toMs) / 2);
  if (middleMs <= fromMs) return undefined;
  return [
    { fromMs, toMs: middleMs },
    { fromMs: middleMs, toMs },
  ];
}

const isAhead = (position: WindowsPosition | undefined, nowMs: number): boolean =>
  position !== undefined && Date.parse(position.through) > nowMs + CLOCK_SKEW_MS;

/** The newest window of a collection: what is asked for to see whether it may be read. */
export const latestWindow = ({ lateMs, longestMs }: TimeWindow, nowMs: number): Window => ({
  fromMs: nowMs - Math.min(lateMs, longestMs),
  toMs: nowMs,
});

/** `$filter` of a window. */
export const windowFilter = ({ property }: Pick<TimeWindow, 'property'>, { fromMs, toMs }: Window): string =>
  `${property} ge ${instant(fromMs)} and ${property} lt ${instant(toMs)}`;

/** Asks for a window: by a filter, or by the arguments of a function, which the route names without values. */
export function windowUrl(
  way: Pick<Endpoint, 'route' | 'query'> & {
    readonly window?: TimeWindow | undefined;
    readonly asked?: string | undefined;
  },
  ids: Readonly<Record<string, string>>,
  window: Window,
): string {
  const url = expandRoute(way, ids);
  const { route, query, window: by, asked } = way;
  if (query?.includes('startDateTime='))
    return url
      .replace('startDateTime=', `startDateTime=${instant(window.fromMs)}`)
      .replace('endDateTime=', `endDateTime=${instant(window.toMs)}`);
  if (!route.includes('fromDateTime='))
    return `${url}?$filter=${encodeURIComponent(joined(windowFilter(by!, window), asked)!)}`;
  return url
    .replace('fromDateTime=', `fromDateTime=${instant(window.fromMs)}`)
    .replace('toDateTime=', `toDateTime=${instant(window.toMs)}`);
}
