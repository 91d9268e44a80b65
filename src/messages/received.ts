import type { Oddities } from './oddities.ts';
import type { Notification, SenderGroup } from './types.ts';

/** Largest body read, in UTF-8 bytes: the one limit of all ingresses, which `server.max_body_bytes` can only lower. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The forms in which notifications come in. */
export const ingressNames = ['notification', 'alertmanager', 'grafana'] as const;
export type IngressName = (typeof ingressNames)[number];

/** What one body brought. */
export interface Received {
  readonly ingress: IngressName;
  readonly notifications: readonly Notification[];
  /** How its sender grouped it. Absent: the sender does not group. */
  readonly group?: ReceivedGroup | undefined;
  readonly oddities: Oddities;
}

/** A body of a sender that groups, repeats and silences by itself. */
export interface ReceivedGroup extends SenderGroup {
  readonly groupLabels: Readonly<Record<string, string>>;
  /** The same for the same bytes: what tells an HTTP retry from a new message. */
  readonly bodyDigest: string;
}
