import { snapshot } from '../strategies/index.ts';
import { chats } from './chats.ts';
import { collection } from './collection.ts';

export const chatTabs = collection({
  name: 'chat_tabs',
  description: 'Tabs of a chat, with the app behind each.',
  of: chats,
  mayBeEmpty: true,
  reads: [
    {
      strategy: snapshot,
      route: '/chats/{chat-id}/tabs',
      query: '$expand=teamsApp',
      permissions: ['TeamsTab.Read.All', 'TeamsTab.ReadWrite.All'],
      source: 'https://learn.microsoft.com/en-us/graph/api/chat-list-tabs',
    },
  ],
});
