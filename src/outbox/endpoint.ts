import { boundedWait } from '../errors/retry-after.ts';
import type { Blame, Outcome } from '../messages/types.ts';
import { type RetryPolicy, retryBudget } from './retry-policy.ts';
import type { EndpointRow } from './schema.ts';
import type { EndpointHealth } from './types.ts';
import { bounded } from './wall-clock.ts';

/** What is known of an endpoint, as numbers. */
export type Endpoint = Readonly<EndpointRow>;

/** When an endpoint is taken for out, and when it is asked again. */
export interface EndpointPolicy {
  /** Outages in a row from which it is left alone. */
  readonly outages: number;
  /** How long it is left alone then. */
  readonly pauseMs: number;
  /** Refusals in a row from which it is disabled; one that is gone is at once. */
  readonly refusals: number;
  /** The first wait until a disabled one is asked again; it doubles with each. */
  readonly probeMs: number;
  readonly longestProbeMs: number;
}

const MINUTE_MS = 60_000;

export const defaultEndpointPolicy: EndpointPolicy = {
  outages: 5,
  pauseMs: 30_000,
  refusals: 3,
  probeMs: MINUTE_MS,
  longestProbeMs: 60 * MINUTE_MS,
};

/** An endpoint that nothing is known of yet, or that somebody enables again. */
export const newEndpoint = (endpoint: string, nowMs: number): Endpoint => ({
  endpoint,
  health: 'healthy',
  since: nowMs,
  reason: null,
  failures: 0,
  outages: 0,
  refusals: 0,
  failing_since: null,
  hold_until: 0,
  hold_ms: 0,
  probe_at: 0,
  probe_ms: 0,
  probes: 0,
  probing_until: 0,
  probing_ms: 0,
  retry_budget: retryBudget.capacity,
});

/** The same endpoint for a clock that may have been set: no instant in the past is later than now, no wait longer than it was. */
export function endpointAt(endpoint: Endpoint, nowMs: number): Endpoint {
  const { since, failing_since: failingSince, hold_ms, probe_ms, probing_ms } = endpoint;
  return {
    ...endpoint,
    since: Math.min(since, nowMs),
    failing_since: failingSince === null ? null : Math.min(failingSince, nowMs),
    hold_until: bounded(endpoint.hold_until, hold_ms, nowMs),
    probe_at: bounded(endpoint.probe_at, probe_ms, nowMs),
    probing_until: bounded(endpoint.probing_until, probing_ms, nowMs),
  };
}

/** What may be done with a message for an endpoint. */
export type Admission =
  | { readonly kind: 'send' }
  /** As the only one, to see whether it works again. */
  | { readonly kind: 'probe' }
  | { readonly kind: 'wait'; readonly untilMs: number; readonly waitMs: number }
  | { readonly kind: 'disabled' };

/** Whether an endpoint may be asked now. */
export function admission(endpoint: Endpoint, nowMs: number): Admission {
  const { health, hold_until: holdUntil, probe_at: probeAt, probing_until: probingUntil } = endpoint;
  const wait = (untilMs: number, waitMs: number) => ({ kind: 'wait', untilMs, waitMs }) as const;
  if (holdUntil > nowMs && health !== 'disabled') return wait(holdUntil, endpoint.hold_ms);
  if (health === 'healthy' || health === 'degraded') return { kind: 'send' };
  if (probingUntil > nowMs) return wait(probingUntil, endpoint.probing_ms);
  if (Math.max(probeAt, holdUntil) <= nowMs) return { kind: 'probe' };
  return health === 'open' ? wait(probeAt, endpoint.probe_ms) : { kind: 'disabled' };
}

/** The endpoint while its probe is under way. */
export const probing = (endpoint: Endpoint, nowMs: number, leaseMs: number): Endpoint => ({
  ...endpoint,
  probing_until: nowMs + leaseMs,
  probing_ms: leaseMs,
});

export interface Concluded {
  readonly outcome: Outcome;
  readonly nowMs: number;
  readonly retry: RetryPolicy;
  readonly policy: EndpointPolicy;
  readonly random: () => number;
}

/** Whose fault a failed attempt was; undefined for one that did not fail. */
export function blameOf(outcome: Outcome): Blame | undefined {
  if (outcome.kind === 'delivered' || outcome.kind === 'accepted') return undefined;
  return outcome.blame ?? (outcome.kind === 'permanent' ? 'message' : 'service');
}

/** What an outcome teaches about the endpoint that was asked. Pure. */
export function afterAttempt(endpoint: Endpoint, concluded: Concluded): Endpoint {
  const { outcome, nowMs } = concluded;
  const blame = blameOf(outcome);
  const asked = { ...endpoint, probing_until: 0, probing_ms: 0 };
  if (blame === undefined) return afterSuccess(asked, nowMs);
  if (blame === 'nobody') return asked;
  // It answered, and what it refused was this message: it works, as far as that goes.
  if (blame === 'message') return isOut(asked) ? healthy(asked, nowMs) : { ...asked, outages: 0, refusals: 0 };
  return afterFailure(asked, blame, concluded);
}

/** What is for it waits, or goes elsewhere. */
export const isOut = ({ health }: Pick<Endpoint, 'health'>) => health === 'open' || health === 'disabled';

function healthy(endpoint: Endpoint, nowMs: number): Endpoint {
  const { endpoint: name, retry_budget, since, health } = endpoint;
  return { ...newEndpoint(name, health === 'healthy' ? since : nowMs), retry_budget };
}

function afterSuccess(endpoint: Endpoint, nowMs: number): Endpoint {
  const budget = Math.min(retryBudget.capacity, endpoint.retry_budget + retryBudget.successRefund);
  return { ...healthy(endpoint, nowMs), retry_budget: budget };
}

/** What a repeated attempt takes from the budget of its endpoint. */
export const costOf = ({ kind }: Outcome): number =>
  kind === 'unknown' ? retryBudget.unknownCost : kind === 'retry' ? retryBudget.retryCost : 0;

function afterFailure(endpoint: Endpoint, blame: Blame, concluded: Concluded): Endpoint {
  const { outcome, nowMs, policy, random, retry } = concluded;
  const failures = endpoint.failures + 1;
  const failingSince = endpoint.failing_since ?? nowMs;
  const outages = blame === 'outage' ? endpoint.outages + 1 : 0;
  const refusals = blame === 'endpoint' || blame === 'gone' ? endpoint.refusals + 1 : 0;
  const health = healthAfter({ endpoint, blame, outages, refusals, failingMs: nowMs - failingSince, policy, retry });
  const cost = costOf(outcome);
  const holdMs = askedWait(outcome) ?? 0;
  const longer = nowMs + holdMs > endpoint.hold_until;
  const changed = health !== endpoint.health;
  const probes = isOut(endpoint) && !changed ? endpoint.probes + 1 : 0;
  const probeMs = probeAfter(health, probes, policy, random);
  return {
    ...endpoint,
    health,
    since: changed ? nowMs : endpoint.since,
    reason: changed && 'error' in outcome ? outcome.error.code : endpoint.reason,
    failures,
    outages,
    refusals,
    failing_since: failingSince,
    ...(longer && { hold_until: nowMs + holdMs, hold_ms: holdMs }),
    probe_at: nowMs + probeMs,
    probe_ms: probeMs,
    probes,
    retry_budget: endpoint.retry_budget >= cost ? endpoint.retry_budget - cost : endpoint.retry_budget,
  };
}

/** How long the service asked to be left alone. */
export function askedWait(outcome: Outcome): number | undefined {
  if (outcome.kind !== 'retry' && outcome.kind !== 'unknown') return undefined;
  return boundedWait(outcome.afterMs ?? outcome.error.retryAfterMs);
}

function healthAfter(facts: {
  readonly endpoint: Endpoint;
  readonly blame: Blame;
  readonly outages: number;
  readonly refusals: number;
  readonly failingMs: number;
  readonly policy: EndpointPolicy;
  readonly retry: RetryPolicy;
}): EndpointHealth {
  const { endpoint, blame, outages, refusals, failingMs, policy, retry } = facts;
  if (endpoint.health === 'disabled' || blame === 'gone' || refusals >= policy.refusals) return 'disabled';
  if (failingMs >= retry.disableAfterMs) return 'disabled';
  return outages >= policy.outages ? 'open' : 'degraded';
}

function probeAfter(health: EndpointHealth, probes: number, policy: EndpointPolicy, random: () => number): number {
  if (health === 'open') return policy.pauseMs;
  if (health !== 'disabled') return 0;
  const stepMs = Math.min(policy.longestProbeMs, policy.probeMs * 2 ** Math.min(probes, 30));
  return Math.ceil(stepMs * (0.5 + random() / 2));
}
