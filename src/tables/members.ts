import type { TableShape } from '../schema/column.ts';
import { memberColumns } from './columns/member.ts';

export const members = {
  name: 'members',
  description: 'Who belongs to which team.',
  resource: 'team_members',
  ingestionType: 'snapshot',
  primaryKey: ['team_id', 'id'],
  columns: {
    team_id: { type: 'string', isId: true, from: '$context.team_id', description: 'The team.' },
    ...memberColumns,
  },
} as const satisfies TableShape;
