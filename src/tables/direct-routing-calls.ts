import { directRoutingCalls as resource } from '../resources/direct-routing-calls.ts';
import { table } from './table.ts';

export const directRoutingCalls = table({
  name: 'direct_routing_calls',
  description: "Calls over the tenant's own session border controllers, one row each, with how they ended.",
  resource,
  ingestionType: 'cdc',
  primaryKey: ['id'],
  cursor: 'startDateTime',
  cursorElse: 'inviteDateTime',
  // https://learn.microsoft.com/en-us/graph/api/resources/callrecords-directroutinglogrow
  columns: {
    id: { type: 'id', description: 'Row id.' },
    correlationId: { type: 'id', description: 'Id by which support finds the call.' },
    userId: { type: 'id', description: 'The user, or the bot.' },
    userPrincipalName: { type: 'string', description: 'Name that the user signs in with.' },
    userDisplayName: { type: 'string', description: 'Name of the user.' },
    startDateTime: {
      type: 'timestamp',
      description: 'When it was answered; of one that was not, the time of the invitation or of the failure.',
    },
    inviteDateTime: { type: 'timestamp', description: 'When the invitation was sent.' },
    failureDateTime: { type: 'timestamp', description: 'When it failed.' },
    endDateTime: { type: 'timestamp', description: 'When it ended.' },
    duration: { type: 'int32', description: 'Seconds.' },
    callType: { type: 'string', description: 'Direction and kind: ByotIn, ByotOut, …' },
    callerNumber: { type: 'string', description: 'Number that called, as the service shows it.' },
    calleeNumber: { type: 'string', description: 'Number that was called, as the service shows it.' },
    successfulCall: { type: 'boolean', description: 'Whether it was connected.' },
    finalSipCode: { type: 'int32', description: 'Code that the call ended with. RFC 3261.' },
    finalSipCodePhrase: { type: 'string', description: 'What the code means.' },
    callEndSubReason: { type: 'int32', description: "The service's own code beside it." },
    mediaPathLocation: { type: 'string', description: 'Datacentre of the media, when they are not bypassed.' },
    signalingLocation: { type: 'string', description: 'Datacentre of the signalling.' },
    mediaBypassEnabled: { type: 'boolean', description: 'Whether media go past the service.' },
    trunkFullyQualifiedDomainName: { type: 'string', description: 'Session border controller.' },
  },
});
