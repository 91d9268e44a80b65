import type { GraphCall } from '../graph/call.ts';
import type { GraphRoute } from '../graph/route.ts';
import type { TwinMember } from '../tenant/types.ts';
import { type GraphRecord, listRoute } from './list-route.ts';

/** "From the beginning", as Graph says it of most members. */
export const ALL_HISTORY = '0001-01-01T00:00:00Z';
const sinceThen = '2023-04-05T06:07:08.9Z';
const seesAll = ({ id }: TwinMember) => (id.at(-8) ?? '') < 'V';

const record = (call: GraphCall, member: TwinMember): GraphRecord => ({
  '@odata.type': '#microsoft.graph.aadUserConversationMember',
  id: member.id,
  roles: member.roles,
  displayName: member.displayName,
  visibleHistoryStartDateTime: seesAll(member) ? ALL_HISTORY : sinceThen,
  userId: member.userId,
  email: member.email,
  tenantId: call.tenant.id,
});

interface MemberList {
  readonly pattern: string;
  readonly roles: readonly string[];
  readonly path: (call: GraphCall) => string;
  readonly members: (call: GraphCall) => readonly TwinMember[];
}

/** The members of a team or a channel. */
export const memberList = ({ members, ...listing }: MemberList): GraphRoute =>
  listRoute({
    ...listing,
    records: (call) => members(call).map((member) => record(call, member)),
    filter: ['userId', 'displayName', 'email'],
    type: 'microsoft.graph.aadUserConversationMember',
    count: 'always',
  });
