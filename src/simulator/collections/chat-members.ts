import type { GraphCall } from '../graph/call.ts';
import { recordPage } from '../graph/page.ts';
import type { GraphRoute } from '../graph/route.ts';
import { graphDateTime } from '../tenant/date-time.ts';
import type { TwinChatMember } from '../tenant/types.ts';
import { chatPath, hostedChatOf } from './find-chat.ts';

/** Any of these lets an app read the members of chats. https://learn.microsoft.com/en-us/graph/api/chat-list-members */
const roles = [
  'ChatMember.Read.All',
  'ChatMember.ReadWrite.All',
  'Chat.ReadBasic.All',
  'Chat.Read.All',
  'Chat.ReadWrite.All',
];

/** "From the beginning", as Graph says it of most members. */
const ALL_HISTORY = '0001-01-01T00:00:00Z';

/** Of somebody of another tenant the service knows the id and the tenant, not always the name and the address. */
export function memberRecord(call: GraphCall, member: TwinChatMember): Readonly<Record<string, unknown>> {
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

export const chatMemberRoutes: readonly GraphRoute[] = [
  '/chats/{chat-id}/members',
  '/users/{user-id}/chats/{chat-id}/members',
].map((pattern) => ({
  // https://learn.microsoft.com/en-us/graph/api/chat-list-members
  pattern,
  roles,
  query: {},
  handle: (call) => {
    const chat = hostedChatOf(call);
    const path = `${chatPath(call, chat)}/members`;
    const records = call.tenant.chats.members(chat.id).map((member) => memberRecord(call, member));
    return recordPage(
      call,
      { context: path.slice(1), path, size: call.behaviour.memberPageSize, count: true },
      records,
    );
  },
}));
