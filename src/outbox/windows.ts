import type { Window } from '../messages/types.ts';

/**
 * Admission by sliding windows, from the times of earlier attempts alone. A sliding window is never looser than a
 * fixed one of the same size, so it is right for limits whose kind is not published.
 */

/** The first instant at which every window has room. Not after `nowMs`: now. `times` ascend. */
export function roomAt(times: readonly number[], windows: readonly Window[]): number {
  return windows.reduce((latest, { limit, windowMs }) => {
    const oldestInside = times[times.length - limit];
    return oldestInside === undefined ? latest : Math.max(latest, oldestInside + windowMs);
  }, 0);
}

/** `times` of a clock that was set back since: what is later than now counts as now. */
export const notLaterThan = (times: readonly number[], nowMs: number): number[] =>
  times.map((time) => Math.min(time, nowMs));

/** `times` and this one, without those that no window can see any more. */
export function remember(times: readonly number[], windows: readonly Window[], nowMs: number): number[] {
  const longestMs = Math.max(0, ...windows.map(({ windowMs }) => windowMs));
  const mostKept = Math.max(0, ...windows.map(({ limit }) => limit));
  const at = Math.max(nowMs, times.at(-1) ?? 0);
  return [...times.filter((time) => time > at - longestMs), at].slice(-mostKept);
}
