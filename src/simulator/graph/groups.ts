import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { TwinTeam } from '../tenant/types.ts';
import { recordPage } from './page.ts';
import { pageSize, selectProperties } from './query-options.ts';
import type { GraphRoute } from './route.ts';

const top = { default: 100, maximum: 999 };
const isTeamFilter = /^\s*resourceProvisioningOptions\/any\(\s*(\w+)\s*:\s*\1\s+eq\s+'Team'\s*\)\s*$/i;

/** The directory's view of a team: what only Teams knows (webUrl, settings, isArchived) is not in it. */
const asGroup = (team: TwinTeam): Readonly<Record<string, unknown>> => ({
  id: team.id,
  createdDateTime: team.createdDateTime,
  displayName: team.displayName,
  description: team.description,
  groupTypes: ['Unified'],
  mailEnabled: true,
  mailNickname: team.internalId.replace(/\W/g, '').slice(0, 40),
  securityEnabled: false,
  visibility: team.visibility === 'private' ? 'Private' : 'Public',
  resourceProvisioningOptions: ['Team'],
});

export const groupRoutes: readonly GraphRoute[] = [
  {
    // https://learn.microsoft.com/en-us/graph/teams-list-all-teams
    pattern: '/groups',
    roles: ['Group.ReadBasic.All', 'GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All'],
    query: { top: true, allowed: ['$filter', '$select', '$count'] },
    directory: true,
    handle: (call) => {
      const filter = call.query.get('$filter');
      if (filter !== null && !isTeamFilter.test(filter)) {
        throw new GraphRefusal(refusals.unsupportedQuery('Unsupported or invalid query filter clause specified.'));
      }
      const records = call.tenant
        .teams()
        .map(asGroup)
        .map((group) => selectProperties(group, call.query, 'microsoft.graph.group'));
      const size = pageSize(call.query, top, call.behaviour);
      return recordPage(call, { context: 'groups', path: '/groups', size, count: call.query.has('$count') }, records);
    },
  },
];
