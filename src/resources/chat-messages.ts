import { deltaOfMany, exported, full, recent } from '../strategies/index.ts';
import { chats } from './chats.ts';
import { collection } from './collection.ts';
import { users } from './users.ts';

const permissions = ['Chat.Read.All', 'Chat.ReadWrite.All'];
/** The service ignores a filter without the order of the same property. */
const list = {
  route: '/chats/{chat-id}/messages',
  query: '$top=50&$orderby=lastModifiedDateTime%20desc',
  filters: 'lastModifiedDateTime',
  permissions,
  resourceSpecific: 'ChatMessage.Read.Chat',
  pageSize: 50,
  source: 'https://learn.microsoft.com/en-us/graph/api/chat-list-messages',
} as const;

export const chatMessages = collection({
  name: 'chat_messages',
  description: 'Messages of all chats. In an export a message is in that of every participant; it is one message.',
  of: chats,
  // Reactions: https://github.com/microsoftgraph/microsoft-graph-docs/issues/11670
  mayChangeUnseen: true,
  gives: 'message-id',
  reads: [
    {
      strategy: exported,
      filter: {
        takes: 'several',
        properties: {
          'from/user/id': { operators: ['eq'] },
          'from/user/userIdentityType': { operators: ['eq'] },
          'from/application/applicationIdentityType': { operators: ['eq'] },
          messageType: { operators: ['eq', 'ne'], values: ['systemEventMessage'] },
        },
      },
      per: users,
      route: '/users/{user-id}/chats/getAllMessages',
      query: '$top=50',
      permissions,
      pageSize: 50,
      source: 'https://learn.microsoft.com/en-us/graph/api/chats-getallmessages',
    },
    { ...list, strategy: recent },
    {
      strategy: deltaOfMany,
      per: users,
      route: '/users/{user-id}/chats/getAllMessages/delta',
      query: '$top=50',
      permissions,
      pageSize: 50,
      source: 'https://learn.microsoft.com/en-us/graph/api/chatmessage-delta',
    },
    { ...list, strategy: full },
  ],
});
