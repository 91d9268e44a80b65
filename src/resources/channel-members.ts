import { snapshot } from '../strategies/index.ts';
import { channels } from './channels.ts';
import { collection } from './collection.ts';
import { memberFilter } from './member-filter.ts';

export const channelMembers = collection({
  name: 'channel_members',
  description: 'Members of a private or shared channel. A standard channel has the members of its team.',
  of: channels,
  onlyBelow: { membershipType: ['private', 'shared'] },
  reads: [
    {
      strategy: snapshot,
      filter: memberFilter,
      route: '/teams/{team-id}/channels/{channel-id}/members',
      permissions: ['ChannelMember.Read.All', 'ChannelMember.ReadWrite.All'],
      resourceSpecific: 'ChannelMember.Read.Group',
      source: 'https://learn.microsoft.com/en-us/graph/api/channel-list-members',
    },
  ],
});
