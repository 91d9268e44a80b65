import type { Account } from '../activities/envelope.ts';

/** A person named in a text: `text` belongs into the message, `entity` among its `entities`. */
export interface Mention {
  readonly text: string;
  readonly entity: {
    readonly type: 'mention';
    readonly text: string;
    readonly mentioned: { readonly id: string; readonly name: string };
  };
}

/**
 * Names somebody of the conversation so that Teams tells them. The name is escaped in both places alike.
 *
 * @param person - `activity.from`, or one of `members()`
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-messages#user-mentions-in-channel-messages
 */
export function mention({ id, name }: Pick<Account, 'id' | 'name'>): Mention {
  const shown = (name ?? id).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const text = `<at>${shown}</at>`;
  return { text, entity: { type: 'mention', text, mentioned: { id, name: shown } } };
}
