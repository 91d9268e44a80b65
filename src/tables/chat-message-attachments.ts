import { chatMessages } from '../resources/chat-messages.ts';
import { chatMessageReference } from './columns/message.ts';
import { attachmentColumns } from './columns/message-elements.ts';
import { occurrence } from './columns/occurrence.ts';
import { table } from './table.ts';

export const chatMessageAttachments = table({
  name: 'chat_message_attachments',
  description: 'Files, cards and quotes of messages of chats.',
  resource: chatMessages,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['chat_id', 'message_id', 'id', 'occurrence'],
  explode: 'attachments',
  columns: {
    ...chatMessageReference,
    ...attachmentColumns,
    ...occurrence,
  },
});
