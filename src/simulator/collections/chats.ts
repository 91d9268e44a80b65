import type { GraphCall } from '../graph/call.ts';
import { entity } from '../graph/page.ts';
import type { GraphRoute } from '../graph/route.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { graphDateTime } from '../tenant/date-time.ts';
import { generateChats } from '../tenant/generator/chats.ts';
import { userIdentity } from '../tenant/identities.ts';
import type { TwinChat } from '../tenant/types.ts';
import { chatFiles } from './chat-lines.ts';
import { memberRecord } from './chat-members.ts';
import type { TwinCollection } from './collection.ts';
import { hostedChatOf, teamsUserOf } from './find-chat.ts';
import { type GraphRecord, listRoute } from './list-route.ts';
import { listedChats } from './listed-chats.ts';

const roles = ['Chat.ReadBasic.All', 'Chat.Read.All', 'Chat.ReadWrite.All'];
/** "A maximum of 25 member items, even if a larger $top value is specified." */
const INLINE_MEMBERS = 25;
const BY_LAST_MESSAGE = 'lastMessagePreview/createdDateTime desc';

/** https://learn.microsoft.com/en-us/graph/api/resources/chat */
function record(call: GraphCall, chat: TwinChat): GraphRecord {
  const { id, meeting } = chat;
  return {
    id,
    topic: chat.topic,
    createdDateTime: graphDateTime(chat.createdMs),
    lastUpdatedDateTime: graphDateTime(chat.updatedMs),
    chatType: chat.chatType,
    webUrl: `https://teams.microsoft.com/l/chat/${encodeURIComponent(id)}/0?tenantId=${chat.tenantId}`,
    tenantId: chat.tenantId,
    isHiddenForAllMembers: false,
    migrationMode: chat.migrationMode,
    originalCreatedDateTime: chat.originalCreatedMs === null ? null : graphDateTime(chat.originalCreatedMs),
    onlineMeetingInfo: meeting && {
      calendarEventId: null,
      joinWebUrl: meeting.joinWebUrl,
      organizer: userIdentity(meeting.organizer, { named: false }),
    },
    // Of a user, and there is none.
    viewpoint: null,
    ...expanded(call, chat),
  };
}

function expanded(call: GraphCall, chat: TwinChat): GraphRecord {
  const wanted = call.query.get('$expand')?.split(',') ?? [];
  const members = () => call.tenant.chats.members(chat.id).slice(0, INLINE_MEMBERS);
  return {
    ...(wanted.includes('members') && { members: members().map((member) => memberRecord(call, member)) }),
    ...(wanted.includes('lastMessagePreview') && { lastMessagePreview: preview(call, chat) }),
  };
}

/** https://learn.microsoft.com/en-us/graph/api/resources/chatmessageinfo */
function preview(call: GraphCall, chat: TwinChat): GraphRecord | null {
  const [last] = call.tenant.chats.messages(chat.id, 'created');
  if (!last) return null;
  const { id, createdDateTime, messageType, eventDetail, body, from } = JSON.parse(
    Buffer.from(call.tenant.graphJson(last, { masked: call.masked })).toString('utf8'),
  ) as GraphRecord;
  return { id, createdDateTime, isDeleted: last.deletedMs !== null, messageType, eventDetail, body, from };
}

/** By their last message when that is asked for; without an order, as they were made. */
function ordered(call: GraphCall, chats: readonly TwinChat[]): readonly TwinChat[] {
  const order = call.query.get('$orderby');
  if (order === null) return chats;
  if (order.trim().replace(/\s+/g, ' ').toLowerCase() !== BY_LAST_MESSAGE.toLowerCase()) {
    throw new GraphRefusal(
      refusals.badRequest(`The $orderby '${order}' is not supported. Supported: ${BY_LAST_MESSAGE}.`),
    );
  }
  const lastMs = ({ id }: TwinChat) => call.tenant.chats.messages(id, 'created')[0]?.createdMs ?? 0;
  return [...chats].sort((a, b) => lastMs(b) - lastMs(a));
}

const expand = ['members', 'lastMessagePreview', 'members,lastMessagePreview', 'lastMessagePreview,members'];

export const chats: TwinCollection = {
  name: 'chats',
  permissions: ['Chat.ReadBasic.All'],
  routes: [
    listRoute({
      // https://learn.microsoft.com/en-us/graph/api/chat-list
      pattern: '/users/{user-id}/chats',
      roles,
      path: (call) => `/users('${teamsUserOf(call).id}')/chats`,
      context: 'chats',
      records: (call) => ordered(call, call.tenant.chats.of(teamsUserOf(call).id)).map((chat) => record(call, chat)),
      filter: ['chatType', 'topic'],
      expand,
      orderby: true,
      top: { default: 20, maximum: 50 },
      count: 'always',
    }),
    ...['/chats/{chat-id}', '/users/{user-id}/chats/{chat-id}'].map(
      (pattern): GraphRoute => ({
        // https://learn.microsoft.com/en-us/graph/api/chat-get
        pattern,
        roles,
        query: { expand },
        handle: (call) => entity(call, 'chats/$entity', record(call, hostedChatOf(call))),
      }),
    ),
  ],
  ledger: {
    *chats(tenant) {
      for (const { id } of listedChats(tenant)) yield { id };
    },
  },
  files: chatFiles,
  generate: generateChats,
};
