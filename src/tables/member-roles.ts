import type { TableShape } from '../schema/column.ts';
import { occurrence } from './columns/occurrence.ts';

export const memberRoles = {
  name: 'member_roles',
  description: 'Roles that members have in their teams, one row per role; a plain member has none.',
  resource: 'team_members',
  ingestionType: 'snapshot',
  primaryKey: ['team_id', 'member_id', 'role', 'occurrence'],
  explode: 'roles',
  columns: {
    team_id: { type: 'string', isId: true, description: 'Team.' },
    member_id: { type: 'string', from: 'id', description: 'Membership, as in `members.id`.' },
    userId: { type: 'string', isId: true, description: 'Who has the role.' },
    role: { type: 'string', from: ['$element', '$ordinal'], description: 'owner or guest.' },
    ...occurrence,
  },
} as const satisfies TableShape;
