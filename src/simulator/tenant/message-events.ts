import { invalidEvent, type TwinEvent } from './event-schema.ts';
import { isAlive, namedUser, pickChannel, pickMessage, pickRoot, pickUser } from './event-targets.ts';
import { pick } from './generator/chance.ts';
import { customReaction, REACTION_TYPES } from './generator/conversation.ts';
import { pictures } from './generator/hosted-contents.ts';
import { pickTopic, replyText, rootText } from './generator/texts.ts';
import { mentionMark, userMention } from './identities.ts';
import { newMessage, type StoredMessage } from './message.ts';
import type { TenantStore } from './store.ts';
import type { TwinChannel } from './types.ts';

type Of<Type extends TwinEvent['type']> = Extract<TwinEvent, { type: Type }>;

/** A new root. */
export function post(tenant: TenantStore, event: Of<'post'>, nowMs: number): StoredMessage {
  const channel = pickChannel(tenant, event);
  const text = event.content ?? rootText(tenant.random, pickTopic(tenant.random));
  const message = newMessage({
    channel,
    createdMs: freeTimeMs(tenant, channel, null, nowMs),
    ...written(tenant, event, channel, text),
    ...(event.subject !== undefined && { subject: event.subject }),
  });
  tenant.addMessage(message);
  return message;
}

/** An answer; it does not change its root. */
export function reply(tenant: TenantStore, event: Of<'reply'>, nowMs: number): StoredMessage {
  const root = pickRoot(tenant, event);
  const text = event.content ?? replyText(tenant.random, pickTopic(tenant.random));
  const message = newMessage({
    channel: root.channel,
    root,
    createdMs: freeTimeMs(tenant, root.channel, root, nowMs),
    ...written(tenant, event, root.channel, text),
  });
  tenant.addMessage(message);
  return message;
}

export function edit(tenant: TenantStore, event: Of<'edit'>, nowMs: number): StoredMessage {
  const message = alive(pickMessage(tenant, event));
  const content = event.content ?? `${message.content} <em>(${rootText(tenant.random, pickTopic(tenant.random))})</em>`;
  const contentType = event.content === undefined ? 'html' : message.contentType;
  tenant.changeMessage(message, nowMs, { content, contentType, editedMs: nowMs });
  return message;
}

/** Adds a reaction and its line of history. The same reaction of the same user a second time changes nothing. */
export function react(tenant: TenantStore, event: Of<'react'>, nowMs: number): StoredMessage {
  const message = alive(pickMessage(tenant, event));
  const user = pickUser(tenant, event.userId, message.channel.id);
  const taken = message.reactions.filter((given) => given.user === user).map(({ reactionType }) => reactionType);
  const free = REACTION_TYPES.filter((type) => !taken.includes(type));
  const reactionType = event.reactionType ?? pick(tenant.random, free.length > 0 ? free : REACTION_TYPES);
  if (taken.includes(reactionType)) return message;
  const custom = reactionType === 'custom' ? customReaction(tenant.random, message.channel, message) : undefined;
  const reaction = { reactionType, custom, user, createdMs: nowMs };
  tenant.changeMessage(message, event.unseen ? message.modifiedMs : nowMs, {
    reactions: [...message.reactions, reaction],
    history: [...message.history, { actions: 'reactionAdded', modifiedMs: nowMs, reaction }],
  });
  return message;
}

/** Takes a reaction away: that of the named user and type, or any. */
export function unreact(tenant: TenantStore, event: Of<'unreact'>, nowMs: number): StoredMessage {
  if (event.userId !== undefined) namedUser(tenant, event.userId);
  const fits = ({ reactionType, user }: StoredMessage['reactions'][number]) =>
    (event.userId === undefined || user.id === event.userId) &&
    (event.reactionType === undefined || reactionType === event.reactionType);
  const message = pickMessage(tenant, event, ({ reactions }) => reactions.some(fits));
  const candidates = message.reactions.filter(fits);
  if (candidates.length === 0) throw invalidEvent('reactionType', 'the message has no such reaction');
  const reaction = pick(tenant.random, candidates);
  tenant.changeMessage(message, event.unseen ? message.modifiedMs : nowMs, {
    reactions: message.reactions.filter((other) => other !== reaction),
    history: [...message.history, { actions: 'reactionRemoved', modifiedMs: nowMs, reaction }],
  });
  return message;
}

export function softDelete(tenant: TenantStore, event: Of<'delete'>, nowMs: number): StoredMessage {
  const message = alive(pickMessage(tenant, event));
  tenant.deleteMessage(message, nowMs);
  return message;
}

export function undelete(tenant: TenantStore, event: Of<'undelete'>, nowMs: number): StoredMessage {
  const message = pickMessage(tenant, event, ({ deletedMs }) => deletedMs !== null);
  if (message.deletedMs === null) throw invalidEvent('messageId', 'the message is not deleted');
  tenant.restoreMessage(message, nowMs);
  return message;
}

function written(tenant: TenantStore, event: Of<'post'> | Of<'reply'>, channel: TwinChannel, text: string) {
  const mentions = (event.mentions ?? []).map((userId, index) => userMention(index, namedUser(tenant, userId)));
  const hostedContents = pictures(tenant.random, event.pictures ?? 0);
  const html = event.contentType !== 'text' || mentions.length + hostedContents.length > 0;
  return {
    from: pickUser(tenant, event.userId, channel.id),
    importance: event.importance ?? ('normal' as const),
    contentType: html ? ('html' as const) : ('text' as const),
    content: [...mentions.map(mentionMark), text].join(' '),
    mentions,
    hostedContents,
  };
}

function alive(message: StoredMessage): StoredMessage {
  if (!isAlive(message)) throw invalidEvent('messageId', 'the message is deleted or a system event');
  return message;
}

/** The first millisecond from `nowMs` on that no message of the thread was created in: it becomes the id. */
export function freeTimeMs(
  tenant: TenantStore,
  channel: TwinChannel,
  root: StoredMessage | null,
  nowMs: number,
): number {
  const taken = (id: string) => (root ? tenant.reply(root, id) : tenant.root(channel.id, id)) !== undefined;
  let ms = root ? Math.max(nowMs, root.createdMs + 1) : nowMs;
  while (taken(String(ms))) ms += 1;
  return ms;
}
