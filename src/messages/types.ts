import type { SluiceError } from '../errors/sluice-error.ts';
import type { TraceContext } from '../telemetry/trace-context.ts';

/** `event` is said once and then over; `firing` lasts until the same fingerprint comes `resolved`. */
export type NotificationStatus = 'firing' | 'resolved' | 'event';

/** What is to be shown. A card is Adaptive Card JSON; a template is filled with its data when the message is built. */
export type Content =
  | { readonly kind: 'text'; readonly text: string; readonly title?: string | undefined }
  | { readonly kind: 'card'; readonly card: Readonly<Record<string, unknown>> }
  | { readonly kind: 'template'; readonly template: string; readonly data: unknown };

/** One alert, event or line of text: what comes in and is routed. Plain JSON. */
export interface Notification {
  readonly tenant: string;
  readonly status: NotificationStatus;
  /** The same for every report of the same alert. */
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly severity?: string;
  readonly source?: string;
  /** Absent when the alert is shown from its labels and annotations. */
  readonly content?: Content;
  /** What the alert's expressions were worth, by their name, as Grafana sends it. */
  readonly values?: Readonly<Record<string, string>> | undefined;
  /** Named http(s) links: `generator`, `silence`, `dashboard`. The card decides which may be shown. */
  readonly links: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly startsAt: number;
  /** Milliseconds since 1970; a firing alert counts as resolved from then on. The router gives an end to one without. */
  readonly endsAt?: number;
  /** When the router gave it that end. */
  readonly heardAt?: number | undefined;
  /** Ids of the routes this notification has already passed, oldest first. */
  readonly trail: readonly string[];
  /** The span that accepted it, so that what becomes of it can be linked to that. */
  readonly trace?: TraceContext | undefined;
}

/** The group that a sender which groups by itself (Alertmanager, Grafana) made of its alerts. Plain JSON. */
export interface SenderGroup {
  readonly sender: 'alertmanager' | 'grafana';
  /** The sender's own key: the same in every message about this group. */
  readonly groupKey: string;
  /** The sender's receiver or contact point. */
  readonly receiver: string;
  /** Alerts of the group that the sender left out of the body. */
  readonly truncatedAlerts: number;
  /** Where the sender's own pages are. */
  readonly externalUrl?: string | undefined;
}

/** What goes to one receiver: the notifications of one group. Plain JSON. */
export interface Message {
  /** Stable: the same in every attempt, after a restart and after a redrive. */
  readonly id: string;
  readonly tenant: string;
  /** Name of the destination. */
  readonly receiver: string;
  /** Groups with the same key are one conversation: lane, edit and coalescing key. */
  readonly groupKey: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  /** `firing` while at least one notification fires. */
  readonly status: NotificationStatus;
  readonly notifications: readonly Notification[];
  /** Present when the sender grouped, and its body is forwarded as it came. */
  readonly senderGroup?: SenderGroup | undefined;
  /** Present when it says again what was said: for so long that is worth sending. */
  readonly repeatMs?: number | undefined;
  /** Who gets it instead, once it is certain that it did not arrive; of messages with the same key, one is sent there. */
  readonly fallback?: { readonly receiver: string; readonly key: string } | undefined;
}

/**
 * Whose fault a failure is. `message`: the endpoint works, another message may pass. `gone`: there is no such endpoint
 * any more. `endpoint`: it refused whoever sends. `service`: it answers, and not well. `outage`: it does not answer, or
 * with a 5xx. `nobody`: it was not asked.
 */
export type Blame = 'message' | 'gone' | 'endpoint' | 'service' | 'outage' | 'nobody';

/** Why an attempt failed. */
interface Failed {
  readonly error: SluiceError;
  /** Default: of a `permanent` failure the message, else the service. */
  readonly blame?: Blame | undefined;
}

/** What one of several endpoints answered before another one was asked. */
export interface Refusal {
  readonly endpoint: string;
  readonly outcome: Outcome;
}

/**
 * What one attempt came to. `accepted` is not proof that anybody saw it; `unknown` may have been executed. `afterMs` is
 * how long the service asked to be left alone. `refusals`: endpoints that were asked before the one that this is about.
 */
export type Outcome = (
  | { kind: 'delivered'; id: string }
  | { kind: 'accepted' }
  | ({ kind: 'retry'; afterMs?: number | undefined } & Failed)
  | ({ kind: 'permanent' } & Failed)
  | ({ kind: 'unknown'; afterMs?: number | undefined } & Failed)
) & { readonly endpoint?: string | undefined; readonly refusals?: readonly Refusal[] | undefined };

/** One published limit: at most `limit` attempts in any `windowMs`. */
export interface Window {
  readonly limit: number;
  readonly windowMs: number;
}

/** Makes one attempt to deliver a message. Order, retry, limits and dead letters are the outbox's business. */
/** What a message tells of, so that a newer one about the same can take the place of an older one. */
export interface Subject {
  /** The same for all messages about one group of alerts, and one part of them. */
  readonly key: string;
  /** The same for messages that say the same of the same alerts. */
  readonly said: string;
}

export interface Notifier<P = unknown> {
  readonly name: string;
  /**
   * The endpoints that lead to a destination, best first. Destinations that share one share its holds, its windows and
   * its health. Names, never URLs. Default: one of its own.
   */
  endpointsOf?(destination: string): readonly string[];
  notify(
    /** `endpoint`: the one to be asked, of {@link Notifier.endpointsOf}. */
    message: {
      id: string;
      destination: string;
      payload: P;
      attempt: number;
      endpoint?: string | undefined;
      subject?: Subject | undefined;
    },
    signal: AbortSignal,
  ): Promise<Outcome>;
}
