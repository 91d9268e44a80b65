import { parseRetryAfter } from '../errors/retry-after.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { HttpRequest, HttpResponse, Send, Stage } from './types.ts';

export interface RetryOptions {
  /** Attempts in all, the first one counted. Throttled attempts do not count. */
  readonly attempts: number;
  /** First upper bound of the random delay; it doubles per attempt. */
  readonly baseMs: number;
  readonly capMs: number;
  readonly budget: RetryBudget;
  readonly runtime: Runtime;
  /** How long one call may go on being throttled, and the longest Retry-After that is waited out. Default 10 min. */
  readonly patienceMs?: number;
  /** Which answers besides 429 are worth a repeat. Default: 408, 425 and 5xx. */
  readonly isRetryable?: (response: HttpResponse, request: HttpRequest) => boolean;
  /** Which answers besides 429 prove that nothing happened, so that any request may be repeated. Default: none. */
  readonly neverHappened?: (response: HttpResponse) => boolean;
  readonly onRetry?: (event: RetryEvent) => void;
}

export interface RetryEvent {
  readonly request: HttpRequest;
  /** Number of the attempt that failed, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
  /** Status or error code. */
  readonly reason: string;
}

type Outcome = { readonly response: HttpResponse } | { readonly error: unknown };

const DEFAULT_PATIENCE_MS = 600_000;
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 500, 502, 503, 504, 509]);

export const isTransientStatus = (status: number) => TRANSIENT_STATUSES.has(status);

/**
 * Repeats what may succeed on repetition, after a random time between 0 and a doubling bound ("full jitter"), and never
 * before the service's Retry-After has passed. Repeats draw on a budget; being throttled does not, it is waited out. A
 * request that is not idempotent is repeated only when the answer proves that nothing happened (429, or no connection).
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retry(options: RetryOptions): Stage {
  return (next) => async (request, signal) => {
    const startedAtMs = options.runtime.monotonic();
    let failures = 0;
    for (let attempt = 1; ; attempt++) {
      const outcome = await settle(next, request, signal);
      if (!isThrottled(outcome)) failures++;
      const delayMs = delayBeforeRepeat(outcome, request, { options, attempt, failures, startedAtMs });
      if (delayMs === undefined) {
        if ('error' in outcome) throw outcome.error;
        if (outcome.response.status < 400) options.budget.refund();
        return outcome.response;
      }
      options.onRetry?.({ request, attempt, delayMs, reason: reasonOf(outcome) });
      await options.runtime.sleep(delayMs, signal);
    }
  };
}

async function settle(next: Send, request: HttpRequest, signal: AbortSignal | undefined): Promise<Outcome> {
  signal?.throwIfAborted();
  try {
    return { response: await next(request, signal) };
  } catch (error) {
    signal?.throwIfAborted();
    return { error };
  }
}

interface Progress {
  readonly options: RetryOptions;
  readonly attempt: number;
  readonly failures: number;
  readonly startedAtMs: number;
}

/** Undefined: this outcome is final. */
function delayBeforeRepeat(outcome: Outcome, request: HttpRequest, progress: Progress): number | undefined {
  const { options, attempt, failures, startedAtMs } = progress;
  const { runtime, patienceMs = DEFAULT_PATIENCE_MS } = options;
  if (!isRepeatable(outcome, request, options)) return undefined;
  const jitterMs = runtime.random() * Math.min(options.capMs, options.baseMs * 2 ** (attempt - 1));
  const delayMs = Math.max(jitterMs, askedDelay(outcome, runtime.now()) ?? 0);
  if (isThrottled(outcome)) return runtime.monotonic() - startedAtMs + delayMs > patienceMs ? undefined : delayMs;
  if (failures >= Math.min(options.attempts, request.attempts ?? options.attempts) || delayMs > patienceMs)
    return undefined;
  return options.budget.spend(reasonOf(outcome) === 'timeout' ? 'timeout' : 'failure') ? delayMs : undefined;
}

function askedDelay(outcome: Outcome, nowMs: number): number | undefined {
  if ('response' in outcome) return parseRetryAfter(outcome.response.headers, nowMs);
  return isSluiceError(outcome.error) ? outcome.error.retryAfterMs : undefined;
}

const isThrottled = (outcome: Outcome) => 'response' in outcome && outcome.response.status === 429;

function isRepeatable(outcome: Outcome, request: HttpRequest, options: RetryOptions): boolean {
  if (isThrottled(outcome)) return true;
  const idempotent = request.idempotent ?? request.method === 'GET';
  if ('error' in outcome) {
    const { error } = outcome;
    return isSluiceError(error) && error.recovery === 'retry' && (idempotent || error.details['sent'] === false);
  }
  if (outcome.response.status < 400) return false;
  if (!idempotent) return options.neverHappened?.(outcome.response) ?? false;
  return options.isRetryable
    ? options.isRetryable(outcome.response, request)
    : isTransientStatus(outcome.response.status);
}

function reasonOf(outcome: Outcome): string {
  if ('response' in outcome) return String(outcome.response.status);
  return isSluiceError(outcome.error) ? outcome.error.code : 'unexpected';
}
