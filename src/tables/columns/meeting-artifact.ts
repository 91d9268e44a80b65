import type { Column } from '../../schema/column.ts';

/** What a transcript and a recording have in common. https://learn.microsoft.com/en-us/graph/api/resources/calltranscript and callrecording */
export const meetingArtifact = {
  user_id: { type: 'id', from: '$context.user_id', description: 'Who organizes the meeting.' },
  meeting_id: { type: 'string', from: '$context.meeting_id', description: 'The online meeting.' },
  id: { type: 'string', description: 'Its id.' },
  meetingId: { type: 'string', description: 'The meeting, as it says itself.' },
  callId: { type: 'id', description: 'The call: id in call_records.' },
  contentCorrelationId: {
    type: 'string',
    description: 'The same for the transcript and the recording of one session.',
  },
  createdDateTime: { type: 'timestamp', description: 'When it began.' },
  endDateTime: { type: 'timestamp', description: 'When it ended.' },
  meetingOrganizer: { type: 'json', description: 'Who organized the meeting, as it came.' },
} as const satisfies Record<string, Column>;
