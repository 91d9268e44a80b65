import type { TableShape } from '../schema/column.ts';
import { memberColumns } from './columns/member.ts';

export const channelMembers = {
  name: 'channel_members',
  description: 'Who belongs to which channel.',
  resource: 'channel_members',
  ingestionType: 'snapshot',
  primaryKey: ['team_id', 'channel_id', 'id'],
  columns: {
    team_id: { type: 'string', isId: true, from: '$context.team_id', description: 'Team of the channel.' },
    channel_id: { type: 'string', from: '$context.channel_id', description: 'The channel.' },
    ...memberColumns,
  },
} as const satisfies TableShape;
