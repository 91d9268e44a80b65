import { cardToText } from '../../cards/index.ts';
import type { Message } from '../../notifiers/types.ts';
import { renderExplanation } from '../../router/render-explanation.ts';
import type { Rendered } from '../../server/messages/render.ts';
import type { Explained } from '../explained.ts';

/** Widest picture, in columns. */
const MAX_WIDTH = 90;

interface Result {
  readonly explained: readonly Explained[];
  readonly messages: readonly (Rendered & { readonly message: Message })[];
}

/** What `sluice route explain` prints. */
export function renderExplained(
  { explained, messages }: Result,
  { json, columns }: { readonly json: boolean; readonly columns: number },
): string {
  if (json) return `${JSON.stringify(explainedJson({ explained, messages }))}\n`;
  const routes = explained.map(
    ({ notification, explanation }) => `${titleOf(notification)}\n${renderExplanation(explanation)}\n`,
  );
  const pictures = messages.flatMap(({ message, bodies, fellBack }) => [
    `To ${message.receiver}:${fellBack ? ` (its own form cannot be used: ${fellBack.message})` : ''}`,
    ...bodies.map(({ attachments: [{ content }] }) => cardToText(content, { width: Math.min(columns, MAX_WIDTH) })),
  ]);
  return [...routes, ...pictures, ''].join('\n');
}

const titleOf = ({ status, labels, fingerprint }: Explained['notification']) =>
  `${status} ${labels['alertname'] ?? fingerprint}`;

function explainedJson({ explained, messages }: Result) {
  return {
    notifications: explained.map(({ notification: { fingerprint, status }, explanation }) => ({
      fingerprint,
      status,
      ...explanation,
    })),
    messages: messages.map(({ message: { receiver, groupKey }, bodies, fellBack }) => ({
      receiver,
      groupKey,
      bodies,
      ...(fellBack && { fellBack: { code: fellBack.code, message: fellBack.message } }),
    })),
  };
}
