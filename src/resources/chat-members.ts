import { snapshot } from '../strategies/index.ts';
import { chats } from './chats.ts';
import { collection } from './collection.ts';

export const chatMembers = collection({
  name: 'chat_members',
  description: 'Members of a chat, however many: `$expand=members` of a list of chats gives 25 at most.',
  of: chats,
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
      source: 'https://learn.microsoft.com/en-us/graph/api/chat-list-members',
    },
  ],
});
