import { transcripts as resource } from '../resources/meeting-artifacts.ts';
import { meetingArtifact } from './columns/meeting-artifact.ts';
import { table } from './table.ts';

export const transcripts = table({
  name: 'transcripts',
  description: 'Transcripts of online meetings: when they were made and where their text is.',
  resource,
  ingestionType: 'cdc',
  primaryKey: ['meeting_id', 'id'],
  cursor: 'createdDateTime',
  columns: {
    ...meetingArtifact,
    transcriptContentUrl: { type: 'string', description: 'Where its text is, for an app with the permission.' },
  },
});
