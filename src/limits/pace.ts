import type { WindowRow } from './graph-limits.ts';

/** How fast a window may be used without ever exceeding it. */
export interface Pace {
  /** Units per second. */
  readonly rate: number;
  /** Units that may go at once after a rest. */
  readonly burst: number;
}

/** Requests reach the service a little closer together than they left: keep 3 % of each window free for that. */
const SAFETY = 0.97;

/** The sustained limit is evaluated over a longer window; its length is not published. Ten windows is the cautious guess. */
const SUSTAINED_WINDOWS = 10;

/**
 * The pace that keeps every window of a row: the listed one as a burst limit, and the sustained share of it over ten
 * (and so over any multiple of ten) windows. With spacing `1/rate` and a burst of `b`, a window of `T` seconds holds at
 * most `b - 1 + ceil(T * rate)` units; the burst is half of what that leaves.
 *
 * @param factor - the sustained share, if the row's own is to be overridden
 */
export function paceOf(row: WindowRow, factor = row.sustainedFactor): Pace {
  const burstWindow = { limit: row.limit, seconds: row.windowMs / 1000 };
  const windows =
    factor === undefined
      ? [burstWindow]
      : [
          burstWindow,
          {
            limit: Math.max(1, Math.floor(row.limit * factor * SUSTAINED_WINDOWS)),
            seconds: burstWindow.seconds * SUSTAINED_WINDOWS,
          },
        ];
  const rate = SAFETY * Math.min(...windows.map(({ limit, seconds }) => limit / seconds));
  const slack = Math.min(...windows.map(({ limit, seconds }) => limit - Math.ceil(seconds * rate)));
  return { rate, burst: 1 + Math.max(0, Math.floor(slack / 2)) };
}
