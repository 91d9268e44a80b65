import type { GraphCall } from '../graph/call.ts';
import { entity, link } from '../graph/page.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { Tenant } from '../tenant/types.ts';
import { type AttendanceRecord, calendars, type OnlineMeeting, type Session } from './calendar-store.ts';
import type { TwinCollection } from './collection.ts';
import { type GraphRecord, listRoute } from './list-route.ts';
import { meetingOf, meetingPath } from './online-meetings.ts';

const roles = ['OnlineMeetingArtifact.Read.All'];
const pattern = '/users/{user-id}/onlineMeetings/{meeting-id}/attendanceReports';
const DAY_MS = 86_400_000;
/** "One-year retention policy from the meeting date." */
const KEPT_MS = 365 * DAY_MS;
/** "This method only returns up to 50 of the most recent reports." */
const MOST_REPORTS = 50;
const RECORDS_PER_PAGE = 100;

/** Sessions of a meeting; of one in a channel those of every meeting there. */
function sessionsOf(tenant: Tenant, meeting: OnlineMeeting): readonly Session[] {
  if (!meeting.isOfChannel) return meeting.sessions;
  const others = [...calendars(tenant).meetings.values()];
  return others.filter(({ threadId }) => threadId === meeting.threadId).flatMap(({ sessions }) => sessions);
}

/** Those that can be seen now, the newest first. */
function shownSessions(call: GraphCall): readonly Session[] {
  const shown = sessionsOf(call.tenant, meetingOf(call)).filter(
    ({ shownMs, startMs }) => shownMs <= call.nowMs && startMs > call.nowMs - KEPT_MS,
  );
  return shown.toSorted((a, b) => b.endMs - a.endMs).slice(0, MOST_REPORTS);
}

/** Seven digits, or none where there are none. */
function stamp(ms: number, digits = 7): string {
  const text = new Date(ms).toISOString().slice(0, 19);
  return digits === 0 ? `${text}Z` : `${text}.${`${ms % 1000}`.padStart(3, '0').padEnd(7, '0').slice(0, digits)}Z`;
}

/** https://learn.microsoft.com/en-us/graph/api/resources/meetingattendancereport */
const report = (session: Session, records: readonly GraphRecord[]): GraphRecord => ({
  id: session.id,
  totalParticipantCount: session.records.length,
  meetingStartDateTime: stamp(session.startMs),
  meetingEndDateTime: stamp(session.endMs),
  externalEventInformation: [],
  attendanceRecords: records,
});

/** https://learn.microsoft.com/en-us/graph/api/resources/attendancerecord */
function recordOf(one: AttendanceRecord): GraphRecord {
  const seconds = ({ joinMs, leaveMs }: { joinMs: number; leaveMs: number }) => Math.round((leaveMs - joinMs) / 1000);
  const shown = {
    id: one.id,
    emailAddress: one.emailAddress,
    totalAttendanceInSeconds: one.intervals.reduce((sum, part) => sum + seconds(part), 0),
    role: one.role,
    registrationId: one.registrationId,
    identity: one.identity,
    attendanceIntervals: one.intervals.map((part) => ({
      joinDateTime: stamp(part.joinMs, one.digits),
      leaveDateTime: stamp(part.leaveMs, one.digits),
      durationInSeconds: seconds(part),
    })),
  };
  return one.externalRegistrationInformation === undefined
    ? shown
    : { ...shown, externalRegistrationInformation: one.externalRegistrationInformation };
}

function sessionOf(call: GraphCall): Session {
  const found = shownSessions(call).find(({ id }) => id === call.ids['report-id']);
  if (!found) throw new GraphRefusal(refusals.reportNotFound());
  return found;
}

const reportPath = (call: GraphCall): string => meetingPath(call, `/attendanceReports('${call.ids['report-id']}')`);

/** Whose reports a reader of calendars can come to. */
const placed = (tenant: Tenant): readonly OnlineMeeting[] => {
  const organised = new Set(
    [...calendars(tenant).events.values()].flatMap(({ joinUrl, isOrganizer, isCancelled, provider }) =>
      joinUrl !== null && isOrganizer && !isCancelled && provider === 'teamsForBusiness' ? joinUrl : [],
    ),
  );
  return [...calendars(tenant).meetings.values()].filter(({ joinUrl }) => organised.has(joinUrl));
};

export const attendanceReports: TwinCollection = {
  name: 'attendance_reports',
  permissions: roles,
  routes: [
    // The records of what is listed are left out: https://learn.microsoft.com/en-us/graph/api/meetingattendancereport-list
    listRoute({
      pattern,
      roles,
      path: (call) => meetingPath(call, '/attendanceReports'),
      records: (call) => shownSessions(call).map((session) => report(session, [])),
    }),
    {
      pattern: `${pattern}/{report-id}`,
      roles,
      query: { expand: ['attendanceRecords'] },
      handle: (call) => {
        const session = sessionOf(call);
        if (call.query.get('$expand') === null) return entity(call, 'attendanceReports/$entity', report(session, []));
        const records = session.records.map(recordOf);
        const rest = { ...call, query: new URLSearchParams() };
        const path = `${reportPath(call)}/attendanceRecords`;
        return entity(call, 'attendanceReports/$entity', {
          ...report(session, records.slice(0, RECORDS_PER_PAGE)),
          'attendanceRecords@odata.nextLink':
            records.length > RECORDS_PER_PAGE ? link(rest, path, '$skiptoken', String(RECORDS_PER_PAGE)) : undefined,
        });
      },
    },
    listRoute({
      pattern: `${pattern}/{report-id}/attendanceRecords`,
      roles,
      path: (call) => `${reportPath(call)}/attendanceRecords`,
      records: (call) => sessionOf(call).records.map(recordOf),
      size: RECORDS_PER_PAGE,
    }),
  ],
  ledger: {
    *attendance_reports(tenant) {
      for (const meeting of placed(tenant)) for (const { id } of meeting.sessions) yield { meeting_id: meeting.id, id };
    },
    *attendance_records(tenant) {
      for (const meeting of placed(tenant))
        for (const session of meeting.sessions)
          for (const { id } of session.records) yield { meeting_id: meeting.id, report_id: session.id, id };
    },
    *attendance_intervals(tenant) {
      for (const meeting of placed(tenant))
        for (const session of meeting.sessions)
          for (const { id, intervals } of session.records)
            for (const [at] of intervals.entries())
              yield { meeting_id: meeting.id, report_id: session.id, record_id: id, number: at + 1 };
    },
  },
};
