import { cardToText } from '../../cards/index.ts';
import type { Notification } from '../../messages/types.ts';
import { renderExplanation } from '../../router/explain/render-explanation.ts';
import type { RoutingPreview } from '../../sending/preview.ts';

/** Widest picture, in columns. */
const MAX_WIDTH = 90;

/** Which routes match and why, and a picture of each message. */
export function renderPreview({ notifications, messages }: RoutingPreview, { columns }: { columns: number }): string {
  const width = Math.min(columns, MAX_WIDTH);
  const routes = notifications.map(
    ({ notification, explanation }) => `${titleOf(notification)}\n${renderExplanation(explanation)}\n`,
  );
  const pictures = messages.flatMap(({ receiver, bodies }) => [
    `To ${receiver}:`,
    ...bodies.map(({ attachments: [{ content }] }) => cardToText(content, { width })),
  ]);
  return [...routes, ...pictures, ''].join('\n');
}

const titleOf = ({ status, labels, fingerprint }: Notification) => `${status} ${labels['alertname'] ?? fingerprint}`;

/** The same as data; of a notification only what names it. */
export function previewJson({ form, notifications, messages }: RoutingPreview) {
  return {
    form,
    notifications: notifications.map(({ notification: { fingerprint, status }, explanation }) => ({
      fingerprint,
      status,
      ...explanation,
    })),
    messages,
  };
}
