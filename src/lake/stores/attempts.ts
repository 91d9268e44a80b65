import { isSluiceError } from '../../errors/sluice-error.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { storeErrors } from '../store-errors.ts';
import type { Failure, Meaning, ObjectClient } from './remote-client.ts';

/** Throttling lasts seconds, a failover of a storage account a minute. */
const ATTEMPTS = 9;
const FIRST_WAIT_MS = 200;
const MOST_WAIT_MS = 20_000;
/** Of one request: a block at 1 Mbit/s takes as long. */
const ATTEMPT_MS = 90_000;

/** What a request may find that is no failure of it. */
export type Found = Extract<Meaning, 'absent' | 'exists' | 'changed' | 'beyond'>;

/** What came of a request that was repeated where that helps. */
export type Outcome<T> =
  | { readonly value: T }
  | {
      readonly found: Found;
      /** An attempt before may have been carried out: its answer did not come. */
      readonly isRepeated: boolean;
    };

export interface AttemptOptions {
  readonly what: 'to read' | 'to write' | 'to delete' | 'to list';
  /** Findings that may be wrong at first, and how often they are asked again. */
  readonly doubts?: { readonly found: Found; readonly times: number } | undefined;
}

/** Repeats requests to a store, and says what their failures mean. */
export type Attempt = <T>(
  options: AttemptOptions,
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
) => Promise<Outcome<T>>;

/**
 * Throttled, busy and unanswered requests are repeated, each after a longer wait, as long as the service asks for and at
 * random within it: many writers do not come back at once.
 *
 * @throws SluiceError `store_denied`, `store_container_missing`, `store_unavailable`, `store_refused`, and those of the
 * transport that a repeat cannot mend
 */
export function attempts(
  client: Pick<ObjectClient, 'description' | 'failureOf'>,
  { random, sleep }: Pick<Runtime, 'random' | 'sleep'>,
): Attempt {
  return async (options, work, signal) => {
    let doubted = 0;
    let isRepeated = false;
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      const late = AbortSignal.timeout(ATTEMPT_MS);
      try {
        return { value: await work(signal ? AbortSignal.any([signal, late]) : late) };
      } catch (error) {
        signal?.throwIfAborted();
        const failure = late.aborted ? LATE : meaningOf(error, client);
        const { meaning, waitMs } = failure;
        const isDoubted = meaning === options.doubts?.found && doubted < options.doubts.times;
        if (isDoubted) doubted += 1;
        else if (isFound(meaning)) return { found: meaning, isRepeated };
        else if (meaning !== 'again') throw explained(error, failure, { client, what: options.what });
        else isRepeated = true;
        if (attempt === ATTEMPTS)
          throw storeErrors.store_unavailable({ lake: client.description, attempts: attempt, reason: failure.reason });
        await sleep(waitMs ?? backoffMs(attempt, random()), signal);
      }
    }
  };
}

/** @param chance - in [0, 1) */
const backoffMs = (attempt: number, chance: number): number =>
  Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)) * (0.5 + chance / 2);

const LATE: Failure = { meaning: 'again', reason: 'no answer in time' };

const FINDINGS: Readonly<Record<Meaning, boolean>> = {
  absent: true,
  exists: true,
  changed: true,
  beyond: true,
  again: false,
  denied: false,
  container_missing: false,
  refused: false,
};
const isFound = (meaning: Meaning): meaning is Found => FINDINGS[meaning];

/** What the transport and the sign-in say is typed already. */
function meaningOf(error: unknown, client: Pick<ObjectClient, 'failureOf'>): Failure {
  if (!isSluiceError(error)) return client.failureOf(error);
  return { meaning: error.recovery === 'retry' ? 'again' : 'refused', reason: error.code, waitMs: error.retryAfterMs };
}

function explained(
  error: unknown,
  { meaning, reason }: Failure,
  { client, what }: { readonly client: Pick<ObjectClient, 'description'>; readonly what: AttemptOptions['what'] },
): unknown {
  if (isSluiceError(error)) return error;
  const lake = client.description;
  if (meaning === 'denied') return storeErrors.store_denied({ lake, what, reason });
  if (meaning === 'container_missing') return storeErrors.store_container_missing({ lake, reason });
  return storeErrors.store_refused({ lake, reason });
}
