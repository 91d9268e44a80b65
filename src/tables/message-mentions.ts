import { channelMessages } from '../resources/channel-messages.ts';
import { mentionedIdentitySet } from './columns/identity.ts';
import { messageReference } from './columns/message.ts';
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
    id: { type: 'int32', from: ['$element.id', '$ordinal'], description: 'Matches <at id="…"> in the text.' },
    mentionText: { type: 'string', from: '$element.mentionText', description: 'Text of the mention.' },
    mentioned: { type: mentionedIdentitySet, from: '$element.mentioned', description: 'Who or what is mentioned.' },
    ...occurrence,
  },
});
