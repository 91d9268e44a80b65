import { snapshot } from '../strategies/index.ts';
import { collection, tenant } from './collection.ts';

export const teams = collection({
  name: 'teams',
  description: 'All teams of the tenant.',
  of: tenant,
  gives: 'team-id',
  knownBy: ['displayName'],
  reads: [
    {
      strategy: snapshot,
      filter: { takes: 'one', properties: { displayName: { operators: ['eq'] } } },
      route: '/teams',
      permissions: ['Team.ReadBasic.All', 'TeamSettings.Read.All', 'TeamSettings.ReadWrite.All'],
      source: 'https://learn.microsoft.com/en-us/graph/api/teams-list',
    },
  ],
  // GET /teams populates id, displayName, description and visibility only.
  details: {
    route: '/teams/{team-id}',
    permissions: ['Team.ReadBasic.All', 'TeamSettings.Read.All', 'TeamSettings.ReadWrite.All'],
    resourceSpecific: 'TeamSettings.Read.Group',
    source: 'https://learn.microsoft.com/en-us/graph/api/team-get',
  },
});
