import type { Notifier } from '../messages/types.ts';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { defaultEndpointPolicy, type EndpointPolicy } from './endpoint.ts';
import { outboxErrors } from './errors.ts';
import type { Observe } from './observe.ts';
import { checkRetryPolicy, defaultRetryPolicy, type RetryPolicy } from './retry-policy.ts';
import type { Limits } from './types.ts';

export interface WorkOptions {
  /** A message is claimed only by a worker that has its notifier. A function is asked again before each claim. */
  notifiers: readonly Notifier[] | (() => readonly Notifier[]);
  /** Attempts in flight at once, each in its own lane. Default 32. */
  concurrency?: number;
  /** At most this many of them in lanes whose last attempt failed, so that dead endpoints leave room. Default a quarter. */
  failingConcurrency?: number;
  /** When an endpoint is taken for out. */
  endpointPolicy?: Partial<EndpointPolicy>;
  /** Default: no limits. */
  limits?: Limits;
  /** Longest attempt. Default 30 s. */
  attemptTimeoutMs?: number;
  /** A worker that has not finished after this time is taken for dead. More than the attempt timeout. Default 60 s. */
  leaseMs?: number;
  /** Longest time until messages of other processes are seen. Default 500 ms. */
  pollMs?: number;
  /** Finished messages are kept this long: the memory of dedupe keys and dead letters. Default 30 days. */
  retentionMs?: number;
  retry?: Partial<RetryPolicy>;
  /** Traces the attempts, each linked to the span that accepted its message. Default: the registered SDK, if any. */
  telemetry?: Telemetry;
  /** Told of every attempt, and of every message that ends without one. */
  observe?: Observe;
  /** Stops claiming; attempts in flight are finished and written. */
  signal?: AbortSignal;
}

const dayMs = 86_400_000;

/** The options with every default filled in. @throws SluiceError naming the field */
export function settingsOf(options: WorkOptions) {
  const { concurrency = 32, attemptTimeoutMs = 30_000, leaseMs = 2 * attemptTimeoutMs } = options;
  const retry = { ...defaultRetryPolicy, ...options.retry };
  checkRetryPolicy(retry);
  if (leaseMs <= attemptTimeoutMs) throw outboxErrors.invalid_lease({ leaseMs, attemptTimeoutMs });
  const signal: AbortSignal = options.signal ?? new AbortController().signal;
  return {
    notifiers: () => new Map(givenNotifiers(options).map((notifier) => [notifier.name, notifier])),
    concurrency,
    failingConcurrency: options.failingConcurrency ?? Math.max(1, Math.floor(concurrency / 4)),
    endpointPolicy: { ...defaultEndpointPolicy, ...options.endpointPolicy },
    limits: options.limits ?? (() => []),
    attemptTimeoutMs,
    leaseMs,
    pollMs: options.pollMs ?? 500,
    retentionMs: options.retentionMs ?? 30 * dayMs,
    retry,
    telemetry: options.telemetry ?? createTelemetry(),
    observe: options.observe ?? (() => {}),
    signal,
  };
}

const givenNotifiers = ({ notifiers }: WorkOptions) => (typeof notifiers === 'function' ? notifiers() : notifiers);

export type WorkSettings = ReturnType<typeof settingsOf>;
