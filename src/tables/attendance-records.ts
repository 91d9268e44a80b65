import { attendanceReports as resource } from '../resources/attendance-reports.ts';
import { table } from './table.ts';

/** Where a record names its report: in the report that holds it, or in the address it was read from. */
const reportPaths = ['$parent.id', '$context.report_id'] as const;

export const attendanceRecords = table({
  name: 'attendance_records',
  description: 'Who took part in sessions of online meetings: one row for each participant.',
  resource,
  ingestionType: 'cdc',
  primaryKey: ['meeting_id', 'report_id', 'id'],
  records: ['value.attendanceRecords', 'value'],
  where: { path: reportPaths, is: 'not_null' },
  // https://learn.microsoft.com/en-us/graph/api/resources/attendancerecord
  columns: {
    user_id: { type: 'id', from: '$context.user_id', description: 'Who organizes the meeting.' },
    meeting_id: { type: 'string', from: '$context.meeting_id', description: 'The online meeting.' },
    report_id: { type: 'id', from: reportPaths, description: 'The session.' },
    id: { type: 'id', description: 'Record id.' },
    identity_id: { type: 'id', from: 'identity.id', description: 'User id; null: nobody knows who it was.' },
    displayName: { type: 'string', from: 'identity.displayName', description: 'Name, as the meeting showed it.' },
    tenantId: { type: 'id', from: 'identity.tenantId', description: 'Tenant of the user.' },
    emailAddress: { type: 'string', description: 'Address; may be empty.' },
    role: { type: 'string', description: 'Organizer, Presenter, Attendee, None.' },
    totalAttendanceInSeconds: {
      type: 'int32',
      description: 'How long the participant was there, all in all.',
    },
    registrationId: { type: 'string', description: 'Registration for a webinar.' },
    externalRegistrationInformation: {
      type: { struct: { referrer: 'string', registrationId: 'string' } },
      description: 'Registration with another system.',
    },
    attendanceIntervals: {
      type: { list: { struct: { joinDateTime: 'timestamp', leaveDateTime: 'timestamp', durationInSeconds: 'int32' } } },
      description: 'When the participant was there; may be empty. One row each in attendance_intervals.',
    },
  },
});
