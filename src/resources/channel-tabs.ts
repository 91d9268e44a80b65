import { snapshot } from '../strategies/index.ts';
import { channels } from './channels.ts';
import { collection } from './collection.ts';

export const channelTabs = collection({
  name: 'channel_tabs',
  description: 'Tabs of a channel, with the app behind each.',
  of: channels,
  mayBeEmpty: true,
  reads: [
    {
      strategy: snapshot,
      route: '/teams/{team-id}/channels/{channel-id}/tabs',
      query: '$expand=teamsApp',
      permissions: ['TeamsTab.Read.All', 'TeamsTab.ReadWrite.All'],
      resourceSpecific: 'TeamsTab.Read.Group',
      source: 'https://learn.microsoft.com/en-us/graph/api/channel-list-tabs',
    },
  ],
});
