import { chatHostedContentFiles as resource } from '../resources/hosted-content-files.ts';
import { contentFileColumns } from './columns/content-file.ts';
import { table } from './table.ts';

export const chatHostedContentFiles = table({
  name: 'chat_hosted_content_files',
  description: 'What became of the hosted contents of messages of chats: the file in the lake, or why there is none.',
  resource,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['chat_id', 'message_id', 'id'],
  cursor: 'fetchedDateTime',
  files: 'file',
  columns: {
    chat_id: { type: 'id', description: 'Chat of the message.' },
    message_id: { type: 'string', description: 'The message.' },
    id: { type: 'string', description: 'Id of the content, as the message names it.' },
    ...contentFileColumns,
  },
});
