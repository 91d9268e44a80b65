import { snapshot } from '../strategies/index.ts';
import { collection } from './collection.ts';
import { users } from './users.ts';

export const chats = collection({
  name: 'chats',
  description: 'Chats of every user: one-to-one, of groups, of meetings. Each participant lists it; it is one chat.',
  of: users,
  gives: 'chat-id',
  knownBy: ['chatType', 'topic'],
  shared: true,
  hostedBy: 'tenantId',
  whenMissing: (id) => ({
    code: 'chat_not_found',
    message: `Chat ${id} is in the list of none of the users that were read. \`sluice query "SELECT id FROM chats"\` lists those of the lake.`,
  }),
  reads: [
    {
      strategy: snapshot,
      route: '/users/{user-id}/chats',
      // No order: by its last message a chat would move over a page border while the list is read.
      query: '$top=50',
      permissions: ['Chat.ReadBasic.All', 'Chat.Read.All', 'Chat.ReadWrite.All'],
      pageSize: 50,
      source: 'https://learn.microsoft.com/en-us/graph/api/chat-list',
    },
  ],
});
