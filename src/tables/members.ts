import { teamMembers } from '../resources/team-members.ts';
import { memberColumns } from './columns/member.ts';
import { table } from './table.ts';

export const members = table({
  name: 'members',
  description: 'Who belongs to which team.',
  resource: teamMembers,
  ingestionType: 'snapshot',
  primaryKey: ['team_id', 'id'],
  columns: {
    team_id: { type: 'id', from: '$context.team_id', description: 'The team.' },
    ...memberColumns,
  },
});
