import { generateTeamMembers } from '../tenant/generator/organization.ts';
import type { TwinCollection } from './collection.ts';
import { teamOf } from './find-channel.ts';
import { memberList } from './member-list.ts';

/** Their lines are those of the teams. */
export const teamMembers: TwinCollection = {
  name: 'team_members',
  permissions: ['TeamMember.Read.All'],
  routes: [
    memberList({
      // https://learn.microsoft.com/en-us/graph/api/team-list-members
      pattern: '/teams/{team-id}/members',
      roles: ['TeamMember.Read.All', 'TeamMember.ReadWrite.All'],
      path: (call) => `/teams('${teamOf(call).id}')/members`,
      members: (call) => call.tenant.teamMembers(teamOf(call).id),
    }),
  ],
  ledger: {
    *members(tenant) {
      for (const team of tenant.teams()) {
        for (const { id } of tenant.teamMembers(team.id)) yield { team_id: team.id, id };
      }
    },
  },
  generate: generateTeamMembers,
};
