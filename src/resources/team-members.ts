import { snapshot } from '../strategies/index.ts';
import { collection } from './collection.ts';
import { memberFilter } from './member-filter.ts';
import { teams } from './teams.ts';

export const teamMembers = collection({
  name: 'team_members',
  description: 'Members of a team.',
  of: teams,
  reads: [
    {
      strategy: snapshot,
      filter: memberFilter,
      route: '/teams/{team-id}/members',
      permissions: ['TeamMember.Read.All', 'TeamMember.ReadWrite.All'],
      resourceSpecific: 'TeamMember.Read.Group',
      source: 'https://learn.microsoft.com/en-us/graph/api/team-list-members',
    },
  ],
});
