import { channelMessages } from '../resources/channel-messages.ts';
import { messageReference } from './columns/message.ts';
import { occurrence } from './columns/occurrence.ts';
import { table } from './table.ts';

export const messageAttachments = table({
  name: 'message_attachments',
  description: 'Files, cards and quotes of root messages and replies.',
  resource: channelMessages,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['team_id', 'channel_id', 'root_message_id', 'message_id', 'id', 'occurrence'],
  explode: 'attachments',
  columns: {
    ...messageReference,
    id: {
      type: 'string',
      from: ['$element.id', '$ordinal'],
      description: 'Attachment id; `#<place in the list>` where there is none.',
    },
    contentType: { type: 'string', from: '$element.contentType', description: 'reference, a card type, …' },
    contentUrl: { type: 'string', from: '$element.contentUrl', description: 'Link to the content.' },
    content: { type: 'string', from: '$element.content', description: 'The card, as JSON text.' },
    name: { type: 'string', from: '$element.name', description: 'File name.' },
    thumbnailUrl: { type: 'string', from: '$element.thumbnailUrl', description: 'Link to a thumbnail.' },
    teamsAppId: { type: 'string', from: '$element.teamsAppId', description: 'App that sent the card.' },
    ...occurrence,
  },
});
