import type { ViewShape } from '../../schema/view.ts';
import { attendanceRecords } from '../attendance-records.ts';
import { attendanceReports } from '../attendance-reports.ts';
import { events } from '../events.ts';
import { joined } from './sessions.ts';

export const meetingNoShows: ViewShape = {
  name: 'meeting_no_shows',
  description:
    'Who was invited to a meeting that was held, and was in none of its sessions by that address: one row for each person and event. Rooms, the organizer and who declined are left out; so are events without a report.',
  of: [attendanceReports, attendanceRecords, events],
  columns: {
    organizer_id: { type: 'VARCHAR', description: 'Who organizes the meeting.' },
    meeting_id: { type: 'VARCHAR', description: 'The online meeting; a series is one.' },
    event_id: { type: 'VARCHAR', description: "The event in the organizer's calendar." },
    subject: { type: 'VARCHAR', description: 'Subject of the event.' },
    scheduled_start: { type: 'TIMESTAMP WITH TIME ZONE', description: 'When the event was to begin.' },
    name: { type: 'VARCHAR', description: 'Name, as the invitation has it.' },
    email: { type: 'VARCHAR', description: 'Address, as the invitation has it.' },
    required: { type: 'BOOLEAN', description: 'False: the invitation was optional.' },
    response: { type: 'VARCHAR', description: 'What was answered: accepted, tentativelyAccepted, notResponded, none.' },
  },
  sql: (tenant) => `
WITH held AS (
  SELECT DISTINCT ${tenant === undefined ? '' : `${tenant}, `}user_id, meeting_id, event_id
  FROM attendance_reports WHERE event_id IS NOT NULL
), present AS (
  SELECT DISTINCT ${tenant === undefined ? '' : `r.${tenant}, `}r.event_id, lower(a."emailAddress") AS email
  FROM attendance_reports r
  JOIN attendance_records a ON a.meeting_id = r.meeting_id AND a.report_id = r.id${joined(tenant, 'a', 'r')}
  WHERE a."emailAddress" <> ''
), invited AS (
  SELECT ${tenant === undefined ? '' : `h.${tenant}, `}h.user_id AS organizer_id, h.meeting_id, h.event_id,
    e.subject, e."start" AS scheduled_start, lower(e.organizer."emailAddress".address) AS organizer_email,
    unnest(e.attendees) AS guest
  FROM held h
  JOIN events e ON e.user_id = h.user_id AND e.id = h.event_id${joined(tenant, 'e', 'h')}
  WHERE e."isCancelled" IS DISTINCT FROM true
)
SELECT i.*, guest."emailAddress".name AS name, guest."emailAddress".address AS email,
  guest.type = 'required' AS required, guest.status.response AS response
FROM invited i
WHERE guest.type IS DISTINCT FROM 'resource'
  AND guest.status.response IS DISTINCT FROM 'declined'
  AND guest."emailAddress".address <> ''
  AND lower(guest."emailAddress".address) IS DISTINCT FROM organizer_email
  AND NOT EXISTS (
    FROM present p
    WHERE p.event_id = i.event_id AND p.email = lower(guest."emailAddress".address)${joined(tenant, 'p', 'i')}
  )`,
};
