import { looks } from '../strategies/index.ts';
import { collection } from './collection.ts';
import { events } from './events.ts';
import { onlineMeetingLookUp } from './online-meeting-look-up.ts';

export const onlineMeetings = collection({
  name: 'online_meetings',
  description: 'Online meetings that users organise, as their calendars show them, with the settings of each.',
  of: events,
  mayBeEmpty: true,
  reads: [
    {
      strategy: looks,
      route: '/users/{user-id}/onlineMeetings/{meeting-id}',
      permissions: onlineMeetingLookUp.permissions,
      looks: { from: 'startDateTime', to: 'endDateTime', lookUp: onlineMeetingLookUp, isOfTheMeeting: true },
      source: onlineMeetingLookUp.source,
    },
  ],
});
