import { chatMessages } from '../resources/chat-messages.ts';
import { chatMessageReference } from './columns/message.ts';
import { reactionColumns } from './columns/message-elements.ts';
import { occurrence } from './columns/occurrence.ts';
import { table } from './table.ts';

export const chatMessageReactions = table({
  name: 'chat_message_reactions',
  description: 'Reactions that stand at present, on messages of chats.',
  resource: chatMessages,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['chat_id', 'message_id', 'user_id', 'reaction_type', 'custom_name', 'custom_picture', 'occurrence'],
  explode: 'reactions',
  columns: {
    ...chatMessageReference,
    ...reactionColumns,
    ...occurrence,
  },
});
