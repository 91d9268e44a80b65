import { channelMessages } from '../resources/channel-messages.ts';
import { messageReference } from './columns/message.ts';
import { attachmentColumns } from './columns/message-elements.ts';
import { occurrence } from './columns/occurrence.ts';
import { table } from './table.ts';

export const messageAttachments = table({
  name: 'message_attachments',
  description: 'Files, cards and quotes of root messages and replies.',
  resource: channelMessages,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['team_id', 'channel_id', 'root_message_id', 'message_id', 'id', 'occurrence'],
  explode: 'attachments',
  columns: {
    ...messageReference,
    ...attachmentColumns,
    ...occurrence,
  },
});
