import { channelMessages } from '../resources/channel-messages.ts';
import { messageColumns, rootPaths } from './columns/message.ts';
import { table } from './table.ts';

export const messages = table({
  name: 'messages',
  description: 'Root messages of channels; deleted ones stay, with deletedDateTime set.',
  resource: channelMessages,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['team_id', 'channel_id', 'id'],
  cursor: 'lastModifiedDateTime',
  cursorElse: 'createdDateTime',
  deletedWhen: 'deletedDateTime',
  records: ['value', 'value.replies'],
  where: { path: rootPaths, is: 'null' },
  columns: {
    ...messageColumns,
    replyToId: {
      ...messageColumns.replyToId,
      unfilled: 'A root message answers none; replies are in message_replies.',
    },
  },
});
