import { mayBeOfOnePage } from '../errors/graph-refusals.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import { type Failure, instant } from './position.ts';

/**
 * What could not be read of a partition that was read otherwise: a stretch of messages by the time of their change (of
 * their threads' change, for a list), of calls or events by when they begin, the further replies of one thread, or one
 * record. It is tried again and filled.
 */
export interface Gap {
  readonly resource: string;
  readonly partition: string;
  /** Exclusive and inclusive ends, ISO 8601; a missing one is open. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The root message whose further replies are missing. */
  readonly thread?: string | undefined;
  /** Nothing of the partition could be read: it is one record. */
  readonly whole?: boolean | undefined;
  readonly code: string;
  /** When it failed first. */
  readonly since: string;
  readonly tries: number;
  /** Not before then is it tried again. */
  readonly retryAt: string;
}

/** A gap is tried again in so many runs, whenever they come; then at a growing interval. */
const EAGER_TRIES = 3;
const FIRST_PAUSE_MS = 10 * 60_000;
const LONGEST_PAUSE_MS = 24 * 3_600_000;

/** Attempts at a page that failed before: it has had its chances. */
export const GAP_ATTEMPTS = 2;

/** True when a failure may be that of one page: others of the same list can be read. */
export function isPageFailure(error: unknown, signal: AbortSignal): boolean {
  return !signal.aborted && mayBeOfOnePage(error);
}

/** What is stored of a failed part, after another try. */
export function failureOf(error: unknown, before: Failure | undefined, nowMs: number): Failure {
  const tries = (before?.tries ?? 0) + 1;
  const code = isSluiceError(error) ? error.code : 'unexpected';
  return { code, since: before?.since ?? instant(nowMs), tries, retryAt: instant(nowMs + pauseMs(tries)) };
}

/** True when it is time to read a part: it never failed, or long enough ago. */
export function isDue({ failed }: { readonly failed?: Failure | undefined }, nowMs: number): boolean {
  if (failed === undefined || failed.tries < EAGER_TRIES) return true;
  const pauseLeftMs = Date.parse(failed.retryAt) - nowMs;
  // Further away than any pause: a clock was wrong when it was set.
  return pauseLeftMs <= 0 || pauseLeftMs > LONGEST_PAUSE_MS;
}

function pauseMs(tries: number): number {
  if (tries < EAGER_TRIES) return 0;
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries - EAGER_TRIES, 20));
}

/** What the report says of a failed part. */
export function gapOf(
  place: Pick<Gap, 'resource' | 'partition'>,
  part: {
    readonly from?: string | undefined;
    readonly to?: string | undefined;
    readonly id?: string;
    readonly whole?: boolean;
    readonly failed: Failure;
  },
): Gap {
  const { from, to, id: thread, whole, failed } = part;
  return {
    ...place,
    from,
    to,
    thread,
    whole,
    code: failed.code,
    since: failed.since,
    tries: failed.tries,
    retryAt: failed.retryAt,
  };
}
