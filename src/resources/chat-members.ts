import { snapshot } from '../strategies/index.ts';
import { chats } from './chats.ts';
import { collection } from './collection.ts';

export const chatMembers = collection({
  name: 'chat_members',
  description: 'Members of a chat, however many: `$expand=members` of a list of chats gives 25 at most.',
  of: chats,
  // "When the chat was renamed or the list of members was last changed": https://learn.microsoft.com/en-us/graph/api/resources/chat
  movesWith: 'lastUpdatedDateTime',
  reads: [
    {
      strategy: snapshot,
      route: '/chats/{chat-id}/members',
      permissions: [
        'ChatMember.Read.All',
        'ChatMember.ReadWrite.All',
        'Chat.ReadBasic.All',
        'Chat.Read.All',
        'Chat.ReadWrite.All',
      ],
      resourceSpecific: 'ChatMember.Read.Chat',
      source: 'https://learn.microsoft.com/en-us/graph/api/chat-list-members',
    },
  ],
});
