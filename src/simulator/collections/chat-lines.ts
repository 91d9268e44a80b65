import { z } from 'zod';
import { id, instant, text, writing } from '../tenant/line-schema.ts';
import { duplicate, invalidLine, type LinePosition, readRecords } from '../tenant/lines.ts';
import type { Loading } from '../tenant/loading.ts';
import { newChatMessage, type StoredChatMessage } from '../tenant/message.ts';
import type { Tenant, TwinChat, TwinUser } from '../tenant/types.ts';
import { UserLine, userOfLine } from '../tenant/user-line.ts';
import { dateTime, freeId, type People, userOf, writingOf, writingRecord } from '../tenant/writing-line.ts';
import type { TenantFile } from './collection.ts';

// The chats of a tenant folder: `federated`, the people of other tenants in them, `chats` and `chat-messages`.

const isOptional = { isOptional: true } as const;

/** Somebody of another tenant, who is in chats of this one. */
const FederatedLine = UserLine.extend({ homeTenantId: id });

const ChatLine = z.object({
  id,
  chatType: z.enum(['oneOnOne', 'group', 'meeting']),
  topic: text.nullish(),
  createdDateTime: instant,
  lastUpdatedDateTime: instant.optional(),
  /** The tenant that hosts it; default: this one. */
  tenantId: id.optional(),
  migrationMode: z.enum(['inProgress', 'completed']).nullish(),
  originalCreatedDateTime: instant.nullish(),
  meeting: z.object({ joinWebUrl: text, organizer: id }).nullish(),
  members: z.array(
    z.object({
      userId: id,
      roles: z.array(z.enum(['owner', 'guest'])).optional(),
      visibleHistoryStartDateTime: instant.nullish(),
    }),
  ),
});

const ChatMessageLine = z.object({ ...writing, chatId: id });

const peopleOf = ({ tenant, federated }: Loading): People => ({
  user: (userId) => tenant.user(userId) ?? federated.get(userId),
  random: tenant.chats.random,
  who: 'a user in users.jsonl or federated.jsonl',
});

async function loadFederated(loading: Loading): Promise<void> {
  const { dir, federated } = loading;
  const people = peopleOf(loading);
  await readRecords(
    dir,
    'federated',
    FederatedLine,
    ({ homeTenantId, ...record }, position) => {
      if (people.user(record.id)) throw duplicate(position, record.id);
      federated.set(record.id, { ...userOfLine(record), homeTenantId });
    },
    isOptional,
  );
}

async function loadChats(loading: Loading): Promise<void> {
  const { dir, tenant } = loading;
  const people = peopleOf(loading);
  await readRecords(
    dir,
    'chats',
    ChatLine,
    ({ members, meeting, ...record }, position) => {
      if (tenant.chats.chat(record.id)) throw duplicate(position, record.id);
      tenant.chats.addChat({
        id: record.id,
        chatType: record.chatType,
        topic: record.topic ?? null,
        createdMs: record.createdDateTime,
        updatedMs: record.lastUpdatedDateTime ?? record.createdDateTime,
        tenantId: record.tenantId ?? tenant.id,
        migrationMode: record.migrationMode ?? null,
        originalCreatedMs: record.originalCreatedDateTime ?? null,
        meeting: meeting
          ? {
              joinWebUrl: meeting.joinWebUrl,
              organizer: userOf(people, meeting.organizer, position, 'meeting.organizer'),
            }
          : null,
      });
      for (const [index, { userId, roles, visibleHistoryStartDateTime }] of members.entries()) {
        const user = userOf(people, userId, position, `members.${index}.userId`);
        tenant.chats.addMember(record.id, user, { roles, visibleFromMs: visibleHistoryStartDateTime ?? null });
      }
    },
    isOptional,
  );
}

/** A message without an id gets the time of its creation, moved on until it is free in its chat. */
async function loadMessages(loading: Loading): Promise<void> {
  const { dir, tenant } = loading;
  const people = peopleOf(loading);
  const messages: StoredChatMessage[] = [];
  const unnamed: StoredChatMessage[] = [];
  const ids = new Map<TwinChat, Set<string>>();
  const read = (
    { chatId, ...record }: { chatId: string } & Parameters<typeof writingOf>[1],
    position: LinePosition,
  ) => {
    const chat = tenant.chats.chat(chatId);
    if (!chat) throw invalidLine(position, 'chatId', `"${chatId}" must be the id of a chat in chats.jsonl`);
    const message = newChatMessage(chat, writingOf(people, record, position));
    messages.push(message);
    const taken = ids.get(chat) ?? new Set();
    ids.set(chat, taken);
    if (record.id === undefined) unnamed.push(message);
    else if (taken.has(record.id)) throw invalidLine(position, 'id', `"${record.id}" must be unique in its chat`);
    else taken.add(record.id);
  };
  await readRecords(dir, 'chat-messages', ChatMessageLine, read, isOptional);
  for (const message of unnamed) {
    const taken = ids.get(message.chat)!;
    message.id = freeId(message.createdMs, taken);
    taken.add(message.id);
  }
  tenant.chats.addMessages(messages);
}

function* chatRecords(tenant: Tenant): Iterable<unknown> {
  for (const { createdMs, updatedMs, originalCreatedMs, meeting, tenantId, ...chat } of tenant.chats.all()) {
    yield {
      ...chat,
      createdDateTime: dateTime(createdMs),
      lastUpdatedDateTime: dateTime(updatedMs),
      originalCreatedDateTime: dateTimeOrNone(originalCreatedMs),
      tenantId: tenantId === tenant.id ? undefined : tenantId,
      meeting: meeting ? { ...meeting, organizer: meeting.organizer.id } : undefined,
      members: tenant.chats.members(chat.id).map(({ user, roles, visibleFromMs }) => ({
        userId: user.id,
        roles,
        visibleHistoryStartDateTime: dateTimeOrNone(visibleFromMs),
      })),
    };
  }
}

function* chatMessageRecords(tenant: Tenant): Iterable<unknown> {
  for (const { id } of tenant.chats.all()) {
    for (const { chat, ...message } of tenant.chats.messages(id, 'created')) {
      yield { chatId: chat.id, ...writingRecord(message) };
    }
  }
}

/** Whoever is, was or is named in a chat and in no directory here, each once. */
function* federatedRecords(tenant: Tenant): Iterable<unknown> {
  const known = new Set<string>();
  for (const chat of tenant.chats.all()) {
    for (const user of everybodyIn(tenant, chat)) {
      if (known.has(user.id) || tenant.user(user.id)) continue;
      known.add(user.id);
      yield user;
    }
  }
}

function* everybodyIn(tenant: Tenant, chat: TwinChat): Iterable<TwinUser> {
  if (chat.meeting) yield chat.meeting.organizer;
  for (const { user } of tenant.chats.members(chat.id)) yield user;
  for (const { from, reactions, history } of tenant.chats.messages(chat.id)) {
    if (from && !('type' in from)) yield from;
    for (const { user } of reactions) yield user;
    for (const { reaction } of history) yield reaction.user;
  }
}

const dateTimeOrNone = (ms: number | null) => (ms === null ? undefined : dateTime(ms));

export const chatFiles: readonly TenantFile[] = [
  { name: 'federated', records: federatedRecords, load: loadFederated },
  { name: 'chats', records: chatRecords, load: loadChats },
];

export const chatMessageFile: TenantFile = { name: 'chat-messages', records: chatMessageRecords, load: loadMessages };
