import type { Resource } from './types.ts';

export const teamMembers: Resource = {
  name: 'team_members',
  description: 'Members of a team.',
  reads: [
    {
      strategy: 'snapshot',
      partition: 'team',
      route: '/teams/{team-id}/members',
      permissions: ['TeamMember.Read.All', 'TeamMember.ReadWrite.All'],
      source: 'https://learn.microsoft.com/en-us/graph/api/team-list-members',
    },
  ],
};
