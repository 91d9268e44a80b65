import { callSessions as resource } from '../resources/call-sessions.ts';
import { callEndpoint, failureInfo } from './columns/call-endpoint.ts';
import { table } from './table.ts';

/** Where a segment names its session: in the record that holds it, or in the address it was read from. */
const sessionPaths = ['$parent.id', '$context.session_id'] as const;

export const callSegments = table({
  name: 'call_segments',
  description:
    'Segments of sessions: parts of a call between the same two ends, with what was measured of their media.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['call_id', 'session_id', 'id'],
  records: ['value.segments', 'value'],
  where: { path: sessionPaths, is: 'not_null' },
  // https://learn.microsoft.com/en-us/graph/api/resources/callrecords-segment
  columns: {
    call_id: { type: 'id', from: '$context.call_id', description: 'The call.' },
    session_id: { type: 'id', from: sessionPaths, description: 'The session.' },
    id: { type: 'id', description: 'Segment id; that of the session, when it is the only one.' },
    caller: { type: callEndpoint, description: 'Who began it. Kinds of identities are many: as they came.' },
    callee: { type: callEndpoint, description: 'Who answered it.' },
    startDateTime: { type: 'timestamp', description: 'When it began.' },
    endDateTime: { type: 'timestamp', description: 'When it ended.' },
    failureInfo: { type: failureInfo, description: 'Why it failed: stage is callSetup, midcall, …' },
    media: {
      type: 'json',
      description:
        'For each label of media: devices, networks and streams of both ends, about a hundred numbers. As it came.',
    },
  },
});
