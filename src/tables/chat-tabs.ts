import { chatTabs as resource } from '../resources/chat-tabs.ts';
import { tabColumns } from './columns/teams-app.ts';
import { table } from './table.ts';

export const chatTabs = table({
  name: 'chat_tabs',
  description: 'Pages that chats show beside their messages.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['chat_id', 'id'],
  columns: {
    chat_id: { type: 'id', from: '$context.chat_id', description: 'The chat.' },
    ...tabColumns,
  },
});
