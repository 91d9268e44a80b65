import type { ActivityOf } from './activity-types.ts';

type Words = ActivityOf<'message'>;

const HTML = 'text/html';

/**
 * The text of a message without the mention of the bot itself, which every message in a channel begins with.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-messages
 */
export function textOf({ text, entities, recipient }: Words): string {
  const own = (entities ?? []).filter(({ type, mentioned }) => type === 'mention' && mentioned?.id === recipient.id);
  const marks = own.map(({ text: mark, mentioned }) => mark || `<at>${mentioned?.name ?? ''}</at>`);
  return marks.reduce(without, (text ?? '').replaceAll('\u00a0', ' ')).trim();
}

const without = (text: string, mark: string) =>
  text
    .split(mark)
    .map((part) => part.trim())
    .join(' ');

/** The same text as Teams shows it: it arrives a second time, as an attachment. */
export function htmlOf({ attachments }: Words): string | undefined {
  const twin = attachments?.find(({ contentType }) => contentType === HTML)?.content;
  return typeof twin === 'string' ? twin : undefined;
}

/** What was attached by the person: without the text's own second form. */
export const attachmentsOf = ({ attachments }: Words) =>
  (attachments ?? []).filter(({ contentType }) => contentType !== HTML);
