import type { Content, Message, Notification } from '../messages/types.ts';
import { digest } from '../router/notification.ts';

/** A message to be sent without routing. */
export interface DirectMessage {
  /** Names of receivers. */
  readonly to: readonly string[];
  readonly content: Content;
  /** Default: the only tenant, or the first that is allowed. */
  readonly tenant?: string;
  /** Stable id: a second message with it is not sent. Default: a new one. */
  readonly id?: string;
  /** How long to wait for retries. What is not sent then stays in the outbox. Default 60 s. */
  readonly waitMs?: number | undefined;
}

/** One message per receiver, each once, with ids that depend on the message's own id and the receiver only. */
export function directMessages(options: {
  readonly to: readonly string[];
  readonly content: Content;
  readonly tenant: string;
  readonly id: string;
  readonly now: number;
}): Message[] {
  const { to, content, tenant, id, now } = options;
  const notification: Notification = {
    tenant,
    status: 'event',
    fingerprint: id,
    labels: {},
    annotations: {},
    tags: [],
    links: {},
    content,
    startsAt: now,
    trail: [],
  };
  return [...new Set(to)].map((receiver) => ({
    id: digest([id, receiver]),
    tenant,
    receiver,
    groupKey: id,
    groupLabels: {},
    status: 'event',
    notifications: [notification],
  }));
}
