import { runErrors } from './errors.ts';

/** The stretch of time that a run is about. */
export interface Edges {
  /** A first load begins here, ms since 1970. */
  readonly sinceMs?: number | undefined;
  /**
   * Only what was last changed before it is read, ms since 1970; a call by its start. No mark is moved: a later run without
   * it reads everything else.
   */
  readonly untilMs?: number | undefined;
}

/** @throws SluiceError `since_in_the_future`, `until_before_since` when there is no such stretch; not a number neither */
export function checkEdges({ sinceMs, untilMs }: Edges, nowMs: number): void {
  if (sinceMs !== undefined && !(sinceMs <= nowMs)) throw runErrors.since_in_the_future({ sinceMs });
  if (untilMs !== undefined && !(untilMs > (sinceMs ?? Number.NEGATIVE_INFINITY)))
    throw runErrors.until_before_since({ sinceMs, untilMs });
}
