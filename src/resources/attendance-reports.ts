import { looks } from '../strategies/index.ts';
import { collection } from './collection.ts';
import { events } from './events.ts';
import { onlineMeetingLookUp } from './online-meeting-look-up.ts';

const permissions = ['OnlineMeetingArtifact.Read.All'];
const source = 'https://learn.microsoft.com/en-us/graph/api/meetingattendancereport-get';

export const attendanceReports = collection({
  name: 'attendance_reports',
  description:
    'Attendance reports of online meetings, one for each session, with who took part. The service keeps them for a year and lists the 50 newest.',
  of: events,
  gives: 'report-id',
  finds: ['event-id'],
  mayBeEmpty: true,
  reads: [
    {
      strategy: looks,
      route: '/users/{user-id}/onlineMeetings/{meeting-id}/attendanceReports',
      permissions,
      inner: 'attendanceRecords',
      beyond: {
        count: 'totalParticipantCount',
        route: '/users/{user-id}/onlineMeetings/{meeting-id}/attendanceReports/{report-id}/attendanceRecords',
      },
      looks: {
        from: 'meetingStartDateTime',
        to: 'meetingEndDateTime',
        unfinished: 'totalParticipantCount',
        atMost: 50,
        lookUp: onlineMeetingLookUp,
      },
      source: 'https://learn.microsoft.com/en-us/graph/api/meetingattendancereport-list',
    },
  ],
  // The list leaves the records out: https://learn.microsoft.com/en-us/graph/api/meetingattendancereport-list
  details: {
    route: '/users/{user-id}/onlineMeetings/{meeting-id}/attendanceReports/{report-id}',
    query: '$expand=attendanceRecords',
    permissions,
    source,
  },
});
