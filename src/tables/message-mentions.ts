import { channelMessages } from '../resources/channel-messages.ts';
import { messageReference } from './columns/message.ts';
import { mentionColumns } from './columns/message-elements.ts';
import { occurrence } from './columns/occurrence.ts';
import { table } from './table.ts';

export const messageMentions = table({
  name: 'message_mentions',
  description: 'Who or what root messages and replies mention.',
  resource: channelMessages,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['team_id', 'channel_id', 'root_message_id', 'message_id', 'id', 'occurrence'],
  explode: 'mentions',
  columns: {
    ...messageReference,
    ...mentionColumns,
    ...occurrence,
  },
});
