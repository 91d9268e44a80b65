import { CLOCK_SKEW_MS } from './marks.ts';
import { instant, msOf, type WindowsPosition } from './position.ts';

/** How a collection is asked for by time. */
export interface TimeWindow {
  /** The time of a record that the service compares. */
  readonly property: string;
  /** The service forgets what is older, ms. */
  readonly keptMs: number;
  /** Records and versions of them come so late, ms. */
  readonly lateMs: number;
  /** No window is longer, ms. */
  readonly longestMs: number;
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
 * The windows of a run, the oldest first, up to now: of a first one all that the service keeps, of later ones what may have
 * come or changed since.
 *
 * @returns with `since`, the lower edge of all that was ever asked for, ms
 */
export function windowsToRead(
  { keptMs, lateMs, longestMs }: Omit<TimeWindow, 'property'>,
  { position, sinceMs, nowMs }: Known,
): { readonly since: number; readonly windows: readonly Window[] } {
  // A clock that runs ahead asked for too little at both edges.
  if (isAhead(position, nowMs)) return windowsToRead({ keptMs, lateMs, longestMs }, { position: undefined, nowMs });
  const keptFromMs = nowMs - keptMs;
  const askedMs = Math.max(keptFromMs, sinceMs ?? keptFromMs);
  const before = msOf(position?.since) ?? askedMs;
  const isEarlier = sinceMs !== undefined && askedMs < before;
  const edgeMs = isEarlier ? askedMs : before;
  const markMs = position && !isEarlier ? Math.min(Date.parse(position.through), nowMs) - lateMs : askedMs;
  const fromMs = Math.min(Math.max(markMs, keptFromMs, edgeMs), nowMs);
  const windows: Window[] = [];
  for (let at = fromMs; at < nowMs; at += longestMs)
    windows.push({ fromMs: at, toMs: Math.min(at + longestMs, nowMs) });
  return { since: edgeMs, windows };
}

const isAhead = (position: WindowsPosition | undefined, nowMs: number): boolean =>
  position !== undefined && Date.parse(position.through) > nowMs + CLOCK_SKEW_MS;

/** `$filter` of a window. */
export const windowFilter = ({ property }: Pick<TimeWindow, 'property'>, { fromMs, toMs }: Window): string =>
  `${property} ge ${instant(fromMs)} and ${property} lt ${instant(toMs)}`;
