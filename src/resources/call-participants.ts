import { snapshot } from '../strategies/index.ts';
import { callRecords } from './call-records.ts';
import { collection } from './collection.ts';

export const callParticipants = collection({
  name: 'call_participants',
  description: 'Who took part in a call, everybody. Read once for each version of the call.',
  of: callRecords,
  mayBeEmpty: true,
  movesWith: 'version',
  reads: [
    {
      strategy: snapshot,
      route: '/communications/callRecords/{call-id}/participants_v2',
      permissions: ['CallRecords.Read.All'],
      pageSize: 130,
      source: 'https://learn.microsoft.com/en-us/graph/api/callrecords-callrecord-list-participants_v2',
    },
  ],
});
