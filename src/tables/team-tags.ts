import { teamTags as resource } from '../resources/team-tags.ts';
import { table } from './table.ts';

export const teamTags = table({
  name: 'team_tags',
  description: 'Names under which some members of a team are mentioned together.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['team_id', 'id'],
  // https://learn.microsoft.com/en-us/graph/api/resources/teamworktag
  columns: {
    team_id: { type: 'id', from: '$context.team_id', description: 'The team.' },
    id: { type: 'string', description: 'Tag id; opaque.' },
    teamId: { type: 'id', description: 'The team, as the service says it.' },
    displayName: { type: 'string', description: 'Name.' },
    description: { type: 'string', description: 'What the tag is for.' },
    memberCount: { type: 'int32', description: 'How many people have it.' },
    tagType: { type: 'string', description: 'standard, …' },
  },
});
