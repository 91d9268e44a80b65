import { chats as resource } from '../resources/chats.ts';
import { table } from './table.ts';

export const chats = table({
  name: 'chats',
  description: 'Every chat that some user lists: one-to-one, of a group, of a meeting. One row, however many list it.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['id'],
  columns: {
    id: { type: 'id', description: 'Chat id.' },
    chatType: { type: 'string', description: 'oneOnOne, group or meeting.' },
    topic: { type: 'string', description: 'Name of a group chat or a meeting.' },
    createdDateTime: { type: 'timestamp', description: 'When it was created.' },
    lastUpdatedDateTime: {
      type: 'timestamp',
      description: 'When it was renamed or its members changed. Messages do not move it.',
    },
    webUrl: { type: 'string', description: 'Link to the chat in Teams.' },
    tenantId: { type: 'id', description: 'Tenant that hosts the chat.' },
    onlineMeetingInfo: {
      type: {
        struct: {
          calendarEventId: 'string',
          joinWebUrl: 'string',
          organizer: { struct: { id: 'id', displayName: 'string', userIdentityType: 'string' } },
        },
      },
      description: 'The meeting, of a meeting chat.',
    },
    isHiddenForAllMembers: { type: 'boolean', description: 'True: no member sees it.' },
    migrationMode: { type: 'string', description: 'inProgress or completed for imported chats.' },
    originalCreatedDateTime: { type: 'timestamp', description: 'When the imported original was created.' },
  },
});
