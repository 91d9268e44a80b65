import { hostedContentFiles as resource } from '../resources/hosted-content-files.ts';
import { contentFileColumns } from './columns/content-file.ts';
import { table } from './table.ts';

export const hostedContentFiles = table({
  name: 'hosted_content_files',
  description:
    'What became of the hosted contents of root messages and replies: the file in the lake, or why there is none.',
  resource,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['team_id', 'channel_id', 'root_message_id', 'message_id', 'id'],
  cursor: 'fetchedDateTime',
  files: 'file',
  columns: {
    team_id: { type: 'id', description: 'Team of the message.' },
    channel_id: { type: 'string', description: 'Channel of the message.' },
    root_message_id: { type: 'string', description: 'Root of the thread; the message itself if it is a root.' },
    message_id: { type: 'string', description: 'The message.' },
    id: { type: 'string', description: 'Id of the content, as the message names it.' },
    ...contentFileColumns,
  },
});
