import { pstnCalls as resource } from '../resources/pstn-calls.ts';
import { table } from './table.ts';

export const pstnCalls = table({
  name: 'pstn_calls',
  description: 'Calls over the telephone network through Microsoft or an operator, one row each, with charges.',
  resource,
  ingestionType: 'cdc',
  primaryKey: ['id'],
  cursor: 'startDateTime',
  // https://learn.microsoft.com/en-us/graph/api/resources/callrecords-pstncalllogrow
  columns: {
    id: { type: 'id', description: 'Row id.' },
    callId: { type: 'id', description: 'The call; several rows may have it.' },
    userId: { type: 'id', description: 'The user, or the resource account.' },
    userPrincipalName: { type: 'string', description: 'Name that the user signs in with.' },
    userDisplayName: { type: 'string', description: 'Name of the user.' },
    startDateTime: { type: 'timestamp', description: 'When it began.' },
    endDateTime: { type: 'timestamp', description: 'When it ended.' },
    duration: { type: 'int32', description: 'Seconds.' },
    charge: { type: 'double', description: 'What it cost.' },
    connectionCharge: { type: 'double', description: 'What connecting cost.' },
    currency: { type: 'string', description: 'ISO 4217 code of the charges.' },
    callType: { type: 'string', description: 'Direction and kind: user_in, user_out, conf_in, …' },
    calleeNumber: { type: 'string', description: 'Number that was called, as the service shows it.' },
    callerNumber: { type: 'string', description: 'Number that called, as the service shows it.' },
    usageCountryCode: { type: 'string', description: 'Country of the user, ISO 3166-1 alpha-2.' },
    tenantCountryCode: { type: 'string', description: 'Country of the tenant, ISO 3166-1 alpha-2.' },
    destinationContext: { type: 'string', description: 'Domestic or International.' },
    destinationName: { type: 'string', description: 'Country or region that was called.' },
    conferenceId: { type: 'string', description: 'Id of the audio conference.' },
    licenseCapability: { type: 'string', description: 'Licence that the call was made under.' },
    inventoryType: { type: 'string', description: 'Kind of number: Subscriber, Toll-Free, …' },
    operator: { type: 'string', description: 'Operator that carried it.' },
    callDurationSource: { type: 'string', description: 'Who measured it: microsoft or operator.' },
  },
});
