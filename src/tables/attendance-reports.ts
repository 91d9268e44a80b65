import { attendanceReports as resource } from '../resources/attendance-reports.ts';
import { table } from './table.ts';

export const attendanceReports = table({
  name: 'attendance_reports',
  description:
    'Sessions of online meetings: one row for each time that a meeting was held, from the first who joined to the last who left.',
  resource,
  ingestionType: 'cdc',
  primaryKey: ['meeting_id', 'id'],
  cursor: 'meetingEndDateTime',
  // Further pages of records hold no reports.
  where: { path: '$context.report_id', is: 'null' },
  // https://learn.microsoft.com/en-us/graph/api/resources/meetingattendancereport
  columns: {
    user_id: { type: 'id', from: '$context.user_id', description: 'Who organizes the meeting.' },
    meeting_id: { type: 'string', from: '$context.meeting_id', description: 'The online meeting.' },
    id: { type: 'id', description: 'Report id.' },
    event_id: {
      type: 'string',
      from: '$context.event_id',
      description: 'The event of the organizer that it overlaps most; null: it was held at another time.',
    },
    meetingStartDateTime: { type: 'timestamp', description: 'When it began.' },
    meetingEndDateTime: { type: 'timestamp', description: 'When it ended.' },
    totalParticipantCount: { type: 'int32', description: 'How many took part.' },
    externalEventInformation: {
      type: { list: { struct: { applicationId: 'id', externalEventId: 'string' } } },
      description: 'What other systems call it.',
    },
  },
});
