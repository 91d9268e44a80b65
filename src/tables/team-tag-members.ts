import { teamTagMembers as resource } from '../resources/team-tag-members.ts';
import { table } from './table.ts';

export const teamTagMembers = table({
  name: 'team_tag_members',
  description: 'Who has which tag of a team.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['team_id', 'tag_id', 'id'],
  // https://learn.microsoft.com/en-us/graph/api/resources/teamworktagmember
  columns: {
    team_id: { type: 'id', from: '$context.team_id', description: 'The team.' },
    tag_id: { type: 'string', from: '$context.tag_id', description: 'The tag.' },
    id: { type: 'string', description: 'Id of this person in the tag; opaque.' },
    userId: { type: 'id', description: 'The user.' },
    displayName: { type: 'string', description: 'Name of the user.' },
    tenantId: { type: 'id', description: 'Home tenant of the user.' },
  },
});
