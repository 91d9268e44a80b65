import { calendar } from '../strategies/index.ts';
import { collection } from './collection.ts';
import { users } from './users.ts';

const DAY_MS = 86_400_000;

export const events = collection({
  name: 'events',
  description:
    'The calendar of every user: single events and the occurrences of series. Online meetings that the user organises are below it.',
  of: users,
  // What is below a calendar are the meetings in it; an event has no address of its own in a view.
  gives: 'meeting-id',
  mayBeEmpty: true,
  reads: [
    {
      strategy: calendar,
      route: '/users/{user-id}/calendarView',
      query: 'startDateTime=&endDateTime=&$top=100',
      permissions: ['Calendars.ReadBasic', 'Calendars.ReadBasic.All', 'Calendars.Read', 'Calendars.ReadWrite'],
      pageSize: 100,
      // A first run goes 30 days back, later ones five minutes before the last; meetings ahead move and are cancelled.
      window: {
        property: 'start',
        keptMs: 30 * DAY_MS,
        lateMs: 300_000,
        longestMs: 62 * DAY_MS,
        aheadMs: 14 * DAY_MS,
      },
      source: 'https://learn.microsoft.com/en-us/graph/api/user-list-calendarview',
    },
  ],
});
