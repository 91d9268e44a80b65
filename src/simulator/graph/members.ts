import type { TwinMember } from '../tenant/types.ts';
import type { GraphCall } from './call.ts';
import { channelOf, teamOf } from './find.ts';
import { recordPage } from './page.ts';
import { equalityFilter, selectProperties } from './query-options.ts';
import type { GraphRoute } from './route.ts';

/** "From the beginning", as Graph says it of most members. */
const allHistory = '0001-01-01T00:00:00Z';
const sinceThen = '2023-04-05T06:07:08.9Z';
const seesAll = ({ id }: TwinMember) => (id.at(-8) ?? '') < 'V';

const record = (call: GraphCall, member: TwinMember): Readonly<Record<string, unknown>> => ({
  '@odata.type': '#microsoft.graph.aadUserConversationMember',
  id: member.id,
  roles: member.roles,
  displayName: member.displayName,
  visibleHistoryStartDateTime: seesAll(member) ? allHistory : sinceThen,
  userId: member.userId,
  email: member.email,
  tenantId: call.tenant.id,
});

function list(
  pattern: string,
  roles: readonly string[],
  read: (call: GraphCall) => { path: string; members: readonly TwinMember[] },
): GraphRoute {
  return {
    pattern,
    roles,
    query: { allowed: ['$filter', '$select'] },
    handle: (call) => {
      const { path, members } = read(call);
      const keep = equalityFilter(call.query, ['userId', 'displayName', 'email']);
      const records = members
        .map((member) => record(call, member))
        .filter(keep)
        .map((member) => selectProperties(member, call.query, 'microsoft.graph.aadUserConversationMember'));
      const size = call.behaviour.memberPageSize;
      return recordPage(call, { context: path.slice(1), path, size, count: true }, records);
    },
  };
}

const channelMembers = (name: string): GraphRoute =>
  list(
    `/teams/{team-id}/channels/{channel-id}/${name}`,
    ['ChannelMember.Read.All', 'ChannelMember.ReadWrite.All'],
    (call) => {
      const channel = channelOf(call);
      return {
        path: `/teams('${channel.teamId}')/channels('${encodeURIComponent(channel.id)}')/${name}`,
        members: call.tenant.channelMembers(channel.id),
      };
    },
  );

export const memberRoutes: readonly GraphRoute[] = [
  // https://learn.microsoft.com/en-us/graph/api/team-list-members
  list('/teams/{team-id}/members', ['TeamMember.Read.All', 'TeamMember.ReadWrite.All'], (call) => {
    const { id } = teamOf(call);
    return { path: `/teams('${id}')/members`, members: call.tenant.teamMembers(id) };
  }),
  // https://learn.microsoft.com/en-us/graph/api/channel-list-members
  channelMembers('members'),
  // https://learn.microsoft.com/en-us/graph/api/channel-list-allmembers
  channelMembers('allMembers'),
];
