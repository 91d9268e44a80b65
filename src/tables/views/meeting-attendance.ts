import type { ViewShape } from '../../schema/view.ts';
import { attendanceRecords } from '../attendance-records.ts';
import { attendanceReports } from '../attendance-reports.ts';
import { events } from '../events.ts';
import { joined, sessionColumns, sessions } from './sessions.ts';

export const meetingAttendance: ViewShape = {
  name: 'meeting_attendance',
  description: 'Who was in which session of a meeting, and how long: one row for each person and session.',
  of: [attendanceReports, attendanceRecords, events],
  columns: {
    ...sessionColumns,
    record_id: { type: 'VARCHAR', description: 'The participant: id in attendance_records.' },
    identity_id: { type: 'VARCHAR', description: 'User id; null: nobody knows who it was.' },
    name: { type: 'VARCHAR', description: 'Name, as the meeting showed it.' },
    email: { type: 'VARCHAR', description: 'Address; null: there is none.' },
    role: { type: 'VARCHAR', description: 'Organizer, Presenter, Attendee, None.' },
    joined: { type: 'TIMESTAMP WITH TIME ZONE', description: 'When the participant came first.' },
    left: { type: 'TIMESTAMP WITH TIME ZONE', description: 'When the participant left last.' },
    times: { type: 'BIGINT', description: 'How often the participant joined.' },
    seconds: { type: 'INTEGER', description: 'How long the participant was there, as the service counts it.' },
    minutes: { type: 'DOUBLE', description: 'The same in minutes, to a tenth.' },
  },
  sql: (tenant) => `
SELECT s.*, a.id AS record_id, a.identity_id, a."displayName" AS name, nullif(a."emailAddress", '') AS email, a.role,
  list_min(list_transform(a."attendanceIntervals", lambda one: one."joinDateTime")) AS joined,
  list_max(list_transform(a."attendanceIntervals", lambda one: one."leaveDateTime")) AS "left",
  coalesce(len(a."attendanceIntervals"), 0) AS times,
  a."totalAttendanceInSeconds" AS seconds,
  round(a."totalAttendanceInSeconds" / 60, 1) AS minutes
FROM (${sessions(tenant)}) s
JOIN attendance_records a ON a.meeting_id = s.meeting_id AND a.report_id = s.report_id${joined(tenant, 'a', 's')}`,
};
