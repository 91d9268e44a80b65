import { guid } from './generator/chance.ts';
import type { MessageRecord } from './line-schema.ts';
import { invalidLine, type LinePosition } from './lines.ts';
import { newMessage, type StoredMessage } from './message.ts';
import type { TenantStore } from './store.ts';
import type { TwinAttachment, TwinChannel, TwinHistoryItem, TwinMention, TwinReaction, TwinUser } from './types.ts';

interface Pending {
  readonly message: StoredMessage;
  readonly replyToId: string;
  readonly position: LinePosition;
}

export interface MessageReader {
  read(record: MessageRecord, position: LinePosition): void;
  /** All messages read, replies joined to their roots. */
  finish(): StoredMessage[];
}

/** Turns records of `messages.jsonl` into messages. Replies are joined at the end, because lines come in any order. */
export function messageReader(tenant: TenantStore): MessageReader {
  const messages: StoredMessage[] = [];
  const roots = new Map<TwinChannel, Map<string, StoredMessage>>();
  const unnamed: StoredMessage[] = [];
  const replies: Pending[] = [];
  const unnamedReplies: Pending[] = [];

  const rootsOf = (channel: TwinChannel) => entry(roots, channel);
  return {
    read(record, position) {
      const message = toMessage(tenant, record, position);
      messages.push(message);
      if (typeof record.replyToId === 'string') {
        const pending = { message, replyToId: record.replyToId, position };
        (record.id === undefined ? unnamedReplies : replies).push(pending);
      } else if (record.id === undefined) {
        unnamed.push(message);
      } else {
        claim(rootsOf(message.channel), message, position);
      }
    },
    finish() {
      for (const message of unnamed) name(rootsOf(message.channel), message);
      const threads = new Map<StoredMessage, Map<string, StoredMessage>>();
      for (const pending of replies) {
        const root = rootFor(pending, rootsOf(pending.message.channel), replies);
        claim(entry(threads, root), pending.message, pending.position);
        pending.message.root = root;
      }
      for (const pending of unnamedReplies) {
        const root = rootFor(pending, rootsOf(pending.message.channel), replies);
        name(entry(threads, root), pending.message);
        pending.message.root = root;
      }
      return messages;
    },
  };
}

type ById = Map<string, StoredMessage>;

function entry<Key>(maps: Map<Key, ById>, key: Key): ById {
  let map = maps.get(key);
  if (!map) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}

function claim(thread: ById, message: StoredMessage, position: LinePosition): void {
  if (thread.has(message.id)) {
    throw invalidLine(
      position,
      'id',
      `"${message.id}" must be unique among the roots of a channel or the replies of a root`,
    );
  }
  thread.set(message.id, message);
}

/** Moves the default id on until it is free. */
function name(thread: ById, message: StoredMessage): void {
  let id = message.createdMs;
  while (thread.has(String(id))) id += 1;
  message.id = String(id);
  thread.set(message.id, message);
}

function rootFor({ message, replyToId, position }: Pending, roots: ById, replies: readonly Pending[]): StoredMessage {
  const root = roots.get(replyToId);
  if (root) return root;
  const isReply = replies.some((other) => other.message.id === replyToId && other.message.channel === message.channel);
  const problem = isReply ? 'names a reply, which cannot be answered' : 'names no message';
  throw invalidLine(
    position,
    'replyToId',
    `"${replyToId}" ${problem}; it must be the id of a root in the same channel`,
  );
}

function toMessage(tenant: TenantStore, record: MessageRecord, position: LinePosition): StoredMessage {
  const channel = tenant.channel(record.channelId);
  if (!channel) {
    throw invalidLine(position, 'channelId', `"${record.channelId}" must be the id of a channel in channels.jsonl`);
  }
  const reactions = record.reactions?.length ? toReactions(tenant, record.reactions, position) : undefined;
  const history = record.messageHistory
    ? toHistory(tenant, record.messageHistory, position)
    : reactions?.map(reactionAdded);
  return newMessage({
    id: record.id,
    channel,
    createdMs: record.createdDateTime,
    modifiedMs: record.lastModifiedDateTime ?? undefined,
    modifiedStamp: record.modifiedStamp,
    editedMs: record.lastEditedDateTime,
    deletedMs: record.deletedDateTime,
    from: record.from === null ? record.application : userOf(tenant, record.from, position, 'from'),
    subject: record.subject,
    summary: record.summary,
    policyViolation: record.policyViolation,
    importance: record.importance,
    contentType: record.body.contentType,
    content: record.body.content,
    mentions: record.mentions?.map(toMention),
    attachments: record.attachments?.map((attachment) => toAttachment(tenant, attachment)),
    reactions,
    history,
    eventDetail: record.eventDetail,
  });
}

function userOf(tenant: TenantStore, id: string, position: LinePosition, field: string): TwinUser {
  const user = tenant.user(id);
  if (!user) throw invalidLine(position, field, `"${id}" must be the id of a user in users.jsonl`);
  return user;
}

type ReactionRecord = NonNullable<MessageRecord['reactions']>[number];

function toReactions(tenant: TenantStore, records: readonly ReactionRecord[], position: LinePosition): TwinReaction[] {
  const given = new Set<string>();
  return records.map((record, index) => {
    const key = `${record.userId} ${record.reactionType}`;
    if (given.has(key)) {
      throw invalidLine(position, `reactions.${index}`, 'must be the only one of its type by this user');
    }
    given.add(key);
    return toReaction(tenant, record, position, `reactions.${index}.userId`);
  });
}

function toReaction(tenant: TenantStore, record: ReactionRecord, position: LinePosition, field: string): TwinReaction {
  const user = userOf(tenant, record.userId, position, field);
  return { reactionType: record.reactionType, custom: record.custom, user, createdMs: record.createdDateTime };
}

function toHistory(
  tenant: TenantStore,
  records: NonNullable<MessageRecord['messageHistory']>,
  position: LinePosition,
): TwinHistoryItem[] {
  return records.map(({ actions, modifiedDateTime, reaction }, index) => ({
    actions,
    modifiedMs: modifiedDateTime,
    reaction: toReaction(tenant, reaction, position, `messageHistory.${index}.reaction.userId`),
  }));
}

function reactionAdded(reaction: TwinReaction): TwinHistoryItem {
  return { actions: 'reactionAdded', modifiedMs: reaction.createdMs, reaction };
}

function toMention({ id, mentionText, mentioned }: NonNullable<MessageRecord['mentions']>[number]): TwinMention {
  return {
    id,
    mentionText,
    mentioned: { application: null, device: null, user: null, conversation: null, ...mentioned },
  };
}

function toAttachment(tenant: TenantStore, record: NonNullable<MessageRecord['attachments']>[number]): TwinAttachment {
  return {
    id: record.id ?? guid(tenant.random),
    contentType: record.contentType,
    contentUrl: record.contentUrl ?? null,
    content: record.content ?? null,
    name: record.name ?? null,
    thumbnailUrl: record.thumbnailUrl ?? null,
    teamsAppId: record.teamsAppId ?? null,
  };
}
