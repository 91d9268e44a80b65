import type { Envelope } from '../activities/envelope.ts';
import { botErrors } from '../errors.ts';

/** A card, a picture, a file, as an activity carries it. */
export interface Attachment {
  readonly contentType: string;
  readonly content?: unknown;
  readonly contentUrl?: string | undefined;
  readonly name?: string | undefined;
}

/** What a bot says. */
export interface Message {
  /** Markdown, unless `textFormat` says otherwise. */
  readonly text?: string | undefined;
  readonly textFormat?: 'markdown' | 'plain' | 'xml' | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
  /** Mentions and other facts about the text. */
  readonly entities?: readonly object[] | undefined;
  /** Shown in the activity feed in place of a card. */
  readonly summary?: string | undefined;
  readonly channelData?: object | undefined;
}

/** @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages (100 KB in UTF-16) */
const MAX_MESSAGE_BYTES = 100 * 1024;
const CARD_TYPE = 'application/vnd.microsoft.card.adaptive';

/** A message with one Adaptive Card. */
export const cardMessage = (card: object): Message => ({ attachments: [{ contentType: CARD_TYPE, content: card }] });

/**
 * The activities that a message becomes. Text with attachments is two: Teams would split it, and then give no id by
 * which it could be edited.
 *
 * @throws SluiceError `message_empty`, `message_too_large`, before anything is sent
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages
 */
export function activitiesOf(given: string | Message, answered: Envelope): readonly object[] {
  const message = typeof given === 'string' ? { text: given } : given;
  const { text, textFormat, entities, attachments = [], ...rest } = message;
  const words = text === undefined || text === '' ? [] : [{ text, textFormat: textFormat ?? 'markdown', entities }];
  const cards = attachments.length === 0 ? [] : [{ attachments }];
  const parts = [...words, ...cards];
  if (parts.length === 0) throw botErrors.message_empty();
  const activities = parts.map((part) => ({ ...addressed('message', answered), ...rest, ...part }));
  for (const activity of activities) {
    const bytes = JSON.stringify(activity).length * 2;
    if (bytes > MAX_MESSAGE_BYTES) throw botErrors.message_too_large({ bytes, maxBytes: MAX_MESSAGE_BYTES });
  }
  return activities;
}

/** An activity of the bot, to the one it answers. */
export function addressed(type: 'message' | 'typing', answered: Envelope): object {
  const { from, recipient, conversation, locale } = answered;
  const replyToId = answered.type === 'message' ? answered.id : undefined;
  return { type, from: recipient, recipient: from, conversation: { id: conversation.id }, replyToId, locale };
}
