import type { Window } from '../messages/types.ts';

/** Where a message is. Open: `pending`, `leased`, `retry`, `unknown`. The others are final (`dead` can be redriven). */
export const messageStates = [
  'pending',
  'leased',
  'retry',
  'unknown',
  'delivered',
  'accepted',
  'dead',
  'expired',
  'superseded',
] as const;
export type MessageState = (typeof messageStates)[number];

/** Why a message is in the dead letters. */
export type DeadReason = 'permanent' | 'attempts_exhausted' | 'poison' | 'endpoint_disabled' | 'payload_damaged';

/** What an attempt came to; `lost`: its worker died or was fenced before it could say, so nobody knows. */
export type AttemptOutcome = 'delivered' | 'accepted' | 'retry' | 'permanent' | 'unknown' | 'lost';

/**
 * `degraded`: its last attempts failed, and it is used. `open`: it is out; what is for it waits, and one attempt at a
 * time shows whether it works again. `disabled`: it is gone, refuses everybody, or was out for days; what is for it goes
 * to the dead letters, and at growing intervals one message is tried.
 */
export const endpointHealths = ['healthy', 'degraded', 'open', 'disabled'] as const;
export type EndpointHealth = (typeof endpointHealths)[number];

/** What is known of an endpoint. Its name holds no URL. */
export interface EndpointSummary {
  endpoint: string;
  health: EndpointHealth;
  sinceMs: number;
  /** Code of the error that brought it there. */
  reason?: string | undefined;
  failures: number;
  /** The service asked for silence until then. */
  holdUntilMs?: number | undefined;
  /** When the next message is tried, to see whether it works again. */
  probeAtMs?: number | undefined;
}

/** Where a message goes instead, once it is certain that it did not arrive. */
export interface Fallback {
  /** The notifier that delivers there. Default: that of the message. */
  readonly notifier?: string | undefined;
  /** Names of receivers, tried one after the other. */
  readonly destinations: readonly string[];
  /** Of all messages that fall back to a destination with the same key, one is sent. */
  readonly key: string;
}

/** A message to be sent. */
export interface NewMessage<P = unknown> {
  /** Stable identity, the same in every attempt. Default: a new one. */
  id?: string;
  /** Name of the notifier that delivers it. */
  notifier: string;
  /** Name of the receiver. A name, never a URL: it is shown in lists. */
  destination: string;
  /** Messages of one lane are delivered one by one, in order of their {@link series}. Default: the destination. */
  lane?: string | undefined;
  /** JSON, stored as is: the one column that holds message text. */
  payload: P;
  /** A second message of the lane with this key is not stored, as long as the first is kept. */
  dedupeKey?: string | undefined;
  /** This message replaces those of the lane with the same key that still wait, and lives no shorter than they would. */
  coalesceKey?: string | undefined;
  /**
   * What belongs together: of messages of a lane with the same series the order is always kept. When something has
   * waited long, the newest series of a lane goes first. Default: one series for all that have none.
   */
  series?: string | undefined;
  /** A further part of the message before it in its series: nothing else is sent between them if it can be helped. */
  continues?: boolean | undefined;
  /** Not sent later than this after acceptance. */
  ttlMs?: number | undefined;
  /** Used when it is dead and certainly did not arrive. */
  fallback?: Fallback | undefined;
}

export interface Receipt {
  /** Identity of the stored message; that of the first one for a duplicate. */
  id: string;
  duplicate: boolean;
  /** Ids of the waiting messages that this one replaced, if any. */
  superseded?: readonly string[] | undefined;
}

/** What `list` shows: everything but the message text. */
export interface MessageSummary {
  id: string;
  notifier: string;
  destination: string;
  lane: string;
  state: MessageState;
  /** Attempts begun. */
  attempts: number;
  /** Attempts whose result nobody knows: the upper bound of duplicates. */
  unknowns: number;
  enqueuedAtMs: number;
  nextAttemptAtMs: number;
  expiresAtMs?: number | undefined;
  finishedAtMs?: number | undefined;
  /** Identity that the service gave the delivered message. */
  receipt?: string | undefined;
  deadReason?: DeadReason | undefined;
  errorCode?: string | undefined;
  errorMessage?: string | undefined;
  /** The message that was sent elsewhere in its place. */
  fellBackTo?: string | undefined;
  /** Waiting messages that it replaced. */
  replaced?: number | undefined;
}

/** In a list that was asked for payloads, with its own. */
export interface ListedMessage extends MessageSummary {
  payload?: unknown;
}

export interface AttemptRecord {
  attempt: number;
  worker: string;
  startedAtMs: number;
  finishedAtMs?: number | undefined;
  outcome?: AttemptOutcome | undefined;
  errorCode?: string | undefined;
  errorMessage?: string | undefined;
}

export interface MessageDetail extends MessageSummary {
  payload: unknown;
  history: readonly AttemptRecord[];
}

/** Windows that share one count, for example everything one app sends in one tenant. Held across all workers. */
export interface LimitScope {
  /** Names the count. Contains tenant and app where the limit is per tenant and app. */
  readonly scope: string;
  readonly windows: readonly Window[];
}

/** What an attempt is made for. */
export interface Target {
  readonly notifier: string;
  readonly destination: string;
  readonly lane: string;
}

/** The scopes that one attempt on this lane counts against. */
export type Limits = (target: Target & { readonly endpoint: string }) => readonly LimitScope[];

export interface OutboxStats {
  states: Readonly<Record<MessageState, number>>;
  endpoints: Readonly<Record<EndpointHealth, number>>;
  /** Attempts whose result nobody knows, over all stored messages. */
  unknowns: number;
  /** Messages that are still open, by the notifier that they wait for. */
  openByNotifier: Readonly<Record<string, number>>;
  /** Acceptance time of the oldest message that is still open. */
  oldestOpenAtMs?: number | undefined;
}

/** What a stored row is about. */
export const damagedKinds = [
  ...['endpoint', 'limit', 'lane', 'message', 'fallback'],
  ...['group', 'alert', 'source', 'forwarded', 'silence', 'state', 'identity'],
] as const;
export type DamagedKind = (typeof damagedKinds)[number];

/** A row that cannot be read. Its key holds no text of a message. */
export interface DamagedRow {
  readonly kind: DamagedKind;
  readonly key: string;
}

/** A message that ended without an attempt: too late, replaced, poison, or for a disabled endpoint. */
export interface Ended {
  id: string;
  notifier: string;
  destination: string;
  state: 'expired' | 'superseded' | 'dead';
  deadReason?: DeadReason;
}

/** What an observer is told. No message text, no secret. */
export type OutboxEvent =
  | {
      kind: 'attempted';
      id: string;
      notifier: string;
      destination: string;
      attempt: number;
      outcome: AttemptOutcome;
      state: MessageState;
      durationMs: number;
      errorCode?: string;
    }
  | ({ kind: 'ended' } & Ended)
  /** An endpoint is in another health than before. */
  | { kind: 'health'; endpoint: string; before: EndpointHealth; health: EndpointHealth; reason?: string | undefined }
  /** A message was stored in the place of one that certainly did not arrive. */
  | { kind: 'fell_back'; id: string; instead: string; destination: string }
  /** Rows of which nothing could be made were set right: what they held is gone, everything else goes on. */
  | { kind: 'damaged'; rows: readonly DamagedRow[] }
  /** The lease was lost before the attempt ended: its result was not written. */
  | { kind: 'fenced'; id: string; notifier: string; destination: string; attempt: number }
  /** The database did not answer; the worker goes on trying. */
  | { kind: 'store_failed'; operation: StoreOperation; error: unknown }
  /** It answers again, after it had not. */
  | { kind: 'store_answered'; operation: StoreOperation };

/** What a worker asks its database for, over and over. */
export type StoreOperation = 'claim' | 'settle' | 'housekeeping';
