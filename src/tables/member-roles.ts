import { teamMembers } from '../resources/team-members.ts';
import { occurrence } from './columns/occurrence.ts';
import { table } from './table.ts';

export const memberRoles = table({
  name: 'member_roles',
  description: 'Roles that members have in their teams, one row per role; a plain member has none.',
  resource: teamMembers,
  ingestionType: 'snapshot',
  primaryKey: ['team_id', 'member_id', 'role', 'occurrence'],
  explode: 'roles',
  columns: {
    team_id: { type: 'id', description: 'Team.' },
    member_id: { type: 'string', from: 'id', description: 'Membership, as in `members.id`.' },
    userId: { type: 'id', description: 'Who has the role.' },
    role: { type: 'string', from: ['$element', '$ordinal'], description: 'owner or guest.' },
    ...occurrence,
  },
});
