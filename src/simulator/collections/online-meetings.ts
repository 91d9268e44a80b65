import { z } from 'zod';
import type { GraphCall } from '../graph/call.ts';
import { entity } from '../graph/page.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { graphDateTime } from '../tenant/date-time.ts';
import { id, instant, text } from '../tenant/line-schema.ts';
import { readRecords } from '../tenant/lines.ts';
import type { Tenant } from '../tenant/types.ts';
import { dateTime } from '../tenant/writing-line.ts';
import { calendars, type OnlineMeeting } from './calendar-store.ts';
import type { TwinCollection } from './collection.ts';
import { type GraphRecord, listRoute } from './list-route.ts';
import { userOf } from './users.ts';

const roles = ['OnlineMeetings.Read.All', 'OnlineMeetings.ReadWrite.All'];

/** The organiser of the path, for whom the app has an application access policy. */
export function organizerOf(call: GraphCall): string {
  const user = userOf(call);
  if (calendars(call.tenant).withoutPolicy.has(user.id)) throw new GraphRefusal(refusals.accessPolicyMissing());
  return user.id;
}

/** The meeting of the path; of somebody else's nothing is known here. */
export function meetingOf(call: GraphCall): OnlineMeeting {
  const organizerId = organizerOf(call);
  const found = calendars(call.tenant).meetings.get(call.ids['meeting-id']!);
  if (found?.organizerId !== organizerId) throw new GraphRefusal(refusals.meetingNotFound());
  return found;
}

export const meetingPath = (call: GraphCall, rest = ''): string =>
  `/users('${call.ids['user-id']}')/onlineMeetings('${encodeURIComponent(call.ids['meeting-id'] ?? '')}')${rest}`;

/** Some meetings have what most leave out. */
const hasUnusual = ({ id }: Pick<OnlineMeeting, 'id'>): boolean =>
  Buffer.from(id).reduce((sum, byte) => sum + byte, 0) % 4 === 0;

/** https://learn.microsoft.com/en-us/graph/api/resources/onlinemeeting */
function record(meeting: OnlineMeeting, tenant: Tenant): GraphRecord {
  const person = (userId: string, role: string) => ({
    upn: tenant.user(userId)?.userPrincipalName ?? null,
    role,
    identity: { user: { id: userId, displayName: null, tenantId: tenant.id } },
  });
  const isUnusual = hasUnusual(meeting);
  return {
    id: meeting.id,
    creationDateTime: graphDateTime(meeting.createdMs),
    startDateTime: graphDateTime(meeting.startMs),
    endDateTime: graphDateTime(meeting.endMs),
    joinUrl: meeting.joinUrl,
    joinWebUrl: meeting.joinUrl,
    meetingCode: '298443214321',
    subject: meeting.subject,
    isBroadcast: isUnusual,
    autoAdmittedUsers: 'everyoneInCompany',
    outerMeetingAutoAdmittedUsers: null,
    capabilities: [],
    externalId: isUnusual ? `crm-${meeting.createdMs}` : null,
    iCalUid: null,
    meetingType: isUnusual ? 'broadcast' : 'scheduled',
    meetingTemplateId: '05b9ed5f-2ac3-4470-aae9-f4a0c30b1a4b',
    meetingsMigrationMode: null,
    expiryDateTime: graphDateTime(meeting.endMs + 60 * 86_400_000),
    meetingOptionsWebUrl: 'https://teams.microsoft.com/meetingOptions/?language=en-US',
    meetingSpokenLanguageTag: 'en-us',
    isEntryExitAnnounced: true,
    isEndToEndEncryptionEnabled: false,
    allowedPresenters: 'everyone',
    allowedLobbyAdmitters: 'organizerAndCoOrganizersAndPresenters',
    allowAttendeeToEnableCamera: true,
    allowAttendeeToEnableMic: true,
    allowBreakoutRooms: true,
    allowCopyingAndSharingMeetingContent: true,
    allowLiveShare: 'enabled',
    allowMeetingChat: 'enabled',
    allowParticipantsToChangeName: false,
    allowPowerPointSharing: true,
    allowRecording: true,
    allowTeamworkReactions: true,
    allowTranscription: true,
    allowWhiteboard: true,
    shareMeetingChatHistoryDefault: 'none',
    recordAutomatically: false,
    videoTeleconferenceId: isUnusual ? '1194402018' : null,
    participants: { organizer: person(meeting.organizerId, 'presenter'), attendees: [] },
    lobbyBypassSettings: { scope: 'organization', isDialInBypassEnabled: false },
    joinMeetingIdSettings: { isPasscodeRequired: true, joinMeetingId: '298443214321', passcode: 'xK9mPq' },
    audioConferencing: { conferenceId: '123456789', tollNumber: '+1 555 0100', dialinUrl: 'https://dialin.example' },
    chatInfo: { threadId: meeting.threadId, messageId: '0', replyChainMessageId: null },
    chatRestrictions: { allowTextOnly: false },
    watermarkProtection: { isEnabledForContentSharing: false, isEnabledForVideo: false },
    broadcastSettings: isUnusual ? { allowedAudience: 'organization', isRecordingEnabled: true } : null,
    sensitivityLabelAssignment: isUnusual ? { sensitivityLabelId: '9203368f-916c-4d59-ae69-9cf3b2b1a1c1' } : null,
    joinInformation: { contentType: 'html', content: 'data:text/html,Passcode%20xK9mPq' },
  };
}

/** The one filter that it takes; names compare without regard to case, as is written in examples. */
function found(call: GraphCall): readonly GraphRecord[] {
  const organizerId = organizerOf(call);
  const [, joinUrl] = /^\s*JoinWebUrl\s+eq\s+'((?:[^']|'')*)'\s*$/i.exec(call.query.get('$filter') ?? '') ?? [];
  if (joinUrl === undefined) throw new GraphRefusal(refusals.badRequest('Filter expression expected.'));
  const wanted = joinUrl.replaceAll("''", "'");
  const meeting = [...calendars(call.tenant).meetings.values()].find((one) => one.joinUrl === wanted);
  // Met on links that resolve to nothing: jondoesflow/Teams-Transcript-Summariser-Open-AI #2
  if (meeting?.organizerId !== organizerId) throw new GraphRefusal(refusals.meetingUnresolved());
  return [record(meeting, call.tenant)];
}

const PartLine = z.object({ joinDateTime: instant, leaveDateTime: instant });
const RecordLine = z.object({
  id: text,
  identity: z.record(z.string(), z.unknown()).nullable(),
  emailAddress: text,
  role: text,
  registrationId: text.nullable(),
  externalRegistrationInformation: z.record(z.string(), z.unknown()).nullable().optional(),
  intervals: z.array(PartLine),
  digits: z.int().min(0).max(7),
});
const MeetingLine = z.object({
  id: z.string().min(1),
  organizerId: id,
  threadId: text,
  joinUrl: text,
  subject: text,
  startDateTime: instant,
  endDateTime: instant,
  createdDateTime: instant,
  isOfChannel: z.boolean(),
  sessions: z.array(
    z.object({
      id: text,
      startDateTime: instant,
      endDateTime: instant,
      shownDateTime: instant,
      records: z.array(RecordLine),
      isTranscribed: z.boolean().default(false),
      isRecorded: z.boolean().default(false),
    }),
  ),
});

function line({ startMs, endMs, createdMs, sessions, ...meeting }: OnlineMeeting): object {
  return {
    ...meeting,
    startDateTime: dateTime(startMs),
    endDateTime: dateTime(endMs),
    createdDateTime: dateTime(createdMs),
    sessions: sessions.map((session) => ({
      id: session.id,
      startDateTime: dateTime(session.startMs),
      endDateTime: dateTime(session.endMs),
      shownDateTime: dateTime(session.shownMs),
      isTranscribed: session.isTranscribed,
      isRecorded: session.isRecorded,
      records: session.records.map(({ intervals, ...one }) => ({
        ...one,
        intervals: intervals.map(({ joinMs, leaveMs }) => ({
          joinDateTime: dateTime(joinMs),
          leaveDateTime: dateTime(leaveMs),
        })),
      })),
    })),
  };
}

function meetingOfLine({
  startDateTime: startMs,
  endDateTime: endMs,
  createdDateTime: createdMs,
  sessions,
  ...meeting
}: z.output<typeof MeetingLine>): OnlineMeeting {
  return {
    ...meeting,
    startMs,
    endMs,
    createdMs,
    sessions: sessions.map((session) => ({
      id: session.id,
      startMs: session.startDateTime,
      endMs: session.endDateTime,
      shownMs: session.shownDateTime,
      isTranscribed: session.isTranscribed,
      isRecorded: session.isRecorded,
      records: session.records.map((one) => ({
        ...one,
        intervals: one.intervals.map(({ joinDateTime: joinMs, leaveDateTime: leaveMs }) => ({ joinMs, leaveMs })),
      })),
    })),
  };
}

export const onlineMeetings: TwinCollection = {
  name: 'online_meetings',
  permissions: roles.slice(0, 1),
  routes: [
    // https://learn.microsoft.com/en-us/graph/api/onlinemeeting-get
    listRoute({
      pattern: '/users/{user-id}/onlineMeetings',
      roles,
      path: ({ ids }) => `/users('${ids['user-id']}')/onlineMeetings`,
      records: found,
      filter: 'own',
    }),
    {
      pattern: '/users/{user-id}/onlineMeetings/{meeting-id}',
      roles,
      query: {},
      handle: (call) => entity(call, 'onlineMeetings/$entity', record(meetingOf(call), call.tenant)),
    },
  ],
  ledger: {
    *online_meetings(tenant) {
      for (const { id: meetingId } of calendars(tenant).meetings.values()) yield { id: meetingId };
    },
  },
  files: [
    {
      name: 'online-meetings',
      records: (tenant) => [...calendars(tenant).meetings.values()].map(line),
      load: ({ tenant, dir }) =>
        readRecords(
          dir,
          'online-meetings',
          MeetingLine,
          (meeting) => calendars(tenant).meetings.set(meeting.id, meetingOfLine(meeting)),
          { isOptional: true },
        ),
    },
    {
      name: 'without-access-policy',
      *records(tenant) {
        for (const userId of calendars(tenant).withoutPolicy) yield { userId };
      },
      load: ({ tenant, dir }) =>
        readRecords(
          dir,
          'without-access-policy',
          z.object({ userId: id }),
          ({ userId }) => calendars(tenant).withoutPolicy.add(userId),
          { isOptional: true },
        ),
    },
  ],
};
