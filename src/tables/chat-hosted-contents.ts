import { chatMessages } from '../resources/chat-messages.ts';
import { chatMessageReference } from './columns/message.ts';
import { hostedContentColumns, hostedContentNames } from './columns/message-elements.ts';
import { table } from './table.ts';

export const chatHostedContents = table({
  name: 'chat_hosted_contents',
  description: 'Pictures and code that Teams keeps for messages of chats, as these name them.',
  resource: chatMessages,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['chat_id', 'message_id', 'id'],
  explode: hostedContentNames,
  columns: {
    ...chatMessageReference,
    ...hostedContentColumns,
  },
});
