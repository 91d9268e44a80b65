import type { Resource } from './types.ts';

export const channelMembers: Resource = {
  name: 'channel_members',
  description: 'Members of a private or shared channel. A standard channel has the members of its team.',
  membershipTypes: ['private', 'shared'],
  reads: [
    {
      strategy: 'snapshot',
      partition: 'channel',
      route: '/teams/{team-id}/channels/{channel-id}/members',
      permissions: ['ChannelMember.Read.All', 'ChannelMember.ReadWrite.All'],
      source: 'https://learn.microsoft.com/en-us/graph/api/channel-list-members',
    },
  ],
};
