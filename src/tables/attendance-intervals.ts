import { attendanceReports as resource } from '../resources/attendance-reports.ts';
import { table } from './table.ts';

export const attendanceIntervals = table({
  name: 'attendance_intervals',
  description: 'When participants were in sessions of online meetings: one row for each time from joining to leaving.',
  resource,
  ingestionType: 'cdc',
  primaryKey: ['meeting_id', 'report_id', 'record_id', 'number'],
  explode: 'attendanceIntervals',
  // https://learn.microsoft.com/en-us/graph/api/resources/attendanceinterval
  columns: {
    user_id: { type: 'id', from: 'user_id', description: 'Who organizes the meeting.' },
    meeting_id: { type: 'string', from: 'meeting_id', description: 'The online meeting.' },
    report_id: { type: 'id', from: 'report_id', description: 'The session.' },
    record_id: { type: 'id', from: 'id', description: 'The participant: id in attendance_records.' },
    number: { type: 'int32', from: '$ordinal', description: 'The first is 1.' },
    joinDateTime: { type: 'timestamp', from: '$element.joinDateTime', description: 'When the participant joined.' },
    leaveDateTime: { type: 'timestamp', from: '$element.leaveDateTime', description: 'When the participant left.' },
    durationInSeconds: { type: 'int32', from: '$element.durationInSeconds', description: 'Seconds in between.' },
  },
});
