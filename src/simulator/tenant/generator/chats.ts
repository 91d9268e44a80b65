import { newChatMessage, type StoredChatMessage } from '../message.ts';
import type { TenantStore } from '../store.ts';
import * as systemEvents from '../system-events.ts';
import type { TwinChat, TwinEventDetail, TwinUser } from '../types.ts';
import { between, guid, hex, pick, type Random, sample } from './chance.ts';
import { card, happen, type Place, written } from './conversation.ts';
import type { Generation } from './generation.ts';
import { giveHostedContents } from './hosted-contents.ts';
import { generatePeople } from './people.ts';
import { shareOut } from './schedule.ts';
import { pickTopic, replyText, rootText, subjectText } from './texts.ts';
import { workTimes } from './work-times.ts';

const FEDERATED_DOMAIN = 'contoso.example';
const FEDERATED_PEOPLE = 6;
/** More than the 25 members that a list of chats can bring along. */
const LARGE_CHAT = 31;
const FILES = 'https://northwind-my.sharepoint.example/personal';
const SHARES = { oneOnOne: 0.5, group: 0.3, topic: 0.7, federated: 0.15, bot: 0.03, call: 0.03 };
const MINUTE_MS = 60_000;
/** How long an imported chat stood elsewhere before. */
const IMPORTED_AFTER_MS = 90 * 24 * 60 * MINUTE_MS;

interface Company {
  readonly people: readonly TwinUser[];
  /** People of another tenant, who are in no directory here. */
  readonly federated: readonly TwinUser[];
}

/**
 * Adds chats to a tenant that has people. The first four are of certain kinds: a group above 25, one-to-one with
 * somebody of another tenant, a meeting, a group that was brought in from elsewhere. One user has no licence and is in the first.
 */
export function generateChats(tenant: TenantStore, { options, startMs, streamOf }: Generation): void {
  const { chats = 0, messages: messagesPerChat, nowMs } = options;
  if (chats === 0) return;
  const { random } = tenant.chats;
  const company = companyOf(tenant, random);
  const sizes = shareOut(random, chats * messagesPerChat, chats);
  const timeAt = workTimes(startMs, nowMs - MINUTE_MS);
  const chance = streamOf('chat_hosted_contents');
  let sharedMs: number | undefined;
  for (const [index, size] of sizes.entries()) {
    const beginning = random() * 0.5;
    const createdMs = timeAt(beginning);
    const { chat, members } = newPlace(tenant, random, { index, createdMs, company });
    tenant.chats.addChat(chat);
    for (const [place, user] of members.entries()) tenant.chats.addMember(chat.id, user, memberOf(chat, user, place));
    const times = Array.from({ length: size }, () => timeAt(beginning + random() * (1 - beginning)));
    // Ids of messages repeat across chats.
    if (sharedMs !== undefined && sharedMs > createdMs && times.length > 1) times[0] = sharedMs;
    const ascending = distinct(times, createdMs);
    sharedMs = ascending.at(-1);
    const messages = generateMessages(random, { chat, members, nowMs }, ascending);
    giveHostedContents(chance, messages);
    tenant.chats.addMessages(messages);
  }
}

function companyOf(tenant: TenantStore, random: Random): Company {
  const people = tenant.users();
  const homeTenantId = guid(random);
  const federated = generatePeople(random, FEDERATED_PEOPLE, FEDERATED_DOMAIN).map((user) => ({
    ...user,
    homeTenantId,
  }));
  if (people.length > 2) tenant.setLicence(people.at(-1)!.id, false);
  return { people, federated };
}

interface NewPlace {
  readonly index: number;
  readonly createdMs: number;
  readonly company: Company;
}

function newPlace(tenant: TenantStore, random: Random, { index, createdMs, company }: NewPlace) {
  const { people, federated } = company;
  const licensed = people.filter(({ isLicensed }) => isLicensed !== false);
  const certain = (['large', 'federated', 'meeting', 'imported'] as const)[index];
  const chance = random();
  if (certain === 'large') {
    const others = sample(random, licensed, LARGE_CHAT - 1);
    const unlicensed = people.filter(({ isLicensed }) => isLicensed === false);
    const members = [...others, ...unlicensed, ...federated].slice(0, Math.max(LARGE_CHAT, others.length + 1));
    return { chat: newChat(random, { tenantId: tenant.id, chatType: 'group', members, createdMs }), members };
  }
  const isOfTwo = certain === 'federated' || (certain === undefined && chance < SHARES.oneOnOne);
  const isFederated = certain === 'federated' || certain === 'meeting' || random() < SHARES.federated;
  if (isOfTwo) {
    const members = [pick(random, licensed), isFederated ? pick(random, federated) : pick(random, licensed)];
    const isFree = members[0] !== members[1] && !tenant.chats.chat(oneOnOneId(members));
    if (isFree) {
      return { chat: newChat(random, { tenantId: tenant.id, chatType: 'oneOnOne', members, createdMs }), members };
    }
  }
  const isMeeting = certain === 'meeting' || (certain === undefined && chance >= SHARES.oneOnOne + SHARES.group);
  const members = [
    ...sample(random, licensed, between(random, 3, 9)),
    ...(isFederated ? sample(random, federated, between(random, 1, 2)) : []),
  ];
  const chatType = isMeeting ? 'meeting' : 'group';
  const originalCreatedMs = certain === 'imported' ? createdMs - IMPORTED_AFTER_MS : undefined;
  return { chat: newChat(random, { tenantId: tenant.id, chatType, members, createdMs, originalCreatedMs }), members };
}

const oneOnOneId = (members: readonly TwinUser[]) =>
  `19:${members
    .map(({ id }) => id)
    .sort()
    .join('_')}@unq.gbl.spaces`;

export interface NewChat {
  readonly tenantId: string;
  readonly chatType: TwinChat['chatType'];
  /** The first one made it. */
  readonly members: readonly TwinUser[];
  readonly topic?: string | undefined;
  readonly createdMs: number;
  /** It was brought in, and is from then. */
  readonly originalCreatedMs?: number | undefined;
}

/** A chat record with the id that Teams would give it: of two people there is one, named by both. */
export function newChat(random: Random, options: NewChat): TwinChat {
  const { tenantId, chatType, members, topic, createdMs, originalCreatedMs = null } = options;
  const name = subjectText(random, pickTopic(random));
  const isNamed = chatType === 'meeting' || random() < SHARES.topic;
  const thread = hex(random, 32);
  const id = {
    oneOnOne: oneOnOneId(members),
    group: `19:${thread}@thread.v2`,
    meeting: `19:meeting_${Buffer.from(thread).toString('base64url')}@thread.v2`,
  }[chatType];
  const organizer = members[0];
  const joinWebUrl = `https://teams.microsoft.com/l/meetup-join/${encodeURIComponent(id)}/0?context=${encodeURIComponent(
    JSON.stringify({ Tid: tenantId, Oid: organizer?.id }),
  )}`;
  return {
    id,
    chatType,
    topic: chatType === 'oneOnOne' ? null : (topic ?? (isNamed ? name : null)),
    createdMs,
    updatedMs: createdMs,
    tenantId,
    migrationMode: originalCreatedMs === null ? null : 'completed',
    originalCreatedMs,
    meeting: chatType === 'meeting' && organizer ? { joinWebUrl, organizer } : null,
  };
}

/** Two people own their chat both; a group is whose made it. Some who came later do not see what was before. */
function memberOf(chat: TwinChat, user: TwinUser, place: number) {
  const isOwner = chat.chatType === 'oneOnOne' || place === 0;
  const roles = isOwner ? (['owner'] as const) : user.userType === 'Guest' ? (['guest'] as const) : [];
  return { roles, visibleFromMs: chat.chatType !== 'oneOnOne' && place % 5 === 4 ? chat.createdMs : null };
}

function distinct(times: number[], afterMs: number): number[] {
  let last = afterMs;
  return times
    .sort((a, b) => a - b)
    .map((ms) => {
      last = Math.max(ms, last + 1);
      return last;
    });
}

interface ChatPlace {
  readonly chat: TwinChat;
  readonly members: readonly TwinUser[];
  readonly nowMs: number;
}

/** The first message of a group says who came; the others are what people, apps and Teams itself say. */
function generateMessages(
  random: Random,
  { chat, members, nowMs }: ChatPlace,
  times: readonly number[],
): StoredChatMessage[] {
  const folderUrl = `${FILES}/${members[0]!.id.slice(0, 8)}/Documents/Microsoft Teams Chat Files`;
  const place: Place<TwinChat> = { where: chat, members, folderUrl, nowMs };
  return times.map((createdMs, index) => {
    const eventDetail = systemEvent(random, place, index);
    if (eventDetail) return newChatMessage(chat, { createdMs, eventDetail });
    const topic = pickTopic(random);
    const text = index % 4 === 0 ? rootText(random, topic) : replyText(random, topic);
    const content = random() < SHARES.bot ? card(random, topic) : written(random, place, text);
    const message = newChatMessage(chat, { createdMs, ...content });
    happen(random, place, message);
    return message;
  });
}

function systemEvent(random: Random, { where, members }: Place<TwinChat>, index: number): TwinEventDetail | undefined {
  const chance = random();
  const initiator = members[0]!;
  if (where.chatType === 'oneOnOne') return undefined;
  if (index === 0) return systemEvents.membersAdded(initiator, members);
  if (where.chatType === 'group' && chance < SHARES.call / 3) return systemEvents.chatRenamed(initiator, where);
  if (chance >= SHARES.call) return undefined;
  const call = chance < SHARES.call / 2 ? systemEvents.callStarted : systemEvents.callEnded;
  return call(initiator, guid(random));
}
