import type { SluiceConfig } from '../config/schema.ts';
import { BREAKER_LEVELS } from '../http/breaker.ts';
import { defaultEndpointPolicy } from '../outbox/endpoint.ts';
import { defaultRetryPolicy } from '../outbox/retry-policy.ts';
import type { EndpointHealth, MessageState, OutboxEvent, OutboxStats } from '../outbox/types.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { tellDamaged } from './state/tell-damaged.ts';
import type { Unserved } from './unserved.ts';

const DAY_MS = 86_400_000;

/** The steps of the default schedule grow about so much. */
const GROWTH = 5;

/** Longest step of the default schedule. */
const LONGEST_STEP_MS = Math.max(...defaultRetryPolicy.scheduleMs);

/** How the outbox works, by the configuration. */
export function workSettings({ outbox, resilience }: SluiceConfig) {
  return {
    concurrency: outbox.concurrency,
    retentionMs: outbox.retention_days * DAY_MS,
    // One attempt may try two endpoints, each with its own limit.
    attemptTimeoutMs: 2 * resilience.request_timeout_ms + 5_000,
    retry: { scheduleMs: retrySchedule(resilience) },
    endpointPolicy: {
      outages: resilience.circuit_breaker_threshold,
      pauseMs: resilience.circuit_breaker_timeout_ms ?? defaultEndpointPolicy.pauseMs,
    },
  };
}

/** The default schedule, or one of the configured length and steps. */
export function retrySchedule(resilience: SluiceConfig['resilience']): readonly number[] {
  const { max_retries: retries, initial_backoff_ms: first, max_backoff_ms: longest } = resilience;
  if (first === undefined && longest === undefined && retries === undefined) return defaultRetryPolicy.scheduleMs;
  const steps = Array.from({ length: retries ?? defaultRetryPolicy.scheduleMs.length }, (_, index) =>
    first === undefined ? (defaultRetryPolicy.scheduleMs[index] ?? LONGEST_STEP_MS) : first * GROWTH ** index,
  );
  return steps.map((step) => Math.min(step, longest ?? LONGEST_STEP_MS));
}

/** Counts the messages of every notifier; its name is older than the second one. */
const MESSAGES_OVER = 'teams.webhook.messages_sent';

const endings: readonly MessageState[] = ['delivered', 'accepted', 'dead', 'expired', 'superseded'];

/** Nothing more happens to a message in that state by itself. */
export const isOver = (state: MessageState): boolean => endings.includes(state);

/** The tenant of messages that were stored before there were several. */
const NOBODY = 'unknown';

/** Measures and logs what the outbox's workers tell. */
export function observer(telemetry: Telemetry, tenantOf: (destination: string) => string | undefined) {
  return (event: OutboxEvent): void => {
    if (event.kind === 'store_failed') {
      telemetry.count('teams.outbox.problems', 1, { kind: event.kind });
      telemetry.log('outbox.problem', { kind: event.kind, operation: event.operation });
      return;
    }
    if (event.kind === 'store_answered') return;
    if (event.kind === 'fenced') {
      telemetry.count('teams.outbox.problems', 1, { kind: event.kind });
      return;
    }
    if (event.kind === 'damaged') {
      tellDamaged(event.rows, telemetry);
      return;
    }
    if (event.kind === 'health') {
      tellHealth(telemetry, event);
      return;
    }
    if (event.kind === 'fell_back') {
      const { id, instead, destination } = event;
      telemetry.count('teams.outbox.fallbacks', 1, { tenant_id: tenantOf(destination) ?? NOBODY });
      telemetry.log('outbox.fell_back', { messageId: id, instead, destination });
      return;
    }
    const { state, destination, id } = event;
    if (event.kind === 'attempted') {
      telemetry.count('teams.outbox.attempts', 1, { notifier: event.notifier, outcome: event.outcome });
      if (!isOver(state)) return;
    }
    telemetry.count(MESSAGES_OVER, 1, { status: state, tenant_id: tenantOf(destination) ?? NOBODY });
    if (state !== 'dead') return;
    const outcome = event.kind === 'attempted' ? event.outcome : 'none';
    const code = (event.kind === 'attempted' ? event.errorCode : event.deadReason) ?? 'unknown';
    telemetry.log('outbox.dead', { messageId: id, destination, outcome, code });
  };
}

function tellHealth(telemetry: Telemetry, event: Extract<OutboxEvent, { kind: 'health' }>): void {
  const { endpoint, before, health, reason } = event;
  const out = (state: EndpointHealth) => state === 'open' || state === 'disabled';
  telemetry.log('endpoint.health', { endpoint, health, reason });
  if (out(before) === out(health)) return;
  const level = BREAKER_LEVELS[out(health) ? 'open' : 'closed'];
  telemetry.gauge('teams.circuit_breaker.state', level, { endpoint });
  telemetry.log(out(health) ? 'breaker.opened' : 'breaker.closed', { operation: endpoint });
}

/** Measures what the outbox holds now. */
export function tellStats(
  { states, endpoints, oldestOpenAtMs }: OutboxStats,
  unserved: readonly Unserved[],
  { telemetry, nowMs }: { readonly telemetry: Telemetry; readonly nowMs: number },
): void {
  const without = unserved.reduce((sum, { messages }) => sum + messages, 0);
  telemetry.gauge('teams.outbox.without_notifier', without, {});
  for (const [state, count] of Object.entries(states)) telemetry.gauge('teams.outbox.messages', count, { state });
  for (const [state, count] of Object.entries(endpoints)) telemetry.gauge('teams.outbox.endpoints', count, { state });
  const age = oldestOpenAtMs === undefined ? 0 : Math.max(0, nowMs - oldestOpenAtMs);
  telemetry.gauge('teams.outbox.oldest_open_ms', age, {});
}
