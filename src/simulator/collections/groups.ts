import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { TwinTeam } from '../tenant/types.ts';
import type { TwinCollection } from './collection.ts';
import { type GraphRecord, listRoute } from './list-route.ts';

const isTeamFilter = /^\s*resourceProvisioningOptions\/any\(\s*(\w+)\s*:\s*\1\s+eq\s+'Team'\s*\)\s*$/i;

/** The directory's view of a team: what only Teams knows (webUrl, settings, isArchived) is not in it. */
const asGroup = (team: TwinTeam): GraphRecord => ({
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

/** Teams once more, as groups. */
export const groups: TwinCollection = {
  name: 'groups',
  permissions: ['GroupMember.Read.All'],
  routes: [
    listRoute({
      // https://learn.microsoft.com/en-us/graph/teams-list-all-teams
      pattern: '/groups',
      roles: ['Group.ReadBasic.All', 'GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All'],
      directory: true,
      path: '/groups',
      records: ({ query, tenant }) => {
        const filter = query.get('$filter');
        if (filter !== null && !isTeamFilter.test(filter)) {
          throw new GraphRefusal(refusals.unsupportedQuery('Unsupported or invalid query filter clause specified.'));
        }
        return tenant.teams().map(asGroup);
      },
      filter: 'own',
      type: 'microsoft.graph.group',
      top: { default: 100, maximum: 999 },
      count: () => true,
    }),
  ],
  ledger: {},
};
