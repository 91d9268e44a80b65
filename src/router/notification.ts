import { createHash } from 'node:crypto';
import type { Notification, NotificationStatus } from '../messages/types.ts';

/** A label's value; a missing label is the empty string, as in Alertmanager. Safe for names such as `constructor`. */
export function labelOf(notification: Pick<Notification, 'labels'>, name: string): string {
  return Object.hasOwn(notification.labels, name) ? notification.labels[name]! : '';
}

/** The severity as given, else the label `severity`. */
export function severityOf(notification: Notification): string {
  return notification.severity ?? labelOf(notification, 'severity');
}

/** The source as given, else the label `source`. */
export function sourceOf(notification: Notification): string {
  return notification.source ?? labelOf(notification, 'source');
}

/** The status at an instant: a firing alert whose `endsAt` has passed is resolved. */
export function statusAt(notification: Notification, now: number): NotificationStatus {
  const over = notification.endsAt !== undefined && notification.endsAt <= now;
  return notification.status === 'firing' && over ? 'resolved' : notification.status;
}

/** A short, stable digest of JSON-safe parts; used for fingerprints and message ids. */
export function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** Entries sorted by key, so that the same labels always give the same digest and the same group key. */
export function sortedEntries(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
