import type { Column } from '../../schema/column.ts';
import { identitySet } from './identity.ts';
import { attachment, mention, reaction } from './message-lists.ts';

/** Where a reply names its root: in itself, in the record that holds it, or in the address it was read from. */
export const rootPaths = ['replyToId', '$parent.id', '$context.message_id'] as const;

const place = {
  team_id: {
    type: 'id',
    from: ['channelIdentity.teamId', '$context.team_id'],
    description: 'Team the message was posted in.',
  },
  channel_id: {
    type: 'string',
    from: ['channelIdentity.channelId', '$context.channel_id'],
    description: 'Channel the message was posted in.',
  },
} as const satisfies Record<string, Column>;

const times = {
  createdDateTime: { type: 'timestamp', description: 'When it was posted.' },
  lastModifiedDateTime: {
    type: 'timestamp',
    description: 'When it was posted or last changed; a reaction counts as a change.',
  },
  lastEditedDateTime: { type: 'timestamp', description: 'When its author last edited it.' },
  deletedDateTime: { type: 'timestamp', description: 'When it was deleted; null while it stands.' },
} as const satisfies Record<string, Column>;

/** Every documented property of a chatMessage that has no other place in a chat than in a channel. https://learn.microsoft.com/en-us/graph/api/resources/chatmessage */
const anyMessage = {
  id: { type: 'string', description: 'Unique only below its channel and root message.' },
  etag: { type: 'string', description: 'Version number of the message.' },
  messageType: { type: 'string', description: 'message, systemEventMessage, …' },
  ...times,
  subject: { type: 'string', description: 'Subject line, as plain text.' },
  summary: { type: 'string', description: 'Text for notifications and fallback views.' },
  importance: { type: 'string', description: 'normal, high or urgent.' },
  locale: { type: 'string', description: 'Language set by the client.' },
  webUrl: { type: 'string', description: 'Link to the message in Teams.' },
  from: { type: identitySet, description: 'Sender; null for system events.' },
  body: { type: { struct: { contentType: 'string', content: 'string' } }, description: 'The text, as text or HTML.' },
  attachments: { type: { list: attachment }, description: 'Files, cards and quotes.' },
  mentions: { type: { list: mention }, description: 'Who is mentioned in the text.' },
  reactions: { type: { list: reaction }, description: 'Reactions that stand at present.' },
  eventDetail: { type: 'json', description: 'What happened, for system events.' },
  messageHistory: { type: 'json', description: 'Reactions added and removed, with times.' },
  policyViolation: { type: 'json', description: 'What a data-loss policy decided.' },
} as const satisfies Record<string, Column>;

/** A message of a channel. */
export const messageColumns = {
  ...place,
  ...anyMessage,
  replyToId: { type: 'string', from: rootPaths, description: 'Root message it answers; null for a root message.' },
  chatId: {
    type: 'string',
    description: 'Null for channel messages.',
    unfilled: 'Only messages of chats have one: they are in chat_messages.',
  },
  channelIdentity: { type: { struct: { teamId: 'id', channelId: 'string' } }, description: 'Team and channel.' },
} as const satisfies Record<string, Column>;

/** A message of a chat. */
export const chatMessageColumns = {
  chat_id: { type: 'id', from: ['chatId', '$context.chat_id'], description: 'Chat the message was posted in.' },
  ...anyMessage,
  id: { type: 'string', description: 'Unique only in its chat.' },
  subject: { ...anyMessage.subject, unfilled: 'Messages of chats have no subject line.' },
  webUrl: { ...anyMessage.webUrl, unfilled: 'In recordings the service sends none of a message of a chat.' },
  chatId: { type: 'id', description: 'The chat, as the service says it.' },
  replyToId: {
    type: 'string',
    description: 'Null for messages of chats.',
    unfilled: 'Chats have no threads: an answer quotes a message as an attachment.',
  },
  channelIdentity: {
    type: { struct: { teamId: 'id', channelId: 'string' } },
    description: 'Null for messages of chats.',
    unfilled: 'Only messages of channels have one: they are in messages.',
  },
} as const satisfies Record<string, Column>;

/** The columns that tie an exploded row to its message of a chat. */
export const chatMessageReference = {
  chat_id: { type: 'id', description: 'Chat of the message.' },
  message_id: { type: 'string', from: 'id', description: 'The message.' },
} as const satisfies Record<string, Column>;

/** The columns that tie an exploded row to its message. Paths name columns of `messages` and `message_replies`. */
export const messageReference = {
  team_id: { type: 'id', description: 'Team of the message.' },
  channel_id: { type: 'string', description: 'Channel of the message.' },
  root_message_id: {
    type: 'string',
    from: ['parent_message_id', 'id'],
    description: 'Root of the thread; the message itself if it is a root.',
  },
  message_id: { type: 'string', from: 'id', description: 'The message.' },
} as const satisfies Record<string, Column>;
