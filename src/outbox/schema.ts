import type { Generated } from 'kysely';
import type { AttemptOutcome, DeadReason, EndpointHealth, MessageState } from './types.ts';

/** Times are milliseconds since 1970. PostgreSQL's driver may give a bigint as text: read them through `Number`. */
export interface MessageRow {
  /** Order of acceptance; within a lane the order of delivery. */
  seq: Generated<number>;
  id: string;
  notifier: string;
  destination: string;
  lane: string;
  /** Canonical JSON. The only column with message text. */
  payload: string;
  dedupe_key: string | null;
  coalesce_key: string | null;
  state: MessageState;
  /** Attempts begun in all. */
  attempts: number;
  /** Attempts begun since acceptance or the last redrive: the place in the retry schedule. */
  tries: number;
  unknowns: number;
  /** Attempts under which the worker died. */
  lost: number;
  enqueued_at: number;
  next_attempt_at: number;
  expires_at: number | null;
  /** Null: open. */
  finished_at: number | null;
  receipt: string | null;
  dead_reason: DeadReason | null;
  error_code: string | null;
  error_message: string | null;
  /** The span that accepted it. https://www.w3.org/TR/trace-context/ */
  traceparent: string | null;
  tracestate: string | null;
  /** Length of the present wait, which ends at `next_attempt_at`: what bounds it when the clock is set. */
  wait_ms: number;
  /** JSON of a {@link Fallback}. */
  fallback: string | null;
  /** The message that was sent elsewhere in its place. */
  fell_back_to: string | null;
  /** Waiting messages that this one replaced. */
  replaced: number;
  /** Of messages of a lane with the same series the order is always kept. */
  series: string;
  /** 1: a further part of the message before it in its series, which nothing should come between. */
  continues: number;
  /** When what it says was first accepted, in the newest message that says it. */
  news_at: number;
}

export interface AttemptRow {
  message_id: string;
  attempt: number;
  fence: number;
  worker: string;
  started_at: number;
  finished_at: number | null;
  outcome: AttemptOutcome | null;
  error_code: string | null;
  error_message: string | null;
}

/** One per conversation or endpoint. The lane is what a worker leases. */
export interface LaneRow {
  lane: string;
  notifier: string;
  /** When a worker may take it: the head's time, or the end of the present lease. Null: nothing waits. */
  ready_at: number | null;
  leased_by: string | null;
  /** Grows with every lease. A result is written only under the fence it was leased with. */
  fence: number;
  /** Length of the wait that ends at `ready_at`. */
  wait_ms: number;
  /** The endpoint that its last head was for. */
  endpoint: string | null;
  /** Attempts begun in the present backlog. */
  backlog_turns: Generated<number>;
}

/**
 * What is known of one endpoint, whatever receivers, lanes and processes use it: the one truth of its health. Each
 * instant in the future has its length beside it, which bounds it when the clock is set.
 */
export interface EndpointRow {
  endpoint: string;
  health: EndpointHealth;
  /** Since when it is in this health. */
  since: number;
  /** Code of the error that brought it there. */
  reason: string | null;
  /** Failures since the last success that were not the message's own fault. */
  failures: number;
  /** Outages in a row. */
  outages: number;
  /** Refusals of the endpoint itself in a row. */
  refusals: number;
  failing_since: number | null;
  /** The service asked for silence until then. */
  hold_until: number;
  hold_ms: number;
  /** When one attempt may show whether it works again. */
  probe_at: number;
  probe_ms: number;
  /** Probes that failed in a row. */
  probes: number;
  /** The present probe has an outcome by then. */
  probing_until: number;
  probing_ms: number;
  retry_budget: number;
}

/** Times of the attempts that some window still sees, as a JSON array in ascending order. */
export interface LimitRow {
  scope: string;
  times: string;
}

/** The outbox's tables, for a caller's own Kysely type. */
export interface OutboxTables {
  outbox_messages: MessageRow;
  outbox_attempts: AttemptRow;
  outbox_lanes: LaneRow;
  outbox_endpoints: EndpointRow;
  outbox_limits: LimitRow;
}

export type Dialect = 'sqlite' | 'postgres';
