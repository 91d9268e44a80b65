import { chatMembers as resource } from '../resources/chat-members.ts';
import { memberColumns } from './columns/member.ts';
import { table } from './table.ts';

export const chatMembers = table({
  name: 'chat_members',
  description: 'Who belongs to which chat.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['chat_id', 'id'],
  columns: {
    chat_id: { type: 'id', from: '$context.chat_id', description: 'The chat.' },
    ...memberColumns,
  },
});
