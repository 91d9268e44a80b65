import type { TableShape } from '../schema/column.ts';
import { messageColumns, rootPaths } from './columns/message.ts';

export const messageReplies = {
  name: 'message_replies',
  description: 'Replies to root messages; deleted ones stay, with deletedDateTime set.',
  resource: 'channel_messages',
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
} as const satisfies TableShape;
