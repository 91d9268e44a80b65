import { chatMessages as resource } from '../resources/chat-messages.ts';
import { chatMessageColumns } from './columns/message.ts';
import { table } from './table.ts';

export const chatMessages = table({
  name: 'chat_messages',
  description: 'Messages of chats, each once; deleted ones stay, with deletedDateTime set.',
  resource,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['chat_id', 'id'],
  cursor: 'lastModifiedDateTime',
  cursorElse: 'createdDateTime',
  deletedWhen: 'deletedDateTime',
  columns: chatMessageColumns,
});
