import { callRecords as resource } from '../resources/call-records.ts';
import { table } from './table.ts';

export const callRecords = table({
  name: 'call_records',
  description: 'Calls and meetings, one row each, in the latest version that the service gave.',
  resource,
  ingestionType: 'cdc',
  primaryKey: ['id'],
  // "Monotonically increasing": times of versions may not be.
  cursor: 'version',
  // https://learn.microsoft.com/en-us/graph/api/resources/callrecords-callrecord
  columns: {
    id: { type: 'id', description: 'Call id.' },
    version: { type: 'int64', description: 'Grows with every version of the record.' },
    type: { type: 'string', description: 'groupCall, peerToPeer or unknown.' },
    modalities: { type: { list: 'string' }, description: 'audio, video, screenSharing, …' },
    startDateTime: { type: 'timestamp', description: 'When the first participant joined.' },
    endDateTime: { type: 'timestamp', description: 'When the last participant left.' },
    lastModifiedDateTime: { type: 'timestamp', description: 'When this version was made.' },
    joinWebUrl: { type: 'string', description: 'Meeting link, of a meeting.' },
    organizer: {
      type: 'json',
      description: 'Who organized it, in the older form. Kinds of identities are many: as it came.',
    },
    organizer_v2: { type: 'json', description: 'Who organized it, as it came.' },
    participants: { type: 'json', description: 'Who took part, in the older form, which leaves some out. As it came.' },
  },
});
