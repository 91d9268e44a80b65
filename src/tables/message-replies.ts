import { channelMessages } from '../resources/channel-messages.ts';
import { messageColumns, rootPaths } from './columns/message.ts';
import { table } from './table.ts';

export const messageReplies = table({
  name: 'message_replies',
  description: 'Replies to root messages; deleted ones stay, with deletedDateTime set.',
  resource: channelMessages,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['team_id', 'channel_id', 'parent_message_id', 'id'],
  cursor: 'lastModifiedDateTime',
  cursorElse: 'createdDateTime',
  deletedWhen: 'deletedDateTime',
  records: ['value', 'value.replies'],
  where: { path: rootPaths, is: 'not_null' },
  columns: {
    ...messageColumns,
    parent_message_id: { type: 'string', from: rootPaths, description: 'Root message it answers.' },
  },
});
