import type { ViewColumn } from '../../schema/view.ts';

/** What every view of attendance says of a session. */
export const sessionColumns: Readonly<Record<string, ViewColumn>> = {
  organizer_id: { type: 'VARCHAR', description: 'Who organizes the meeting.' },
  meeting_id: { type: 'VARCHAR', description: 'The online meeting; a series is one.' },
  report_id: { type: 'VARCHAR', description: 'The session: id in attendance_reports.' },
  event_id: {
    type: 'VARCHAR',
    description: "The event in the organizer's calendar; null: it was held at another time.",
  },
  subject: { type: 'VARCHAR', description: 'Subject of the event.' },
  scheduled_start: { type: 'TIMESTAMP WITH TIME ZONE', description: 'When the event was to begin.' },
  scheduled_end: { type: 'TIMESTAMP WITH TIME ZONE', description: 'When it was to end.' },
  held_start: { type: 'TIMESTAMP WITH TIME ZONE', description: 'When the session began.' },
  held_end: { type: 'TIMESTAMP WITH TIME ZONE', description: 'When it ended.' },
};

/** A SELECT of these columns, and of the tenant. */
export const sessions = (tenant: string | undefined): string => `
SELECT ${tenant === undefined ? '' : `r.${tenant}, `}r.user_id AS organizer_id, r.meeting_id, r.id AS report_id, r.event_id,
  e.subject, e."start" AS scheduled_start, e."end" AS scheduled_end,
  r."meetingStartDateTime" AS held_start, r."meetingEndDateTime" AS held_end
FROM attendance_reports r
LEFT JOIN events e ON e.user_id = r.user_id AND e.id = r.event_id${joined(tenant, 'e', 'r')}`;

/** Rows of several tenants are joined to those of the same one. */
export const joined = (tenant: string | undefined, one: string, other: string): string =>
  tenant === undefined ? '' : ` AND ${one}.${tenant} = ${other}.${tenant}`;
