import { channelMessages } from '../resources/channel-messages.ts';
import { identitySet } from './columns/identity.ts';
import { messageReference } from './columns/message.ts';
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
    user_id: {
      type: 'id',
      from: ['$element.user.user.id', '$element.user.application.id', '$element.user.device.id', '$ordinal'],
      description: 'Who reacted; `#<place in the list>` where the service does not say.',
    },
    reaction_type: {
      type: 'string',
      from: ['$element.reactionType', '$ordinal'],
      description: 'like, heart, … or an emoji.',
    },
    displayName: { type: 'string', from: '$element.displayName', description: 'Name of the reaction.' },
    reactionContentUrl: {
      type: 'string',
      from: '$element.reactionContentUrl',
      description: 'Picture of a custom reaction.',
    },
    custom_name: {
      type: 'string',
      from: '$element.displayName',
      onlyWhen: { path: 'reactionType', is: 'custom' },
      description: 'Tells custom reactions apart: its name; empty for others.',
    },
    custom_picture: {
      type: 'string',
      from: '$element.reactionContentUrl',
      onlyWhen: { path: 'reactionType', is: 'custom' },
      description: 'Tells custom reactions apart: its picture; empty for others.',
    },
    createdDateTime: { type: 'timestamp', from: '$element.createdDateTime', description: 'When it was given.' },
    user: { type: identitySet, from: '$element.user', description: 'Who reacted, as the service says it.' },
    ...occurrence,
  },
});
