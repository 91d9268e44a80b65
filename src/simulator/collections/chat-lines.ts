import { ChatLine, ChatMessageLine, FederatedLine } from '../tenant/line-schema.ts';
import { duplicate, invalidLine, type LinePosition, readRecords } from '../tenant/lines.ts';
import { newChatMessage, type StoredChatMessage } from '../tenant/message.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { Tenant, TwinChat, TwinUser } from '../tenant/types.ts';
import { userOfLine } from '../tenant/user-line.ts';
import { dateTime, freeId, type People, userOf, writingOf, writingRecord } from '../tenant/writing-line.ts';

// The chats of a tenant folder: `chats` and `chat-messages`, and `federated`, the people of other tenants in them.

const isOptional = { isOptional: true } as const;

/**
 * Adds the chats of a folder to a tenant that has its users. A message without an id gets the time of its creation,
 * moved on until it is free in its chat.
 *
 * @throws SluiceError `tenant_file_unreadable`, `tenant_line_invalid`
 */
export async function loadChats(tenant: TenantStore, dir: string): Promise<void> {
  const people = await loadPeople(tenant, dir);
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
        tenant.chats.addMember(record.id, user, {
          ...(roles && { roles }),
          visibleFromMs: visibleHistoryStartDateTime ?? null,
        });
      }
    },
    isOptional,
  );
  tenant.chats.addMessages(await loadMessages(tenant, dir, people));
}

async function loadPeople(tenant: TenantStore, dir: string): Promise<People> {
  const federated = new Map<string, TwinUser>();
  const user = (id: string) => tenant.user(id) ?? federated.get(id);
  await readRecords(
    dir,
    'federated',
    FederatedLine,
    ({ homeTenantId, ...record }, position) => {
      if (user(record.id)) throw duplicate(position, record.id);
      federated.set(record.id, { ...userOfLine(record), homeTenantId });
    },
    isOptional,
  );
  return { user, random: tenant.chats.random, who: 'a user in users.jsonl or federated.jsonl' };
}

async function loadMessages(tenant: TenantStore, dir: string, people: People): Promise<readonly StoredChatMessage[]> {
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
  return messages;
}

export function* chatRecords(tenant: Tenant): Iterable<unknown> {
  for (const { createdMs, updatedMs, originalCreatedMs, meeting, tenantId, ...chat } of tenant.chats.all()) {
    yield {
      ...chat,
      createdDateTime: dateTime(createdMs),
      lastUpdatedDateTime: dateTime(updatedMs),
      ...(originalCreatedMs !== null && { originalCreatedDateTime: dateTime(originalCreatedMs) }),
      ...(tenantId !== tenant.id && { tenantId }),
      ...(meeting && { meeting: { ...meeting, organizer: meeting.organizer.id } }),
      members: tenant.chats.members(chat.id).map(({ user, roles, visibleFromMs }) => ({
        userId: user.id,
        roles,
        ...(visibleFromMs !== null && { visibleHistoryStartDateTime: dateTime(visibleFromMs) }),
      })),
    };
  }
}

export function* chatMessageRecords(tenant: Tenant): Iterable<unknown> {
  for (const { id } of tenant.chats.all()) {
    for (const { chat, ...message } of tenant.chats.messages(id, 'created')) {
      yield { chatId: chat.id, ...writingRecord(message) };
    }
  }
}

/** Whoever is, was or is named in a chat and in no directory here, each once. */
export function* federatedRecords(tenant: Tenant): Iterable<unknown> {
  const known = new Set<string>();
  for (const chat of tenant.chats.all()) {
    for (const user of peopleOf(tenant, chat)) {
      if (known.has(user.id) || tenant.user(user.id)) continue;
      known.add(user.id);
      yield user;
    }
  }
}

function* peopleOf(tenant: Tenant, chat: TwinChat): Iterable<TwinUser> {
  if (chat.meeting) yield chat.meeting.organizer;
  for (const { user } of tenant.chats.members(chat.id)) yield user;
  for (const { from, reactions, history } of tenant.chats.messages(chat.id)) {
    if (from && !('type' in from)) yield from;
    for (const { user } of reactions) yield user;
    for (const { reaction } of history) yield reaction.user;
  }
}
