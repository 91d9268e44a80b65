import type { GraphCall } from '../graph/call.ts';
import { graphDateTime } from '../tenant/date-time.ts';
import type { TwinChatMember } from '../tenant/types.ts';
import type { TwinCollection } from './collection.ts';
import { chatPath, hostedChatOf } from './find-chat.ts';
import { type GraphRecord, listRoute } from './list-route.ts';
import { readableChats } from './listed-chats.ts';
import { ALL_HISTORY } from './member-list.ts';

/** Any of these lets an app read the members of chats. https://learn.microsoft.com/en-us/graph/api/chat-list-members */
const roles = [
  'ChatMember.Read.All',
  'ChatMember.ReadWrite.All',
  'Chat.ReadBasic.All',
  'Chat.Read.All',
  'Chat.ReadWrite.All',
];

/** Of somebody of another tenant the service knows the id and the tenant, not always the name and the address. */
export function memberRecord(call: GraphCall, member: TwinChatMember): GraphRecord {
  const { id, user, roles: own, visibleFromMs } = member;
  const isFederated = user.homeTenantId !== undefined;
  return {
    '@odata.type': '#microsoft.graph.aadUserConversationMember',
    id,
    roles: own,
    displayName: isFederated ? null : user.displayName,
    visibleHistoryStartDateTime: visibleFromMs === null ? ALL_HISTORY : graphDateTime(visibleFromMs),
    userId: user.id,
    email: isFederated ? null : user.mail,
    tenantId: user.homeTenantId ?? call.tenant.id,
  };
}

export const chatMembers: TwinCollection = {
  name: 'chat_members',
  permissions: ['ChatMember.Read.All'],
  // https://learn.microsoft.com/en-us/graph/api/chat-list-members
  routes: ['/chats/{chat-id}/members', '/users/{user-id}/chats/{chat-id}/members'].map((pattern) =>
    listRoute({
      pattern,
      roles,
      path: (call) => `${chatPath(call, hostedChatOf(call))}/members`,
      records: (call) => call.tenant.chats.members(hostedChatOf(call).id).map((member) => memberRecord(call, member)),
      count: 'always',
    }),
  ),
  ledger: {
    *chat_members(tenant) {
      for (const chat of readableChats(tenant)) {
        for (const { id } of tenant.chats.members(chat.id)) yield { chat_id: chat.id, id };
      }
    },
  },
};
