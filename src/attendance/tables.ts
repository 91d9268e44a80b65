import { attendanceReports } from '../resources/attendance-reports.ts';
import { events } from '../resources/events.ts';
import { onlineMeetings } from '../resources/online-meetings.ts';
import type { TableShape } from '../schema/column.ts';
import { tables } from '../tables/index.generated.ts';

const collections: readonly { readonly name: string }[] = [events, onlineMeetings, attendanceReports];

/** What the job reads: all that is made of calendars, of meetings and of who attended them. */
export const attendanceTables: readonly TableShape[] = tables.filter(({ resource }) =>
  collections.some(({ name }) => name === resource),
);
