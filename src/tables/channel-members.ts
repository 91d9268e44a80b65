import { channelMembers as resource } from '../resources/channel-members.ts';
import { memberColumns } from './columns/member.ts';
import { table } from './table.ts';

export const channelMembers = table({
  name: 'channel_members',
  description: 'Who belongs to which channel.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['team_id', 'channel_id', 'id'],
  columns: {
    team_id: { type: 'id', from: '$context.team_id', description: 'Team of the channel.' },
    channel_id: { type: 'string', from: '$context.channel_id', description: 'The channel.' },
    ...memberColumns,
  },
});
