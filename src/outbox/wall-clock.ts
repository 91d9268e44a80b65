/**
 * The wall clock can be set, backwards too, and stored instants stay what they were. So every wait is stored with its
 * length, and is never longer than that, whatever its end says.
 */

/** The end of a wait of `waitMs`, not later than the wait could end if it began now. */
export const bounded = (untilMs: number, waitMs: number, nowMs: number): number => Math.min(untilMs, nowMs + waitMs);
