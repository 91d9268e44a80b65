import { chatMessages } from '../resources/chat-messages.ts';
import { chatMessageReference } from './columns/message.ts';
import { mentionColumns } from './columns/message-elements.ts';
import { occurrence } from './columns/occurrence.ts';
import { table } from './table.ts';

export const chatMessageMentions = table({
  name: 'chat_message_mentions',
  description: 'Who or what messages of chats mention.',
  resource: chatMessages,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['chat_id', 'message_id', 'id', 'occurrence'],
  explode: 'mentions',
  columns: {
    ...chatMessageReference,
    ...mentionColumns,
    ...occurrence,
  },
});
