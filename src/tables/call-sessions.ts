import { callSessions as resource } from '../resources/call-sessions.ts';
import { callEndpoint, failureInfo } from './columns/call-endpoint.ts';
import { table } from './table.ts';

export const callSessions = table({
  name: 'call_sessions',
  description: 'Sessions of calls: a meeting has one for each participant and the service, a call of two people one.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['call_id', 'id'],
  // Further pages of segments hold no sessions.
  where: { path: '$context.session_id', is: 'null' },
  // https://learn.microsoft.com/en-us/graph/api/resources/callrecords-session
  columns: {
    call_id: { type: 'id', from: '$context.call_id', description: 'The call.' },
    id: { type: 'id', description: 'Session id; that of the call, when it is the only one.' },
    caller: { type: callEndpoint, description: 'Who began it. Kinds of identities are many: as they came.' },
    callee: { type: callEndpoint, description: 'Who answered it.' },
    modalities: { type: { list: 'string' }, description: 'audio, video, screenSharing, …' },
    startDateTime: { type: 'timestamp', description: 'When the first participant joined the session.' },
    endDateTime: { type: 'timestamp', description: 'When the last one left it.' },
    failureInfo: { type: failureInfo, description: 'Why it failed: stage is callSetup, midcall, …' },
    isTest: { type: 'boolean', description: 'True: a test call.' },
  },
});
