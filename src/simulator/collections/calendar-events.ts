import { z } from 'zod';
import type { GraphCall } from '../graph/call.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { id, instant, text } from '../tenant/line-schema.ts';
import { readRecords } from '../tenant/lines.ts';
import type { Tenant, TwinUser } from '../tenant/types.ts';
import { dateTime } from '../tenant/writing-line.ts';
import { type CalendarEvent, calendars, eventsOf, type Person } from './calendar-store.ts';
import type { TwinCollection } from './collection.ts';
import { generateCalendars } from './generate-calendars.ts';
import { type GraphRecord, listRoute } from './list-route.ts';
import { userOf } from './users.ts';

const roles = ['Calendars.ReadBasic', 'Calendars.ReadBasic.All', 'Calendars.Read', 'Calendars.ReadWrite'];
const type = 'microsoft.graph.event';
/** https://learn.microsoft.com/en-us/graph/api/user-list-calendarview */
const TOP = { default: 10, maximum: 1000 } as const;

/** Guests of the directory have their mailbox elsewhere. */
export const hasMailbox = ({ userType }: TwinUser): boolean => userType !== 'Guest';

function calendarOf(call: GraphCall): readonly CalendarEvent[] {
  const user = userOf(call);
  if (!hasMailbox(user)) throw new GraphRefusal(refusals.mailboxMissing());
  return eventsOf(call.tenant, user.id);
}

/** Offsets in the two values are respected; without one they are UTC. */
function timeOf(call: GraphCall, name: string): number {
  const value = call.query.get(name) ?? '';
  const ms = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`);
  if (Number.isNaN(ms))
    throw new GraphRefusal({
      status: 400,
      code: 'ErrorInvalidParameter',
      message: `The value '${value}' of parameter '${name}' is invalid.`,
    });
  return ms;
}

/** All that overlaps the range; series come as their times. */
function view(call: GraphCall): readonly GraphRecord[] {
  const [fromMs, toMs] = [timeOf(call, 'startDateTime'), timeOf(call, 'endDateTime')];
  const zone = zoneOf(call);
  return calendarOf(call)
    .filter((event) => event.type !== 'seriesMaster')
    .filter(({ startMs, endMs }) => startMs < toMs && Math.max(endMs, startMs + 1) > fromMs)
    .sort((a, b) => a.startMs - b.startMs)
    .map((event) => record(event, zone));
}

/** Without the header all times are UTC. */
function zoneOf({ request }: GraphCall): string {
  const [, zone = 'UTC'] = /outlook\.timezone\s*=\s*"([^"]+)"/i.exec(request.header('prefer') ?? '') ?? [];
  return zone;
}

/** Zones of events, by Windows and by IANA name, and how far they are ahead of UTC, minutes. */
export const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  'W. Europe Standard Time': 60,
  'Pacific Standard Time': -480,
  'India Standard Time': 330,
  'Asia/Tokyo': 540,
};

const wallClock = (ms: number, zone: string) => ({
  dateTime: `${new Date(ms + (ZONES[zone] ?? 0) * 60_000).toISOString().slice(0, 23)}0000`,
  timeZone: zone in ZONES ? zone : 'UTC',
});

const recipient = ({ name, address }: Person) => ({ emailAddress: { name, address } });

function record(event: CalendarEvent, zone: string): GraphRecord {
  const isMeeting = event.provider !== 'unknown';
  const response = event.isOrganizer ? 'organizer' : 'accepted';
  const answered = { response, time: event.isOrganizer ? '0001-01-01T00:00:00Z' : stamp(event.createdMs) };
  return {
    '@odata.etag': `W/"${event.modifiedMs.toString(36)}"`,
    id: event.id,
    createdDateTime: stamp(event.createdMs),
    lastModifiedDateTime: stamp(event.modifiedMs),
    changeKey: event.modifiedMs.toString(36),
    categories: event.isAllDay ? ['Blue category'] : [],
    transactionId: isMeeting ? event.iCalUId.slice(0, 20) : null,
    originalStart: event.originalStartMs === null ? null : stamp(event.originalStartMs),
    originalStartTimeZone: event.zone,
    originalEndTimeZone: event.zone,
    iCalUId: event.iCalUId,
    uid: event.iCalUId,
    reminderMinutesBeforeStart: 15,
    isReminderOn: true,
    hasAttachments: false,
    subject: event.subject,
    bodyPreview: 'You are invited.',
    importance: 'normal',
    sensitivity: event.sensitivity,
    isAllDay: event.isAllDay,
    isCancelled: event.isCancelled,
    isOrganizer: event.isOrganizer,
    responseRequested: true,
    seriesMasterId: event.seriesMasterId,
    showAs: event.isAllDay ? 'free' : 'busy',
    type: event.type,
    webLink: `https://outlook.office365.com/owa/?itemid=${encodeURIComponent(event.id)}&exvsurl=1&path=/calendar/item`,
    onlineMeetingUrl: null,
    isOnlineMeeting: isMeeting,
    onlineMeetingProvider: event.provider,
    allowNewTimeProposals: true,
    hideAttendees: false,
    isDraft: false,
    recurrence: null,
    cancelledOccurrences: [],
    responseStatus: answered,
    body: { contentType: 'html', content: '<p>You are invited.</p>' },
    start: wallClock(event.startMs, zone),
    end: wallClock(event.endMs, zone),
    location: { displayName: 'Room 5', locationType: 'default', uniqueId: 'Room 5', uniqueIdType: 'private' },
    locations: [{ displayName: 'Room 5', locationType: 'default', uniqueId: 'Room 5', uniqueIdType: 'private' }],
    attendees: event.attendees.map((one) => ({
      type: 'required',
      status: { response: 'none', time: '0001-01-01T00:00:00Z' },
      ...recipient(one),
    })),
    organizer: recipient(event.organizer),
    onlineMeeting: event.joinUrl === null ? null : { joinUrl: event.joinUrl, conferenceId: '123456789' },
  };
}

/** Seven digits, as Exchange writes them. */
const stamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23)}0000Z`;

const PersonLine = z.object({ name: text, address: text });
const EventLine = z.object({
  id: z.string().min(1),
  userId: id,
  type: z.enum(['singleInstance', 'occurrence', 'exception', 'seriesMaster']),
  seriesMasterId: text.nullable(),
  iCalUId: text,
  subject: text,
  startDateTime: instant,
  endDateTime: instant,
  originalStart: instant.nullable(),
  zone: text,
  isAllDay: z.boolean(),
  isCancelled: z.boolean(),
  isOrganizer: z.boolean(),
  organizer: PersonLine,
  attendees: z.array(PersonLine),
  sensitivity: z.enum(['normal', 'private']),
  provider: z.enum(['unknown', 'skypeForBusiness', 'teamsForBusiness']),
  joinUrl: text.nullable(),
  createdDateTime: instant,
  lastModifiedDateTime: instant,
});

const hasUser = (tenant: Tenant, userId: string): boolean => {
  const user = tenant.user(userId);
  return user !== undefined && hasMailbox(user);
};

export const calendarEvents: TwinCollection = {
  name: 'events',
  permissions: ['Calendars.ReadBasic'],
  routes: [
    // https://learn.microsoft.com/en-us/graph/api/user-list-calendarview
    listRoute({
      pattern: '/users/{user-id}/calendarView',
      roles,
      path: ({ ids }) => `/users('${ids['user-id']}')/calendarView`,
      records: view,
      filter: undefined,
      orderby: true,
      top: TOP,
    }),
    // Single events and series, no times of series: https://learn.microsoft.com/en-us/graph/api/user-list-events
    listRoute({
      pattern: '/users/{user-id}/events',
      roles,
      path: ({ ids }) => `/users('${ids['user-id']}')/events`,
      records: (call) =>
        calendarOf(call)
          .filter((event) => event.type === 'singleInstance' || event.type === 'seriesMaster')
          .map((event) => record(event, zoneOf(call))),
      type,
      orderby: true,
      top: TOP,
    }),
  ],
  ledger: {
    *events(tenant) {
      for (const event of calendars(tenant).events.values()) {
        if (event.type === 'seriesMaster' || !hasUser(tenant, event.userId)) continue;
        yield { user_id: event.userId, id: event.id, lastModifiedDateTime: stamp(event.modifiedMs) };
      }
    },
  },
  files: [
    {
      name: 'calendar-events',
      *records(tenant) {
        for (const event of calendars(tenant).events.values()) {
          const { startMs, endMs, originalStartMs, createdMs, modifiedMs, ...rest } = event;
          yield {
            ...rest,
            startDateTime: dateTime(startMs),
            endDateTime: dateTime(endMs),
            originalStart: originalStartMs === null ? null : dateTime(originalStartMs),
            createdDateTime: dateTime(createdMs),
            lastModifiedDateTime: dateTime(modifiedMs),
          };
        }
      },
      load: ({ tenant, dir }) =>
        readRecords(
          dir,
          'calendar-events',
          EventLine,
          ({ startDateTime, endDateTime, originalStart, createdDateTime, lastModifiedDateTime, ...event }) => {
            calendars(tenant).events.set(event.id, {
              ...event,
              startMs: startDateTime,
              endMs: endDateTime,
              originalStartMs: originalStart,
              createdMs: createdDateTime,
              modifiedMs: lastModifiedDateTime,
            });
          },
          { isOptional: true },
        ),
    },
  ],
  generate: generateCalendars,
};
