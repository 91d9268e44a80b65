import { delta, exported, full, recent } from '../strategies/index.ts';
import { channels } from './channels.ts';
import { collection } from './collection.ts';
import { teams } from './teams.ts';

const listPermissions = ['ChannelMessage.Read.All', 'Group.Read.All', 'Group.ReadWrite.All'];
const list = {
  route: '/teams/{team-id}/channels/{channel-id}/messages',
  query: '$top=50&$expand=replies',
  permissions: listPermissions,
  resourceSpecific: 'ChannelMessage.Read.Group',
  pageSize: 50,
  source: 'https://learn.microsoft.com/en-us/graph/api/channel-list-messages',
} as const;

export const channelMessages = collection({
  name: 'channel_messages',
  description: 'Messages of all channels: roots and replies in one pass.',
  of: channels,
  // Reactions: https://github.com/microsoftgraph/microsoft-graph-docs/issues/11670
  mayChangeUnseen: true,
  gives: 'message-id',
  reads: [
    {
      strategy: exported,
      per: teams,
      route: '/teams/{team-id}/channels/getAllMessages',
      query: '$top=50',
      permissions: ['ChannelMessage.Read.All'],
      pageSize: 50,
      source: 'https://learn.microsoft.com/en-us/graph/api/channel-getallmessages',
    },
    { ...list, strategy: recent },
    {
      strategy: delta,
      route: '/teams/{team-id}/channels/{channel-id}/messages/delta',
      query: '$top=50&$expand=replies',
      permissions: listPermissions,
      resourceSpecific: 'ChannelMessage.Read.Group',
      pageSize: 50,
      source: 'https://learn.microsoft.com/en-us/graph/api/chatmessage-delta',
    },
    { ...list, strategy: full },
  ],
});
