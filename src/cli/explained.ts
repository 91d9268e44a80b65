import type { Message, Notification } from '../notifiers/types.ts';
import type { Explanation } from '../router/explain.ts';

/** A notification and where it would go. */
export interface Explained {
  readonly notification: Notification;
  readonly explanation: Explanation;
}

/** The messages that would be sent: one per group and receiver, as the router puts them together. */
export function explainedMessages(explained: readonly Explained[]): Message[] {
  const messages = new Map<string, Message>();
  for (const { notification, explanation } of explained) {
    for (const { receivers, groupKey, groupLabels, mutedByTime } of explanation.assignments) {
      if (mutedByTime !== undefined) continue;
      for (const receiver of receivers) {
        const id = JSON.stringify([groupKey, receiver]);
        const { tenant, status } = notification;
        const begun = messages.get(id) ?? { id, tenant, receiver, groupKey, groupLabels, status, notifications: [] };
        const firing = begun.status === 'firing' || status === 'firing';
        messages.set(id, {
          ...begun,
          status: firing ? 'firing' : status,
          notifications: [...begun.notifications, notification],
        });
      }
    }
  }
  return [...messages.values()];
}
