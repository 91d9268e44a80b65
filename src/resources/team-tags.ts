import { snapshot } from '../strategies/index.ts';
import { collection } from './collection.ts';
import { teams } from './teams.ts';

export const teamTags = collection({
  name: 'team_tags',
  description: 'Tags of a team: names under which some of its members are mentioned together.',
  of: teams,
  gives: 'tag-id',
  mayBeEmpty: true,
  reads: [
    {
      strategy: snapshot,
      route: '/teams/{team-id}/tags',
      permissions: ['TeamworkTag.Read.All', 'TeamworkTag.ReadWrite.All'],
      source: 'https://learn.microsoft.com/en-us/graph/api/teamworktag-list',
    },
  ],
});
