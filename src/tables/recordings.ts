import { recordings as resource } from '../resources/meeting-artifacts.ts';
import { meetingArtifact } from './columns/meeting-artifact.ts';
import { table } from './table.ts';

export const recordings = table({
  name: 'recordings',
  description: 'Recordings of online meetings: when they were made and where they are.',
  resource,
  ingestionType: 'cdc',
  primaryKey: ['meeting_id', 'id'],
  cursor: 'createdDateTime',
  columns: {
    ...meetingArtifact,
    recordingContentUrl: { type: 'string', description: 'Where its bytes are, for an app with the permission.' },
  },
});
