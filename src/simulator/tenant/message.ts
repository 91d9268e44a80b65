import type { TwinChannel, TwinChat, TwinChatMessage, TwinMessage, TwinWriting } from './types.ts';

export type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A message as the store keeps it: changeable, with its replies newest first (null: it has none). */
export interface StoredMessage extends Writable<TwinMessage> {
  root: StoredMessage | null;
  replies: StoredMessage[] | null;
}

/** A message of a chat as the store keeps it. */
export interface StoredChatMessage extends Writable<TwinChatMessage> {}

/** Any message as a store keeps it. */
export interface StoredWriting extends Writable<TwinWriting> {}

type OptionalField = Exclude<keyof TwinWriting, 'createdMs' | 'sequence' | 'changeSequence'>;

/** What was written, and when; the rest is as of an ordinary message. */
export type WritingFields = { readonly [Field in OptionalField]?: TwinWriting[Field] | undefined } & {
  readonly createdMs: number;
};

export type MessageFields = WritingFields & {
  readonly channel: TwinChannel;
  readonly root?: StoredMessage | null;
};

/** The body of a system event. https://learn.microsoft.com/graph/system-messages */
export const SYSTEM_EVENT_BODY = '<systemEventMessage/>';

const NONE: readonly never[] = Object.freeze([]);

/** What a soft delete takes from a message. */
export type Erased = Pick<
  TwinWriting,
  'contentType' | 'content' | 'subject' | 'mentions' | 'attachments' | 'hostedContents' | 'reactions'
>;

/** What is left of it. */
export const ERASED: Erased = {
  contentType: 'html',
  content: '',
  subject: null,
  mentions: NONE,
  attachments: NONE,
  hostedContents: NONE,
  reactions: NONE,
};

/** What a delete would take from it, and its return gives back. */
export function erasable(message: TwinWriting): Erased {
  const { contentType, content, subject, mentions, attachments, hostedContents, reactions } = message;
  return { contentType, content, subject, mentions, attachments, hostedContents, reactions };
}

/** A complete record that is in no tenant yet. The id is the creation time, unless given. */
export function newMessage(fields: MessageFields): StoredMessage {
  const { channel, root = null } = fields;
  const writing = newWriting(fields);
  return { channel, root, replies: null, activityMs: writing.modifiedMs, ...writing };
}

/** The same of a chat. */
export function newChatMessage(chat: TwinChat, fields: WritingFields): StoredChatMessage {
  return { chat, ...newWriting(fields) };
}

function newWriting(fields: WritingFields): StoredWriting {
  const modifiedMs = fields.modifiedMs ?? lastChangeMs(fields);
  return {
    id: fields.id ?? String(fields.createdMs),
    sequence: 0,
    changeSequence: 0,
    createdMs: fields.createdMs,
    modifiedMs,
    modifiedStamp: fields.modifiedStamp ?? 'written',
    arrivedMs: fields.arrivedMs ?? modifiedMs,
    editedMs: fields.editedMs ?? null,
    deletedMs: fields.deletedMs ?? null,
    from: fields.from ?? null,
    subject: fields.subject ?? null,
    summary: fields.summary ?? null,
    policyViolation: fields.policyViolation ?? null,
    importance: fields.importance ?? 'normal',
    contentType: fields.contentType ?? 'html',
    content: fields.content ?? (fields.eventDetail ? SYSTEM_EVENT_BODY : ''),
    mentions: fields.mentions ?? NONE,
    attachments: fields.attachments ?? NONE,
    hostedContents: fields.hostedContents ?? NONE,
    reactions: fields.reactions ?? NONE,
    history: fields.history ?? NONE,
    eventDetail: fields.eventDetail ?? null,
  };
}

/** The latest of creation, edit, delete and reactions. */
function lastChangeMs(fields: WritingFields): number {
  let last = Math.max(fields.createdMs, fields.editedMs ?? 0, fields.deletedMs ?? 0);
  if (fields.reactions) for (const { createdMs } of fields.reactions) last = Math.max(last, createdMs);
  if (fields.history) for (const { modifiedMs } of fields.history) last = Math.max(last, modifiedMs);
  return last;
}

/** True for the events that Teams itself writes into a channel. */
export function isSystemEvent(message: Pick<TwinWriting, 'eventDetail' | 'content'>): boolean {
  return message.eventDetail !== null || message.content === SYSTEM_EVENT_BODY;
}

/** Puts a reply into its root's list, newest first. */
export function attachReply(root: StoredMessage, reply: StoredMessage): void {
  root.replies ??= [];
  const at = root.replies.findIndex(({ createdMs }) => createdMs <= reply.createdMs);
  root.replies.splice(at === -1 ? root.replies.length : at, 0, reply);
  root.activityMs = Math.max(root.activityMs, reply.modifiedMs);
}
