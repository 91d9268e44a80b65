import type { Page } from '../graph/types.ts';
import { instant } from './position.ts';

/** Clocks of one service differ by less than this: what was modified shortly before a read may show up shortly after. */
export const CLOCK_SKEW_MS = 5_000;

/** Nothing was seen, so nothing is promised: the next read asks for everything again, which is as cheap. */
const NOTHING_SEEN = instant(0);

type Clocks = Pick<Page, 'serviceTimeMs' | 'receivedAtMs'>;

/**
 * The latest of these times that can be a time of change: what is dated into the future was dated so by hand and says
 * nothing.
 */
export function latestSeen(seenMs: number | undefined, timesMs: readonly number[], page: Clocks): number | undefined {
  const futureMs = Math.max(page.serviceTimeMs, page.receivedAtMs) + CLOCK_SKEW_MS;
  let latest = seenMs;
  for (const ms of timesMs) if (ms <= futureMs && (latest === undefined || ms > latest)) latest = ms;
  return latest;
}

/**
 * A moment that was past when a page was made, ms: by the more careful of the service's clock and ours, but not before
 * what was seen to have happened.
 *
 * @param seenMs - the latest time of change seen so far, on this page too
 */
export function momentOf(page: Clocks, seenMs: number | undefined): number {
  return Math.max(Math.min(page.serviceTimeMs, page.receivedAtMs), seenMs ?? Number.NEGATIVE_INFINITY);
}

/**
 * How far a read may say that it read: to its first page, less the skew between clocks, never beyond our own clock, and
 * never further than what was seen plus the overlap. A clock that runs ahead, ours or the service's, moves no mark past
 * what nobody has seen.
 */
export function markOf(options: {
  readonly startedMs: number;
  /** Our own clock. */
  readonly nowMs: number;
  readonly seenMs: number | undefined;
  readonly overlapMs: number;
  /** The mark before: what was earned stays. */
  readonly before?: string | undefined;
}): string {
  const { startedMs, nowMs, seenMs, overlapMs, before } = options;
  if (seenMs === undefined) return before ?? NOTHING_SEEN;
  const latestMs = Math.min(startedMs, nowMs);
  const mark = instant(Math.min(latestMs, seenMs + overlapMs) - CLOCK_SKEW_MS);
  const isEarned = before !== undefined && Date.parse(before) > Date.parse(mark) && Date.parse(before) <= latestMs;
  return isEarned ? before : mark;
}
