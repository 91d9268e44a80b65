import { channels as resource } from '../resources/channels.ts';
import { table } from './table.ts';

export const channels = table({
  name: 'channels',
  description: 'Every channel of every team; a shared channel once per team that sees it.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['team_id', 'id'],
  columns: {
    team_id: {
      type: 'id',
      from: '$context.team_id',
      description: 'Team whose listing shows the channel.',
    },
    id: { type: 'string', description: 'Channel id.' },
    displayName: { type: 'string', description: 'Name.' },
    description: { type: 'string', description: 'What the channel says it is for.' },
    email: { type: 'string', description: 'Mail address of the channel.' },
    membershipType: { type: 'string', description: 'standard, private or shared.' },
    layoutType: { type: 'string', description: 'post or chat.' },
    migrationMode: { type: 'string', description: 'inProgress or completed for imported channels.' },
    tenantId: { type: 'id', description: 'Tenant that owns the channel.' },
    webUrl: { type: 'string', description: 'Link to the channel.' },
    isArchived: { type: 'boolean', description: 'True: read-only.' },
    isFavoriteByDefault: { type: 'boolean', description: 'True: shown to every member at first.' },
    moderationSettings: {
      type: {
        struct: {
          allowNewMessageFromBots: 'boolean',
          allowNewMessageFromConnectors: 'boolean',
          replyRestriction: 'string',
          userNewMessageRestriction: 'string',
        },
      },
      description: 'Who may write in it.',
    },
    createdDateTime: { type: 'timestamp', description: 'When it was created.' },
    originalCreatedDateTime: { type: 'timestamp', description: 'When the imported original was created.' },
    summary: {
      type: {
        struct: {
          guestsCount: 'int32',
          hasMembersFromOtherTenants: 'boolean',
          membersCount: 'int32',
          ownersCount: 'int32',
        },
      },
      description: 'How many people it has.',
      unfilled:
        'Graph gives it only for a single channel with $select; one request for each channel is not spent on it.',
    },
  },
});
