import { windows } from '../strategies/index.ts';
import { collection, tenant } from './collection.ts';

const DAY_MS = 86_400_000;

export const callRecords = collection({
  name: 'call_records',
  description: 'Calls and meetings of the tenant after their end. The service keeps each for 30 days.',
  of: tenant,
  gives: 'call-id',
  reads: [
    {
      strategy: windows,
      filter: {
        takes: 'several',
        properties: {
          startDateTime: { operators: ['lt', 'le', 'gt', 'ge'] },
          'participants_v2/id': { operators: ['eq'], inSome: 'participants_v2', as: 'id' },
        },
      },
      route: '/communications/callRecords',
      permissions: ['CallRecords.Read.All'],
      pageSize: 60,
      // A record comes up to 150 minutes after a call, later versions of it for some days; a long call has an old start.
      window: { property: 'startDateTime', keptMs: 30 * DAY_MS, lateMs: 3 * DAY_MS, longestMs: 10 * DAY_MS },
      source: 'https://learn.microsoft.com/en-us/graph/api/callrecords-cloudcommunications-list-callrecords',
    },
  ],
});
