import { windows } from '../strategies/index.ts';
import { callLogWindow } from './call-log-window.ts';
import { collection, tenant } from './collection.ts';

export const pstnCalls = collection({
  name: 'pstn_calls',
  description: 'Calls over a calling plan of Microsoft, or of an operator connected to Teams, with what they cost.',
  of: tenant,
  reads: [
    {
      strategy: windows,
      route: '/communications/callRecords/getPstnCalls(fromDateTime=,toDateTime=)',
      permissions: ['CallRecord-PstnCalls.Read.All', 'CallRecords.Read.All'],
      pageSize: 1000,
      window: callLogWindow,
      source: 'https://learn.microsoft.com/en-us/graph/api/callrecords-callrecord-getpstncalls',
    },
  ],
});
