import type { TwinCollection } from './collection.ts';
import { channelOf, channelPath, everyChannel } from './find-channel.ts';
import { memberList } from './member-list.ts';

const list = (name: string) =>
  memberList({
    pattern: `/teams/{team-id}/channels/{channel-id}/${name}`,
    roles: ['ChannelMember.Read.All', 'ChannelMember.ReadWrite.All'],
    path: (call) => `${channelPath(channelOf(call))}/${name}`,
    members: (call) => call.tenant.channelMembers(channelOf(call).id),
  });

/** Their lines are those of the channels, which are generated with them. */
export const channelMembers: TwinCollection = {
  name: 'channel_members',
  permissions: ['ChannelMember.Read.All'],
  routes: [
    // https://learn.microsoft.com/en-us/graph/api/channel-list-members
    list('members'),
    // https://learn.microsoft.com/en-us/graph/api/channel-list-allmembers
    list('allMembers'),
  ],
  ledger: {
    *channel_members(tenant) {
      for (const channel of everyChannel(tenant)) {
        if (channel.membershipType === 'standard') continue;
        for (const { id } of tenant.channelMembers(channel.id)) {
          yield { team_id: channel.teamId, channel_id: channel.id, id };
        }
      }
    },
  },
};
