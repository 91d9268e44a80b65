import { invalidEvent, type TwinEvent } from '../tenant/event-schema.ts';
import { pick } from '../tenant/generator/chance.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { TwinUser } from '../tenant/types.ts';
import { type CalendarEvent, calendars, eventsOf, type OnlineMeeting } from './calendar-store.ts';
import { hold, schedule } from './generate-calendars.ts';

export type CalendarTwinEvent = Extract<
  TwinEvent,
  {
    type:
      | 'scheduleMeeting'
      | 'moveMeeting'
      | 'cancelMeeting'
      | 'holdSession'
      | 'grantAccessPolicy'
      | 'withholdAccessPolicy';
  }
>;

interface Changed {
  readonly userId?: string;
  readonly meetingId?: string | undefined;
  readonly eventId?: string;
}

/** What happens in calendars and in meetings. */
export function applyCalendarEvent(tenant: TenantStore, event: CalendarTwinEvent, nowMs: number): Changed {
  switch (event.type) {
    case 'scheduleMeeting':
      return scheduled(tenant, event, nowMs);
    case 'moveMeeting': {
      const found = ownEvent(tenant, event);
      const startMs = event.startDateTime ?? found.startMs + 3_600_000;
      change(tenant, found, nowMs, (one) => ({
        ...one,
        type: one.type === 'occurrence' ? 'exception' : one.type,
        startMs,
        endMs: startMs + (one.endMs - one.startMs),
      }));
      return { userId: found.userId, eventId: found.id };
    }
    case 'cancelMeeting': {
      const found = ownEvent(tenant, event);
      // The organiser deletes it; the others see that it is cancelled.
      change(tenant, found, nowMs, (one) => (one.isOrganizer ? undefined : { ...one, isCancelled: true }));
      return { userId: found.userId, eventId: found.id };
    }
    case 'holdSession':
      return held(tenant, event, nowMs);
    case 'grantAccessPolicy':
    case 'withholdAccessPolicy': {
      const user = userNamed(tenant, event.userId);
      const { withoutPolicy } = calendars(tenant);
      if (event.type === 'grantAccessPolicy') withoutPolicy.delete(user.id);
      else withoutPolicy.add(user.id);
      return { userId: user.id };
    }
  }
}

function scheduled(
  tenant: TenantStore,
  event: Extract<TwinEvent, { type: 'scheduleMeeting' }>,
  nowMs: number,
): Changed {
  const organizer = userNamed(tenant, event.userId);
  const { meeting, events } = schedule(tenant, tenant.random, {
    organizer,
    attendees: (event.attendees ?? []).map((id) => userNamed(tenant, id)),
    subject: event.subject ?? 'A meeting',
    startMs: event.startDateTime ?? nowMs,
    minutes: event.minutes ?? 60,
    everyDays: event.everyDays,
    occurrences: event.occurrences,
    zone: event.zone,
    provider: event.provider,
    isAllDay: event.isAllDay,
    isPrivate: event.isPrivate,
    channelId: event.channelId,
    isShortLink: event.isShortLink,
    isOfOtherTenant: event.isOfOtherTenant,
    nowMs,
  });
  return { userId: organizer.id, eventId: events[0]!.id, meetingId: meeting?.id };
}

function held(tenant: TenantStore, event: Extract<TwinEvent, { type: 'holdSession' }>, nowMs: number): Changed {
  const meeting = meetingNamed(tenant, event);
  const { seconds = 1800, lateSeconds = 0, participants = 3 } = event;
  const startMs = event.startDateTime ?? nowMs - seconds * 1000;
  const users = tenant.users();
  const organizer = tenant.user(meeting.organizerId);
  const others = users.filter(({ id }) => id !== meeting.organizerId);
  const people = [...(organizer ? [organizer] : []), ...others].slice(0, participants);
  const ends = { startMs, endMs: startMs + seconds * 1000, lateMs: lateSeconds * 1000 };
  hold(tenant, tenant.random, meeting.id, { ...ends, people, strangers: participants - people.length });
  return { userId: meeting.organizerId, meetingId: meeting.id };
}

function userNamed(tenant: TenantStore, id: string | undefined): TwinUser {
  const users = tenant.users().filter(({ userType }) => userType !== 'Guest');
  const user = id === undefined ? pick(tenant.random, users) : tenant.user(id);
  if (!user) throw invalidEvent('userId', 'no such user');
  return user;
}

function meetingNamed(
  tenant: TenantStore,
  { meetingId, subject }: Extract<TwinEvent, { type: 'holdSession' }>,
): OnlineMeeting {
  const all = [...calendars(tenant).meetings.values()];
  const named = all.filter((one) => subject === undefined || one.subject === subject);
  const found = meetingId === undefined ? named.at(-1) : calendars(tenant).meetings.get(meetingId);
  if (!found) throw invalidEvent('meetingId', 'no such meeting');
  return found;
}

function ownEvent(
  tenant: TenantStore,
  { eventId, subject }: { readonly eventId?: string | undefined; readonly subject?: string | undefined },
): CalendarEvent {
  const own = [...calendars(tenant).events.values()].filter(
    ({ isOrganizer, type }) => isOrganizer && type !== 'seriesMaster',
  );
  const named = own.filter((one) => subject === undefined || one.subject === subject);
  const found = eventId === undefined ? named.at(-1) : own.find(({ id }) => id === eventId);
  if (!found) throw invalidEvent('eventId', 'no such event of an organiser');
  return found;
}

/** Changes an event for its organiser and for all who are invited: theirs begin when it does. */
function change(
  tenant: TenantStore,
  found: CalendarEvent,
  nowMs: number,
  changed: (event: CalendarEvent) => CalendarEvent | undefined,
): void {
  const { events } = calendars(tenant);
  for (const user of tenant.users())
    for (const event of eventsOf(tenant, user.id)) {
      const isSame =
        event.joinUrl === found.joinUrl && event.subject === found.subject && event.startMs === found.startMs;
      if (!isSame || event.type === 'seriesMaster') continue;
      const after = changed(event);
      if (after) events.set(event.id, { ...after, modifiedMs: nowMs });
      else events.delete(event.id);
    }
}
