import { unsafeCharacters } from '../../html/index.ts';
import type { Content, Notification } from '../../messages/types.ts';

const sum = (texts: readonly string[]) => texts.reduce((total, text) => total + unsafeCharacters(text), 0);

/** Control and direction characters of a text that nobody will see. A card or template is refused for them instead. */
export function removedFrom(content: Content): number {
  return content.kind === 'text' ? sum([content.text, content.title ?? '']) : 0;
}

/** Those of notifications: of their texts, and of what the built card shows of them. */
export function removedFromAll(notifications: readonly Notification[]): number {
  return notifications.reduce((total, { content, labels, annotations }) => {
    const shown = content === undefined ? sum([...Object.values(labels), ...Object.values(annotations)]) : 0;
    return total + shown + (content ? removedFrom(content) : 0);
  }, 0);
}
