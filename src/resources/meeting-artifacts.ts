import { looks } from '../strategies/index.ts';
import { collection } from './collection.ts';
import { events } from './events.ts';
import { onlineMeetingLookUp } from './online-meeting-look-up.ts';

/** Both are listed from the first word, or picture, to the last. */
const looked = { from: 'createdDateTime', to: 'endDateTime', lookUp: onlineMeetingLookUp } as const;
/** "No channel meetings": https://learn.microsoft.com/en-us/graph/api/onlinemeeting-list-transcripts */
const onlyBelow = { isOfChannel: ['false'] } as const;

export const transcripts = collection({
  name: 'transcripts',
  description: 'Transcripts of online meetings that users organise, without their text.',
  of: events,
  onlyBelow,
  mayBeEmpty: true,
  reads: [
    {
      strategy: looks,
      route: '/users/{user-id}/onlineMeetings/{meeting-id}/transcripts',
      permissions: ['OnlineMeetingTranscript.Read.All'],
      looks: looked,
      source: 'https://learn.microsoft.com/en-us/graph/api/onlinemeeting-list-transcripts',
    },
  ],
});

export const recordings = collection({
  name: 'recordings',
  description: 'Recordings of online meetings that users organise, without their bytes.',
  of: events,
  onlyBelow,
  mayBeEmpty: true,
  reads: [
    {
      strategy: looks,
      route: '/users/{user-id}/onlineMeetings/{meeting-id}/recordings',
      permissions: ['OnlineMeetingRecording.Read.All'],
      looks: looked,
      source: 'https://learn.microsoft.com/en-us/graph/api/onlinemeeting-list-recordings',
    },
  ],
});
