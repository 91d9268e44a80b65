import { windows } from '../strategies/index.ts';
import { callLogWindow } from './call-log-window.ts';
import { collection, tenant } from './collection.ts';

export const directRoutingCalls = collection({
  name: 'direct_routing_calls',
  description: "Calls over session border controllers of the tenant's own, with their SIP codes.",
  of: tenant,
  reads: [
    {
      strategy: windows,
      route: '/communications/callRecords/getDirectRoutingCalls(fromDateTime=,toDateTime=)',
      permissions: ['CallRecord-PstnCalls.Read.All', 'CallRecords.Read.All'],
      pageSize: 1000,
      window: callLogWindow,
      source: 'https://learn.microsoft.com/en-us/graph/api/callrecords-callrecord-getdirectroutingcalls',
    },
  ],
});
