import { contents } from '../strategies/index.ts';
import { collection, tenant } from './collection.ts';

const source = 'https://learn.microsoft.com/en-us/graph/api/chatmessagehostedcontent-get';

export const hostedContentFiles = collection({
  name: 'hosted_content_files',
  description: 'Bytes of the pictures and the code that messages of channels name.',
  of: tenant,
  reads: [
    {
      strategy: contents,
      route: '/teams/{team-id}/channels/{channel-id}/messages/{message-id}/hostedContents/{hosted-content-id}/$value',
      permissions: ['ChannelMessage.Read.All', 'Group.Read.All', 'Group.ReadWrite.All'],
      source,
      contents: {
        names: 'hosted_contents',
        kept: 'hosted_content_files',
        ids: {
          'team-id': 'team_id',
          'channel-id': 'channel_id',
          'message-id': 'root_message_id',
          'reply-id': 'message_id',
          'hosted-content-id': 'id',
        },
        unlike: {
          columns: ['root_message_id', 'message_id'],
          route:
            '/teams/{team-id}/channels/{channel-id}/messages/{message-id}/replies/{reply-id}/hostedContents/{hosted-content-id}/$value',
        },
        apart: ['team_id', 'channel_id'],
      },
    },
  ],
});

export const chatHostedContentFiles = collection({
  name: 'chat_hosted_content_files',
  description: 'Bytes of the pictures and the code that messages of chats name.',
  of: tenant,
  reads: [
    {
      strategy: contents,
      route: '/chats/{chat-id}/messages/{message-id}/hostedContents/{hosted-content-id}/$value',
      permissions: ['Chat.Read.All', 'Chat.ReadWrite.All'],
      source,
      contents: {
        names: 'chat_hosted_contents',
        kept: 'chat_hosted_content_files',
        ids: { 'chat-id': 'chat_id', 'message-id': 'message_id', 'hosted-content-id': 'id' },
        apart: ['chat_id'],
      },
    },
  ],
});
