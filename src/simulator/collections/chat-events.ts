import { invalidEvent, type TwinEvent } from '../tenant/event-schema.ts';
import { pick, sample } from '../tenant/generator/chance.ts';
import { newChat } from '../tenant/generator/chats.ts';
import { pictures } from '../tenant/generator/hosted-contents.ts';
import { pickTopic, replyText } from '../tenant/generator/texts.ts';
import { isSystemEvent, newChatMessage, type StoredChatMessage } from '../tenant/message.ts';
import type { TenantStore } from '../tenant/store.ts';
import * as systemEvents from '../tenant/system-events.ts';
import type { TwinChat, TwinEventDetail, TwinUser } from '../tenant/types.ts';

export type ChatEvent = Extract<TwinEvent, { type: `${string}Chat${string}` }>;

/** Lets something happen in the chats at `nowMs`. Targets that it does not name are picked by the tenant's seed. */
export function applyChatEvent(tenant: TenantStore, event: ChatEvent, nowMs: number) {
  const { chats } = tenant;
  if (event.type === 'createChat') return { chatId: createChat(tenant, event, nowMs).id };
  const chat = chatOf(tenant, event.chatId);
  const chatId = chat.id;
  switch (event.type) {
    case 'postToChat': {
      const from = event.userId === undefined ? initiatorOf(tenant, chat) : userOf(tenant, event.userId);
      const content = event.content ?? replyText(chats.random, pickTopic(chats.random));
      const hostedContents = pictures(chats.random, event.pictures ?? 0);
      return { chatId, messageId: add(tenant, chat, nowMs, { from, content, hostedContents }).id };
    }
    case 'editInChat': {
      const message = messageOf(tenant, chat, event.messageId);
      chats.changeMessage(message, nowMs, { content: event.content ?? `${message.content} (edited)`, editedMs: nowMs });
      return { chatId, messageId: message.id };
    }
    case 'deleteInChat': {
      const message = messageOf(tenant, chat, event.messageId);
      chats.deleteMessage(message, nowMs);
      return { chatId, messageId: message.id };
    }
    case 'reactInChat': {
      const message = messageOf(tenant, chat, event.messageId);
      const user = event.userId === undefined ? initiatorOf(tenant, chat) : userOf(tenant, event.userId);
      const { reactionType = 'like' } = event;
      if (message.reactions.some((given) => given.user === user && given.reactionType === reactionType))
        return { chatId, messageId: message.id };
      const reaction = { reactionType, custom: undefined, user, createdMs: nowMs };
      chats.changeMessage(message, event.unseen ? message.modifiedMs : nowMs, {
        reactions: [...message.reactions, reaction],
        history: [...message.history, { actions: 'reactionAdded', modifiedMs: nowMs, reaction }],
      });
      return { chatId, messageId: message.id };
    }
    case 'renameChat':
      chats.changeChat(chatId, { topic: event.topic ?? 'Renamed', updatedMs: nowMs });
      announce(tenant, chat, nowMs, (initiator) => systemEvents.chatRenamed(initiator, chat));
      return { chatId };
    case 'removeChat':
      chats.removeChat(chatId);
      return { chatId };
    case 'addToChat': {
      const user = event.userId === undefined ? absentee(tenant, chat) : userOf(tenant, event.userId);
      chats.addMember(chatId, user);
      chats.changeChat(chatId, { updatedMs: nowMs });
      announce(tenant, chat, nowMs, (initiator) => systemEvents.membersAdded(initiator, [user]));
      return { chatId, userId: user.id };
    }
    case 'removeFromChat': {
      const member = chats.members(chatId).findLast(({ user }) => user.id === (event.userId ?? user.id));
      if (!member) throw invalidEvent('userId', 'no such member');
      chats.removeMember(chatId, member.user.id);
      chats.changeChat(chatId, { updatedMs: nowMs });
      announce(tenant, chat, nowMs, (initiator) => systemEvents.membersDeleted(initiator, [member.user]));
      return { chatId, userId: member.user.id };
    }
  }
}

function createChat(tenant: TenantStore, event: Extract<ChatEvent, { type: 'createChat' }>, nowMs: number): TwinChat {
  const { chats } = tenant;
  const { chatType = 'group' } = event;
  const members = event.members?.map((id) => userOf(tenant, id)) ?? sample(chats.random, tenant.users(), 3);
  if (members.length < 2) return refuse('members', 'a chat has two members at least');
  const chat = newChat(chats.random, { chatType, topic: event.topic, tenantId: tenant.id, members, createdMs: nowMs });
  if (chats.chat(chat.id)) throw invalidEvent('members', 'these two have a chat already');
  chats.addChat(chat);
  for (const user of members) chats.addMember(chat.id, user);
  return chat;
}

function chatOf({ chats }: TenantStore, id: string | undefined): TwinChat {
  if (id !== undefined) return chats.chat(id) ?? refuse('chatId', `no chat ${id}`);
  const all = chats.all();
  return all.length > 0 ? pick(chats.random, all) : refuse('chatId', 'the tenant has no chat');
}

function messageOf({ chats }: TenantStore, chat: TwinChat, id: string | undefined): StoredChatMessage {
  const isAlive = (one: StoredChatMessage) => one.deletedMs === null && !isSystemEvent(one);
  const message = id === undefined ? chats.messages(chat.id).find(isAlive) : chats.message(chat.id, id);
  if (!message) return refuse('messageId', 'the chat has no such message');
  return isAlive(message) ? message : refuse('messageId', 'the message is deleted or a system event');
}

const userOf = (tenant: TenantStore, id: string): TwinUser => tenant.user(id) ?? refuse('userId', `no user ${id}`);

function initiatorOf({ chats }: TenantStore, chat: TwinChat): TwinUser {
  return chats.members(chat.id)[0]?.user ?? refuse('chatId', 'nobody is in the chat');
}

function absentee(tenant: TenantStore, chat: TwinChat): TwinUser {
  const present = new Set(tenant.chats.members(chat.id).map(({ user }) => user.id));
  const absent = tenant.users().filter(({ id }) => !present.has(id));
  return absent.length > 0 ? pick(tenant.chats.random, absent) : refuse('userId', 'everybody is in the chat already');
}

function announce(tenant: TenantStore, chat: TwinChat, nowMs: number, detail: (by: TwinUser) => TwinEventDetail): void {
  const [first] = tenant.chats.members(chat.id);
  if (first) add(tenant, chat, nowMs, { eventDetail: detail(first.user) });
}

type Said = Pick<Parameters<typeof newChatMessage>[1], 'from' | 'content' | 'hostedContents' | 'eventDetail'>;

function add({ chats }: TenantStore, chat: TwinChat, nowMs: number, said: Said): StoredChatMessage {
  let createdMs = nowMs;
  while (chats.message(chat.id, String(createdMs))) createdMs += 1;
  const message = newChatMessage(chat, { createdMs, ...said });
  chats.addMessage(message);
  return message;
}

function refuse(field: string, problem: string): never {
  throw invalidEvent(field, problem);
}
