import { channelMessages } from '../resources/channel-messages.ts';
import { messageReference } from './columns/message.ts';
import { hostedContentColumns, hostedContentNames } from './columns/message-elements.ts';
import { table } from './table.ts';

export const hostedContents = table({
  name: 'hosted_contents',
  description: 'Pictures and code that Teams keeps for root messages and replies, as these name them.',
  resource: channelMessages,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['team_id', 'channel_id', 'root_message_id', 'message_id', 'id'],
  explode: hostedContentNames,
  columns: {
    ...messageReference,
    ...hostedContentColumns,
  },
});
