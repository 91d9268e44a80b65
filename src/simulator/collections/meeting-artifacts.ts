import { createHash } from 'node:crypto';
import type { Tenant } from '../tenant/types.ts';
import { calendars, type OnlineMeeting, type Session } from './calendar-store.ts';
import type { TwinCollection } from './collection.ts';
import { type GraphRecord, listRoute } from './list-route.ts';
import { meetingOf, meetingPath } from './online-meetings.ts';

/** What sessions leave behind beside their report. */
const kinds = {
  transcripts: { role: 'OnlineMeetingTranscript.Read.All', url: 'transcriptContentUrl', has: 'isTranscribed' },
  recordings: { role: 'OnlineMeetingRecording.Read.All', url: 'recordingContentUrl', has: 'isRecorded' },
} as const;

const digest = (...words: readonly string[]): string => createHash('sha1').update(words.join(' ')).digest('hex');
const idOf = (kind: string, { id }: Session): string =>
  Buffer.from(`${kind}*${digest(kind, id)}`).toString('base64url');
const guidOf = (text: string): string =>
  digest(text).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-a$4-$5');

/** The sessions that have one; of meetings in channels there are none to be had. */
const sessionsWith = ({ isOfChannel, sessions }: OnlineMeeting, kind: keyof typeof kinds): readonly Session[] =>
  isOfChannel ? [] : sessions.filter((session) => session[kinds[kind].has]);

/** https://learn.microsoft.com/en-us/graph/api/resources/calltranscript and callrecording */
function record(kind: keyof typeof kinds, meeting: OnlineMeeting, session: Session, tenant: Tenant): GraphRecord {
  const id = idOf(kind, session);
  const path = `users/${meeting.organizerId}/onlineMeetings/${meeting.id}/${kind}/${id}/content`;
  const user = {
    '@odata.type': '#microsoft.graph.teamworkUserIdentity',
    id: meeting.organizerId,
    displayName: null,
    userIdentityType: 'aadUser',
    tenantId: tenant.id,
  };
  return {
    id,
    meetingId: meeting.id,
    callId: guidOf(session.id),
    contentCorrelationId: `${guidOf(`${session.id} content`)}-0`,
    [kinds[kind].url]: `https://graph.microsoft.com/v1.0/${path}`,
    createdDateTime: `${new Date(session.startMs).toISOString().slice(0, 23)}0000Z`,
    endDateTime: `${new Date(session.endMs).toISOString().slice(0, 23)}0000Z`,
    meetingOrganizer: { application: null, device: null, user },
  };
}

function artifacts(kind: keyof typeof kinds): TwinCollection {
  const { role } = kinds[kind];
  return {
    name: kind,
    permissions: [role],
    routes: [
      listRoute({
        pattern: `/users/{user-id}/onlineMeetings/{meeting-id}/${kind}`,
        roles: [role],
        path: (call) => meetingPath(call, `/${kind}`),
        records: (call) => {
          const meeting = meetingOf(call);
          const shown = sessionsWith(meeting, kind).filter(({ shownMs }) => shownMs <= call.nowMs);
          return shown.map((session) => record(kind, meeting, session, call.tenant));
        },
      }),
    ],
    ledger: {
      *[kind](tenant) {
        for (const meeting of calendars(tenant).meetings.values())
          for (const session of sessionsWith(meeting, kind)) yield { meeting_id: meeting.id, id: idOf(kind, session) };
      },
    },
  };
}

export const transcripts = artifacts('transcripts');
export const recordings = artifacts('recordings');
