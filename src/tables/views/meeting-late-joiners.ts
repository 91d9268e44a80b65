import type { ViewShape } from '../../schema/view.ts';
import { meetingAttendance } from './meeting-attendance.ts';
import { sessionColumns } from './sessions.ts';

/** Who comes so soon after the beginning is on time, minutes. */
export const ON_TIME_MINUTES = 5;

const { name, email, role, joined } = meetingAttendance.columns as Readonly<
  Record<string, (typeof sessionColumns)[string]>
>;

export const meetingLateJoiners: ViewShape = {
  name: 'meeting_late_joiners',
  description: `Who came more than ${ON_TIME_MINUTES} minutes after a meeting was to begin: one row for each person and session. Counted from the later of the time in the calendar and the beginning of the session.`,
  of: meetingAttendance.of,
  columns: {
    ...sessionColumns,
    name: name!,
    email: email!,
    role: role!,
    joined: joined!,
    minutes_late: { type: 'DOUBLE', description: 'How long after the beginning, to a tenth of a minute.' },
  },
  sql: (tenant) => `
SELECT *, round(date_diff('second', greatest(scheduled_start, held_start), joined) / 60, 1) AS minutes_late
FROM (${meetingAttendance.sql(tenant)})
WHERE joined > greatest(scheduled_start, held_start) + INTERVAL ${ON_TIME_MINUTES} MINUTE`,
};
