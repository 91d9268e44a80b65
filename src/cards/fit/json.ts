import type { HostProfile } from '../host-profile.ts';

/** A card while it is being cut: plain JSON that may be changed. */
export interface MutableNode {
  [property: string]: unknown;
}

/** Bytes of a value in a message body, as the host counts them. Sums of parts are exact. */
export function jsonBytes(value: unknown, profile: HostProfile): number {
  const json = JSON.stringify(value) ?? '';
  return profile.encoding === 'utf-8' ? Buffer.byteLength(json) : json.length * 2;
}

/** A copy that shares nothing with the original. */
export function copyOf(value: unknown): MutableNode {
  return JSON.parse(JSON.stringify(value));
}

/** The id of the line that says how much of a message is not shown: whatever is cut, it stays. */
export const NOT_SHOWN_ID = 'not-shown';

/** Whether an element is the last that may be cut. */
export const isKept = (element: unknown): boolean =>
  typeof element === 'object' && element !== null && (element as MutableNode)['id'] === NOT_SHOWN_ID;

/** A line that tells the reader what was done to the message. */
export function note(text: string): MutableNode {
  return { type: 'TextBlock', text, wrap: true, isSubtle: true, size: 'Small' };
}

/** Takes out the mention entities whose text is gone. */
export function dropIdleEntities(card: MutableNode): void {
  const msteams = card['msteams'] as MutableNode | undefined;
  const entities = msteams?.['entities'];
  if (!msteams || !Array.isArray(entities)) return;
  const rest = JSON.stringify([card['body'], card['actions']]);
  const inUse = (entity: MutableNode) => rest.includes(JSON.stringify(entity['text']).slice(1, -1));
  msteams['entities'] = entities.filter(inUse);
}
