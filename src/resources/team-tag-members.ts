import { snapshot } from '../strategies/index.ts';
import { collection } from './collection.ts';
import { teamTags } from './team-tags.ts';

export const teamTagMembers = collection({
  name: 'team_tag_members',
  description: 'Members of a tag.',
  of: teamTags,
  mayBeEmpty: true,
  reads: [
    {
      strategy: snapshot,
      route: '/teams/{team-id}/tags/{tag-id}/members',
      permissions: ['TeamworkTag.Read.All', 'TeamworkTag.ReadWrite.All'],
      source: 'https://learn.microsoft.com/en-us/graph/api/teamworktagmember-list',
    },
  ],
});
