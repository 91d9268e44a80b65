import { channelMention, chatMention, mentionMark, tagMention, userMention } from '../identities.ts';
import { ERASED, newMessage, type StoredMessage, type StoredWriting } from '../message.ts';
import * as systemEvents from '../system-events.ts';
import type {
  TwinApplication,
  TwinAttachment,
  TwinChannel,
  TwinChat,
  TwinEventDetail,
  TwinHistoryItem,
  TwinMention,
  TwinReaction,
  TwinUser,
} from '../types.ts';
import { attachmentMark, BOTS, cardAttachment, fileAttachment } from './attachments.ts';
import { between, guid, hex, pick, quantile, type Random, sample } from './chance.ts';
import { pickAuthor } from './organization.ts';
import { LAGS_MS, REACTION_COUNTS, type ThreadTimes } from './schedule.ts';
import { pickTopic, replyText, rootText, subjectText, type Topic } from './texts.ts';

/** How often things happen to a message. Edits and deletes as measured on public communities; the rest is judgement. */
const SHARES = {
  systemEvent: 0.02,
  bot: 0.05,
  botReply: 0.02,
  subject: 0.3,
  html: 0.7,
  mention: 0.12,
  channelMention: 0.1,
  tagMention: 0.1,
  furtherMention: 0.25,
  emptySubject: 0.1,
  policyViolation: 0.02,
  callEnded: 0.03,
  file: 0.05,
  important: 0.03,
  edit: 0.07,
  delete: 0.01,
  reacted: 0.22,
  unreacted: 0.04,
};
export const REACTION_TYPES = [
  'like',
  'like',
  'like',
  'heart',
  'heart',
  'laugh',
  'surprised',
  'sad',
  'angry',
  '🎉',
  '👀',
  '🙏',
  'custom',
];

const CUSTOM_NAMES = ['party_parrot', 'shipit', 'blob_dance'];
const TAGS = ['On call', 'Reviewers', 'Berlin'];

/** A picture of the tenant as a reaction. https://learn.microsoft.com/graph/api/resources/chatmessagereaction */
export function customReaction(
  random: Random,
  where: TwinChannel | TwinChat,
  { id }: Pick<StoredWriting, 'id'>,
): TwinReaction['custom'] {
  const place = 'teamId' in where ? `teams/${where.teamId}/channels/${where.id}` : `chats/${where.id}`;
  const path = `${place}/messages/${id}/hostedContents/${hex(random, 12)}`;
  return { displayName: pick(random, CUSTOM_NAMES), contentUrl: `https://graph.microsoft.com/v1.0/${path}/$value` };
}

export interface Place<Where extends TwinChannel | TwinChat = TwinChannel> {
  readonly where: Where;
  /** Who writes here; at least one. */
  readonly members: readonly TwinUser[];
  /** Where its files are kept. */
  readonly folderUrl: string;
  /** Nothing happens after this time. */
  readonly nowMs: number;
}

/** What Teams itself writes into a channel when people come: its members were added. */
export function generateBeginning(
  random: Random,
  { where: channel, members }: Place,
  createdMs: number,
): StoredMessage {
  return newMessage({ channel, createdMs, eventDetail: systemEvents.membersAdded(pick(random, members), members) });
}

/** One thread: a root, or a system event, and its replies, in order of creation. */
export function generateThread(random: Random, place: Place, { rootMs, replyMs }: ThreadTimes): StoredMessage[] {
  if (replyMs.length === 0 && random() < SHARES.systemEvent) return [systemEvent(random, place, rootMs)];
  const topic = pickTopic(random);
  const subject = random() < SHARES.subject ? subjectText(random, topic) : noSubject(random);
  const root = newMessage({
    channel: place.where,
    createdMs: rootMs,
    subject,
    ...(random() < SHARES.bot ? card(random, topic) : written(random, place, rootText(random, topic))),
  });
  const replies = replyMs.map((createdMs) => {
    if (random() < SHARES.callEnded) {
      const eventDetail = systemEvents.callEnded(pick(random, place.members), guid(random));
      return newMessage({ channel: place.where, root, createdMs, eventDetail });
    }
    const text = replyText(random, topic);
    const subject = noSubject(random);
    const content = random() < SHARES.botReply ? card(random, topic) : written(random, place, text);
    return newMessage({ channel: place.where, root, createdMs, subject, ...content });
  });
  const thread = [root, ...replies];
  for (const message of thread) if (message.eventDetail === null) happen(random, place, message);
  return thread;
}

/** Teams leaves the subject out, or sends an empty one. */
const noSubject = (random: Random) => (random() < SHARES.emptySubject ? '' : null);

/** What one message says. */
export interface Written {
  readonly from: TwinUser | TwinApplication;
  readonly contentType: 'html' | 'text';
  readonly content: string;
  readonly importance?: 'high' | 'urgent';
  readonly summary?: string;
  readonly mentions?: readonly TwinMention[];
  readonly attachments?: readonly TwinAttachment[];
}

/** Somebody says something, with all that people put into a message. */
export function written(random: Random, place: Place<TwinChannel | TwinChat>, text: string): Written {
  const from = pickAuthor(random, place.members);
  const mentions = random() < SHARES.mention ? [mention(random, place, 0)] : [];
  while (mentions.length > 0 && random() < SHARES.furtherMention)
    mentions.push(mention(random, place, mentions.length));
  const attachments = random() < SHARES.file ? [fileAttachment(random, place.folderUrl)] : [];
  const importance = random() < SHARES.important ? ({ importance: random() < 0.8 ? 'high' : 'urgent' } as const) : {};
  const plain = mentions.length + attachments.length === 0 && !/[<&]/.test(text) && random() >= SHARES.html;
  if (plain) return { from, contentType: 'text', content: text, ...importance };
  // Joined, not concatenated: the first reader of a concatenation pays for copying it.
  const words = [...mentions.map(mentionMark), text].join(' ');
  const content = ['<p>', words, '</p>', ...attachments.map(attachmentMark)].join('');
  return {
    from,
    contentType: 'html',
    content,
    ...importance,
    ...(mentions.length > 0 && { mentions }),
    ...(attachments.length > 0 && { attachments }),
  };
}

function mention(random: Random, { where, members }: Place<TwinChannel | TwinChat>, id: number): TwinMention {
  const chance = random();
  const toAll = chance < SHARES.channelMention;
  if (toAll) return 'teamId' in where ? channelMention(id, where) : chatMention(id, where);
  const isTag = 'teamId' in where && chance < SHARES.channelMention + SHARES.tagMention;
  if (!isTag) return userMention(id, pick(random, members));
  const displayName = pick(random, TAGS);
  return tagMention(id, { id: Buffer.from(`${where.teamId}##${displayName}`).toString('base64'), displayName });
}

/** A card as an app posts it. */
export function card(random: Random, topic: Topic): Written {
  const title = subjectText(random, topic);
  const attachment = cardAttachment(random, title);
  return {
    from: pick(random, BOTS),
    summary: title,
    contentType: 'html',
    content: attachmentMark(attachment),
    attachments: [attachment],
  };
}

function systemEvent(random: Random, place: Place, createdMs: number): StoredMessage {
  const initiator = pick(random, place.members);
  const details: readonly (() => TwinEventDetail)[] = [
    () => systemEvents.membersAdded(initiator, sample(random, place.members, between(random, 1, 3))),
    () => systemEvents.tabUpdated(initiator, guid(random)),
    () => systemEvents.callStarted(initiator, guid(random)),
  ];
  return newMessage({ channel: place.where, createdMs, eventDetail: pick(random, details)() });
}

/**
 * What happened to a message after it was written: a deletion, or reactions and an edit. What would come after now is
 * left out, but drawn: the next message is the same at every moment.
 */
export function happen(random: Random, place: Place<TwinChannel | TwinChat>, message: StoredWriting): void {
  const { createdMs } = message;
  if (random() < SHARES.delete) {
    remove(message, createdMs + Math.round(quantile(random, LAGS_MS.delete)), place.nowMs);
    return;
  }
  if (random() < SHARES.policyViolation) message.policyViolation = POLICY_VIOLATION;
  if (random() < SHARES.reacted) react(random, place, message);
  if (random() < SHARES.edit) {
    const editedMs = createdMs + Math.round(quantile(random, LAGS_MS.edit));
    // The service stamps the modification a little after the edit.
    const modifiedMs = editedMs + between(random, 80, 400);
    if (modifiedMs <= place.nowMs) {
      message.editedMs = editedMs;
      moved(message, modifiedMs);
    }
  }
}

/** https://learn.microsoft.com/graph/api/resources/chatmessagepolicyviolation */
const POLICY_VIOLATION = {
  dlpAction: 'none',
  justificationText: null,
  userAction: 'none',
  verdictDetails: 'none',
  policyTip: {
    complianceUrl: null,
    generalText: 'Contains what looks like a card number.',
    matchedConditionDescriptions: [],
  },
} as const;

function reactionOf(
  random: Random,
  where: TwinChannel | TwinChat,
  message: StoredWriting,
): Pick<TwinReaction, 'reactionType' | 'custom'> {
  const reactionType = pick(random, REACTION_TYPES);
  return reactionType === 'custom'
    ? { reactionType, custom: customReaction(random, where, message) }
    : { reactionType };
}

function remove(message: StoredWriting, deletedMs: number, nowMs: number): void {
  if (deletedMs > nowMs) return;
  Object.assign(message, { deletedMs, ...ERASED });
  moved(message, deletedMs);
}

function react(random: Random, { where, members, nowMs }: Place<TwinChannel | TwinChat>, message: StoredWriting): void {
  const count = Math.round(quantile(random, REACTION_COUNTS));
  const given: TwinReaction[] = sample(random, members, count)
    .map((user) => ({
      ...reactionOf(random, where, message),
      user,
      createdMs: message.createdMs + Math.round(quantile(random, LAGS_MS.reaction)),
    }))
    .filter(({ createdMs }) => createdMs <= nowMs)
    .sort((a, b) => a.createdMs - b.createdMs);
  const isTakenBack = random() < SHARES.unreacted;
  const lastedMs = between(random, 1000, 60_000);
  if (given.length === 0) return;
  const history: TwinHistoryItem[] = given.map((reaction) => added(reaction));
  const last = given.at(-1)!;
  const removedMs = last.createdMs + lastedMs;
  if (isTakenBack && removedMs <= nowMs) {
    given.pop();
    history.push({ actions: 'reactionRemoved', modifiedMs: removedMs, reaction: last });
  }
  message.reactions = given;
  message.history = history;
  moved(message, history.at(-1)!.modifiedMs);
}

function added(reaction: TwinReaction): TwinHistoryItem {
  return { actions: 'reactionAdded', modifiedMs: reaction.createdMs, reaction };
}

function moved(message: StoredWriting & { activityMs?: number }, modifiedMs: number): void {
  message.modifiedMs = Math.max(message.modifiedMs, modifiedMs);
  if (message.activityMs !== undefined) message.activityMs = message.modifiedMs;
}
