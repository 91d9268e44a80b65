import { z } from 'zod';
import { MAX_BOT_MESSAGE_BYTES } from '../../limits/bot-limits.ts';
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
  /**
   * Buttons for like and dislike. `default`: Teams asks for words, and they come as `invoke:message/submitAction`
   * ({@link readFeedback}); `custom`: the bot's own dialog, asked for with `invoke:message/fetchTask`.
   *
   * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content#feedback-buttons
   */
  readonly feedback?: 'default' | 'custom' | undefined;
  readonly channelData?: object | undefined;
}

/** What was sent. */
export interface Sent {
  /** By which it can be edited and deleted; undefined when Teams gives none. */
  readonly id: string | undefined;
  /** Of every part: text and attachments are sent one after the other. */
  readonly ids: readonly string[];
}

export const sentOf = (given: readonly (string | undefined)[]): Sent => {
  const ids = given.filter((id) => id !== undefined);
  return { id: ids[0], ids };
};

const sentSchema = z.object({ id: z.string().optional() }).catch({});

/** The id that the service gives to what was sent. */
export const sentId = (answer: unknown): string | undefined => sentSchema.parse(answer).id;

/** A message on its way to a conversation. */
export interface MessageActivity {
  readonly type: string;
  readonly entities?: readonly object[] | undefined;
  readonly [field: string]: unknown;
}

const CARD_TYPE = 'application/vnd.microsoft.card.adaptive';

/** A message with one Adaptive Card. */
export const cardMessage = (card: object): Message => ({ attachments: [{ contentType: CARD_TYPE, content: card }] });

/**
 * The activities that a message becomes. Text with attachments is two: Teams would split it, and then give no id by
 * which it could be edited.
 *
 * @throws SluiceError `message_empty`, `message_too_large`, `mention_not_in_text`, before anything is sent
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages
 */
export function activitiesOf(given: string | Message, answered: Envelope): readonly MessageActivity[] {
  const { parts, rest } = partsOf(given);
  const activities = parts.map((part) => ({ ...addressed('message', answered), ...rest, ...part }));
  for (const activity of activities) checkSize(activity);
  return activities;
}

/** What is put in the place of one message. @throws SluiceError `edit_in_two`, and as {@link activitiesOf} */
export function editOf(given: string | Message, answered: Envelope): MessageActivity {
  const [activity, ...more] = activitiesOf(given, answered);
  if (more.length > 0) throw botErrors.edit_in_two();
  return activity!;
}

/** Text and attachments in one, as the last message of a stream may have them. @throws SluiceError as {@link activitiesOf} */
export function oneActivityOf(given: Message, answered: Envelope): MessageActivity {
  const { parts, rest } = partsOf(given);
  const activity = { ...addressed('message', answered), ...rest, ...Object.assign({}, ...parts) } as MessageActivity;
  checkSize(activity);
  return activity;
}

function partsOf(given: string | Message) {
  const message = typeof given === 'string' ? { text: given } : given;
  const { text, textFormat, entities, attachments = [], feedback, channelData, ...others } = message;
  const words = text === undefined || text === '' ? [] : [{ text, textFormat: textFormat ?? 'markdown', entities }];
  const cards = attachments.length === 0 ? [] : [{ attachments }];
  const parts = [...words, ...cards];
  if (parts.length === 0) throw botErrors.message_empty();
  if (!namesAll(text ?? '', entities ?? [])) throw botErrors.mention_not_in_text();
  const data = feedback === undefined ? channelData : { ...channelData, feedbackLoop: { type: feedback } };
  return { parts, rest: data === undefined ? others : { ...others, channelData: data } };
}

/** Whether every mention stands in the text: Teams refuses the message else. */
const namesAll = (text: string, entities: readonly object[]): boolean =>
  entities.every((entity) => {
    const { type, text: mark } = entity as { readonly type?: unknown; readonly text?: unknown };
    return type !== 'mention' || (typeof mark === 'string' && text.includes(mark));
  });

/** In UTF-16, as Teams measures. */
export const bytesOf = (value: object | string): number => JSON.stringify(value).length * 2;

/** @throws SluiceError `message_too_large` */
function checkSize(activity: object): void {
  const bytes = bytesOf(activity);
  if (bytes > MAX_BOT_MESSAGE_BYTES) throw botErrors.message_too_large({ bytes, maxBytes: MAX_BOT_MESSAGE_BYTES });
}

/**
 * What an activity of a stream says of the stream.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux#stream-message-through-rest-api
 */
export function streamInfo(
  about: {
    readonly streamType: 'informative' | 'streaming' | 'final';
    readonly streamSequence?: number | undefined;
    readonly streamId: string | undefined;
  },
  activity: MessageActivity,
): MessageActivity {
  return { ...activity, entities: [...(activity.entities ?? []), { type: 'streaminfo', ...about }] };
}

/** An activity of the bot, to the one it answers. */
export function addressed(type: 'message' | 'typing', answered: Envelope): MessageActivity {
  const { from, recipient, conversation, locale } = answered;
  const replyToId = answered.type === 'message' ? answered.id : undefined;
  return { type, from: recipient, recipient: from, conversation: { id: conversation.id }, replyToId, locale };
}
