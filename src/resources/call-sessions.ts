import { snapshot } from '../strategies/index.ts';
import { callRecords } from './call-records.ts';
import { collection } from './collection.ts';

export const callSessions = collection({
  name: 'call_sessions',
  description:
    'Sessions of a call, with their segments: between two endpoints each. Read once for each version of the call.',
  of: callRecords,
  gives: 'session-id',
  mayBeEmpty: true,
  movesWith: 'version',
  reads: [
    {
      strategy: snapshot,
      route: '/communications/callRecords/{call-id}/sessions',
      query: '$expand=segments',
      permissions: ['CallRecords.Read.All'],
      pageSize: 60,
      inner: 'segments',
      source: 'https://learn.microsoft.com/en-us/graph/api/callrecords-session-list',
    },
  ],
});
