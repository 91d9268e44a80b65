import { channelTabs as resource } from '../resources/channel-tabs.ts';
import { tabColumns } from './columns/teams-app.ts';
import { table } from './table.ts';

export const tabs = table({
  name: 'tabs',
  description: 'Pages that channels show beside their messages.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['team_id', 'channel_id', 'id'],
  columns: {
    team_id: { type: 'id', from: '$context.team_id', description: 'The team.' },
    channel_id: { type: 'string', from: '$context.channel_id', description: 'The channel.' },
    ...tabColumns,
  },
});
