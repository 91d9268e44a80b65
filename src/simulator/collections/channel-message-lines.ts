import { z } from 'zod';
import { id, writing } from '../tenant/line-schema.ts';
import { invalidLine, type LinePosition, readRecords } from '../tenant/lines.ts';
import { newMessage, type StoredMessage } from '../tenant/message.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { TwinChannel, TwinMessage } from '../tenant/types.ts';
import { freeId, type People, writingOf, writingRecord } from '../tenant/writing-line.ts';
import type { TenantFile } from './collection.ts';
import { everyChannel } from './find-channel.ts';

const MessageLine = z.object({ ...writing, channelId: id, replyToId: id.nullish() });
type MessageRecord = z.infer<typeof MessageLine>;

export const channelMessageFile: TenantFile = {
  name: 'messages',
  *records(tenant) {
    for (const channel of everyChannel(tenant)) {
      for (const message of tenant.changes(channel.id, 0)) yield messageRecord(message);
    }
  },
  async load({ dir, tenant, messages, afterwards }) {
    const reader = messageReader(tenant);
    await readRecords(dir, 'messages', MessageLine, reader.read);
    for (const message of reader.finish()) messages.push(message);
    afterwards.push(() => tenant.addMessages(messages));
  },
};

const messageRecord = ({ channel, root, ...message }: TwinMessage): unknown => ({
  channelId: channel.id,
  replyToId: root?.id,
  ...writingRecord(message),
});

interface Pending {
  readonly message: StoredMessage;
  readonly replyToId: string;
  readonly position: LinePosition;
}

interface MessageReader {
  read(record: MessageRecord, position: LinePosition): void;
  /** All messages read, replies joined to their roots. */
  finish(): StoredMessage[];
}

/** Turns records of `messages.jsonl` into messages. Replies are joined at the end, because lines come in any order. */
function messageReader(tenant: TenantStore): MessageReader {
  const people = { user: (id: string) => tenant.user(id), random: tenant.random, who: 'a user in users.jsonl' };
  const messages: StoredMessage[] = [];
  const roots = new Map<TwinChannel, Map<string, StoredMessage>>();
  const unnamed: StoredMessage[] = [];
  const replies: Pending[] = [];
  const unnamedReplies: Pending[] = [];

  const rootsOf = (channel: TwinChannel) => entry(roots, channel);
  return {
    read(record, position) {
      const message = toMessage(tenant, people, record, position);
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
  message.id = freeId(message.createdMs, thread);
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

function toMessage(tenant: TenantStore, people: People, record: MessageRecord, position: LinePosition): StoredMessage {
  const channel = tenant.channel(record.channelId);
  if (!channel) {
    throw invalidLine(position, 'channelId', `"${record.channelId}" must be the id of a channel in channels.jsonl`);
  }
  return newMessage({ channel, ...writingOf(people, record, position) });
}
