import { channelMessages } from '../resources/channel-messages.ts';
import { messageReference } from './columns/message.ts';
import { reactionColumns } from './columns/message-elements.ts';
import { occurrence } from './columns/occurrence.ts';
import { table } from './table.ts';

export const messageReactions = table({
  name: 'message_reactions',
  description: 'Reactions that stand at present, on root messages and replies.',
  resource: channelMessages,
  ingestionType: 'cdc_with_deletes',
  primaryKey: [
    'team_id',
    'channel_id',
    'root_message_id',
    'message_id',
    'user_id',
    'reaction_type',
    'custom_name',
    'custom_picture',
    'occurrence',
  ],
  explode: 'reactions',
  columns: {
    ...messageReference,
    ...reactionColumns,
    ...occurrence,
  },
});
