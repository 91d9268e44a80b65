import type { SluiceConfig } from '../config/schema.ts';
import { defaultRetryPolicy } from '../outbox/retry-policy.ts';
import type { MessageState, OutboxEvent } from '../outbox/types.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

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
    // One attempt may try two URLs, each with its own limit.
    attemptTimeoutMs: 2 * resilience.request_timeout_ms + 5_000,
    retry: { scheduleMs: retrySchedule(resilience) },
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

const endings: readonly MessageState[] = ['delivered', 'accepted', 'dead', 'expired', 'superseded'];

/** Nothing more happens to a message in that state by itself. */
export const isOver = (state: MessageState): boolean => endings.includes(state);

/** Measures and logs what the outbox's workers tell. */
export function observer(telemetry: Telemetry, tenantOf: (destination: string) => string) {
  return (event: OutboxEvent): void => {
    if (event.kind === 'store_failed') {
      telemetry.count('teams.outbox.problems', 1, { kind: event.kind });
      telemetry.log('outbox.problem', { kind: event.kind, operation: event.operation });
      return;
    }
    if (event.kind === 'fenced') {
      telemetry.count('teams.outbox.problems', 1, { kind: event.kind });
      return;
    }
    const { state, destination, id } = event;
    if (event.kind === 'attempted') {
      telemetry.count('teams.outbox.attempts', 1, { notifier: event.notifier, outcome: event.outcome });
      if (!isOver(state)) return;
    }
    telemetry.count('teams.webhook.messages_sent', 1, { status: state, tenant_id: tenantOf(destination) });
    if (state !== 'dead') return;
    const outcome = event.kind === 'attempted' ? event.outcome : 'none';
    const code = (event.kind === 'attempted' ? event.errorCode : event.deadReason) ?? 'unknown';
    telemetry.log('outbox.dead', { messageId: id, destination, outcome, code });
  };
}
