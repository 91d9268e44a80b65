import type { GraphCall } from '../graph/call.ts';
import { link } from '../graph/page.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { TwinCall } from '../tenant/types.ts';
import { participantsOf, segmentsOf, sessionsOf } from './call-details.ts';
import { keptCalls } from './call-records.ts';
import type { TwinCollection } from './collection.ts';
import { listRoute } from './list-route.ts';

const roles = ['CallRecords.Read.All'];
const pattern = '/communications/callRecords/{callRecord-id}';
const PAGE = { sessions: 60, segments: 60, participants: 130 } as const;

function callOf(call: GraphCall): TwinCall {
  const id = call.ids['callRecord-id']?.toLowerCase();
  const found = keptCalls(call).find((one) => one.id === id);
  if (!found) throw new GraphRefusal(refusals.callRecordGone());
  return found;
}

const pathOf = (call: GraphCall, rest: string): string => `/communications/callRecords('${callOf(call).id}')/${rest}`;

/** As many segments as fit inline, and the link to the rest. */
function withSegments(call: GraphCall, one: TwinCall, id: string) {
  const segments = segmentsOf(one, id);
  const isMore = segments.length > PAGE.segments;
  const rest = { ...call, query: new URLSearchParams() };
  return {
    'segments@odata.nextLink': isMore
      ? link(rest, pathOf(call, `sessions('${id}')/segments`), '$skiptoken', String(PAGE.segments))
      : undefined,
    segments: segments.slice(0, PAGE.segments),
  };
}

export const callSessions: TwinCollection = {
  name: 'call_sessions',
  permissions: [],
  routes: [
    // https://learn.microsoft.com/en-us/graph/api/callrecords-session-list
    listRoute({
      pattern: `${pattern}/sessions`,
      roles,
      path: (call) => pathOf(call, 'sessions'),
      records: (call) => {
        const one = callOf(call);
        const isExpanded = call.query.get('$expand') === 'segments';
        return sessionsOf(one).map((session) =>
          isExpanded ? { ...session, ...withSegments(call, one, session.id) } : session,
        );
      },
      expand: ['segments'],
      type: 'microsoft.graph.callRecords.session',
      size: PAGE.sessions,
    }),
    // Where the links of long lists of segments lead.
    listRoute({
      pattern: `${pattern}/sessions/{session-id}/segments`,
      roles,
      path: (call) => pathOf(call, `sessions('${call.ids['session-id']}')/segments`),
      records: (call) => segmentsOf(callOf(call), call.ids['session-id']!),
      size: PAGE.segments,
    }),
  ],
  ledger: {
    *call_sessions(tenant) {
      for (const call of tenant.calls())
        for (const { id } of sessionsOf(call)) yield { call_id: call.id, id: id.toLowerCase() };
    },
    *call_segments(tenant) {
      for (const call of tenant.calls())
        for (const session of sessionsOf(call))
          for (const { id } of segmentsOf(call, session.id))
            yield { call_id: call.id, session_id: session.id.toLowerCase(), id: id.toLowerCase() };
    },
  },
};

export const callParticipants: TwinCollection = {
  name: 'call_participants',
  permissions: [],
  routes: [
    // https://learn.microsoft.com/en-us/graph/api/callrecords-callrecord-list-participants_v2
    listRoute({
      pattern: `${pattern}/participants_v2`,
      roles,
      path: (call) => pathOf(call, 'participants_v2'),
      records: (call) => participantsOf(callOf(call)),
      size: PAGE.participants,
    }),
  ],
  ledger: {
    *call_participants(tenant) {
      for (const call of tenant.calls())
        for (const { id } of participantsOf(call)) yield { call_id: call.id, id: id.toLowerCase() };
    },
  },
};
