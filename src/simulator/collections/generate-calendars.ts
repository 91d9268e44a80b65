import { between, guid, hex, pick, type Random, sample } from '../tenant/generator/chance.ts';
import type { Generation } from '../tenant/generator/generation.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { Tenant, TwinUser } from '../tenant/types.ts';
import {
  type AttendanceRecord,
  type CalendarEvent,
  calendars,
  meetingNames,
  type OnlineMeeting,
  type Person,
  type Session,
} from './calendar-store.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Users with meetings of their own. */
const MOST_ORGANIZERS = 6;
const SUBJECTS = ['Weekly sync', 'Planning', 'Review', 'All hands', 'Interview'];
const ZONE_NAMES = ['UTC', 'W. Europe Standard Time', 'Pacific Standard Time', 'Asia/Tokyo'];

/** Ids of Exchange: long, and of any letters. */
export const eventId = (random: Random): string => `AAMkAD${hex(random, 40)}AENAAA=`;

export const personOf = ({ displayName, userPrincipalName }: TwinUser): Person => ({
  name: displayName,
  address: userPrincipalName,
});

export interface Scheduled {
  readonly organizer: TwinUser;
  readonly attendees: readonly TwinUser[];
  readonly subject: string;
  readonly startMs: number;
  readonly minutes: number;
  /** Days between the times of a series; undefined: it is single. */
  readonly everyDays?: number | undefined;
  readonly occurrences?: number | undefined;
  readonly zone?: string | undefined;
  readonly provider?: CalendarEvent['provider'] | undefined;
  readonly isAllDay?: boolean | undefined;
  readonly isPrivate?: boolean | undefined;
  /** The thread of a channel that it is in. */
  readonly channelId?: string | undefined;
  /** The link is a short one, as newer clients make them. */
  readonly isShortLink?: boolean | undefined;
  /** The link names another tenant. */
  readonly isOfOtherTenant?: boolean | undefined;
}

/** Puts a meeting into the calendars of those who are invited. */
export function schedule(
  tenant: Tenant,
  random: Random,
  { nowMs, ...what }: Scheduled & { readonly nowMs: number },
): { readonly meeting: OnlineMeeting | undefined; readonly events: readonly CalendarEvent[] } {
  const { organizer, startMs, minutes, channelId, provider = 'teamsForBusiness' } = what;
  const endMs = startMs + minutes * MINUTE_MS;
  const isMeeting = provider === 'teamsForBusiness';
  const threadId = channelId ?? `19:meeting_${Buffer.from(hex(random, 48)).toString('base64').slice(0, 48)}@thread.v2`;
  const messageId = channelId === undefined ? '0' : `${nowMs + between(random, 0, 999)}`;
  const names = meetingNames(tenant, organizer.id, channelId === undefined ? threadId : `${threadId};${messageId}`);
  const joinUrl = joinUrlOf(tenant, random, { ...what, threadId, messageId });
  const createdMs = Math.min(nowMs, startMs) - DAY_MS;
  const meeting: OnlineMeeting | undefined =
    isMeeting && !what.isOfOtherTenant
      ? {
          id: names.id,
          organizerId: organizer.id,
          threadId,
          joinUrl,
          subject: what.subject,
          startMs,
          endMs,
          createdMs,
          isOfChannel: channelId !== undefined,
          sessions: [],
        }
      : undefined;
  if (meeting) calendars(tenant).meetings.set(meeting.id, meeting);
  const events = [organizer, ...what.attendees].flatMap((user) =>
    eventsFor(random, user, { ...what, provider, joinUrl: provider === 'unknown' ? null : joinUrl, endMs, createdMs }),
  );
  for (const event of events) calendars(tenant).events.set(event.id, event);
  return { meeting, events: events.filter(({ userId }) => userId === organizer.id) };
}

function joinUrlOf(
  tenant: Tenant,
  random: Random,
  {
    provider,
    organizer,
    threadId,
    messageId,
    isShortLink,
    isOfOtherTenant,
  }: Scheduled & {
    readonly threadId: string;
    readonly messageId: string;
  },
): string {
  if (provider === 'skypeForBusiness') return `https://meet.lync.com/northwind/${hex(random, 8)}`;
  if (isShortLink)
    return `https://teams.microsoft.com/meet/${between(random, 10 ** 11, 10 ** 12)}?p=${hex(random, 12)}`;
  const whose = isOfOtherTenant ? { ...tenant, id: guid(random) } : tenant;
  return meetingNames(whose as Tenant, organizer.id, threadId, messageId).joinUrl;
}

function eventsFor(
  random: Random,
  user: TwinUser,
  what: Scheduled & {
    readonly provider: CalendarEvent['provider'];
    readonly joinUrl: string | null;
    readonly endMs: number;
    readonly createdMs: number;
  },
): CalendarEvent[] {
  const { organizer, attendees, startMs, endMs, everyDays, occurrences = 1, createdMs } = what;
  const event: CalendarEvent = {
    id: eventId(random),
    userId: user.id,
    type: 'singleInstance',
    seriesMasterId: null,
    iCalUId: `040000008200E000${hex(random, 40).toUpperCase()}`,
    subject: what.subject,
    startMs,
    endMs,
    originalStartMs: null,
    zone: what.zone ?? 'UTC',
    isAllDay: what.isAllDay ?? false,
    isCancelled: false,
    isOrganizer: user.id === organizer.id,
    organizer: personOf(organizer),
    attendees: attendees.map(personOf),
    sensitivity: what.isPrivate ? 'private' : 'normal',
    provider: what.provider,
    joinUrl: what.joinUrl,
    createdMs,
    modifiedMs: createdMs,
  };
  if (everyDays === undefined) return [event];
  const times = Array.from({ length: occurrences }, (_, at): CalendarEvent => {
    const laterMs = at * everyDays * DAY_MS;
    const own = { id: eventId(random), type: 'occurrence', seriesMasterId: event.id } as const;
    return { ...event, ...own, startMs: startMs + laterMs, endMs: endMs + laterMs, originalStartMs: startMs + laterMs };
  });
  return [{ ...event, type: 'seriesMaster' }, ...times];
}

export interface Held {
  readonly startMs: number;
  readonly endMs: number;
  readonly people: readonly TwinUser[];
  /** The report comes so long after the end, ms. */
  readonly lateMs: number;
  /** So many of nobody's account. */
  readonly strangers?: number | undefined;
  /** Default: by chance. */
  readonly isTranscribed?: boolean | undefined;
  readonly isRecorded?: boolean | undefined;
}

/** A session of a meeting, with what is odd in records of the real service. */
export function hold(tenant: Tenant, random: Random, meetingId: string, held: Held): Session | undefined {
  const { meetings } = calendars(tenant);
  const meeting = meetings.get(meetingId);
  if (!meeting) return undefined;
  const { startMs, endMs, people, lateMs, strangers = 1 } = held;
  const { isTranscribed = random() < 0.5, isRecorded = random() < 0.5 } = held;
  const known = people.map((user, at) => recordOf(random, tenant, { user, at, startMs, endMs }));
  const others = Array.from({ length: strangers }, (_, at) => stranger(random, { at, startMs, endMs }));
  const session: Session = {
    id: guid(random),
    startMs,
    endMs,
    shownMs: endMs + lateMs,
    records: [...known, ...others],
    isTranscribed,
    isRecorded,
  };
  meetings.set(meetingId, { ...meeting, sessions: [...meeting.sessions, session] });
  return session;
}

function recordOf(
  random: Random,
  { id: tenantId }: Tenant,
  { user, at, startMs, endMs }: { user: TwinUser; at: number; startMs: number; endMs: number },
): AttendanceRecord {
  const middleMs = startMs + Math.floor((endMs - startMs) / 2);
  const whole = { joinMs: startMs + at * 1234 + 27, leaveMs: endMs };
  const twice = [
    { joinMs: startMs, leaveMs: middleMs },
    { joinMs: middleMs + 1000, leaveMs: endMs },
  ];
  return {
    id: guid(random),
    identity: {
      '@odata.type': '#microsoft.graph.communicationsUserIdentity',
      id: user.id,
      displayName: user.displayName,
      tenantId: at % 2 === 0 ? tenantId : null,
    },
    emailAddress: user.mail ?? '',
    role: at === 0 ? 'Organizer' : pick(random, ['Presenter', 'Attendee']),
    registrationId: at % 3 === 1 ? guid(random) : null,
    externalRegistrationInformation:
      at % 3 === 0
        ? undefined
        : at % 3 === 1
          ? { referrer: 'https://events.example', registrationId: guid(random) }
          : null,
    intervals: at % 3 === 2 ? twice : [whole],
    digits: at % 2 === 0 ? 7 : 0,
  };
}

/** Without an identity and an address; every second one was only let in. */
const stranger = (
  random: Random,
  { at, startMs, endMs }: { at: number; startMs: number; endMs: number },
): AttendanceRecord => ({
  id: guid(random),
  identity: at % 2 === 0 ? null : { displayName: 'A guest', tenantId: null },
  emailAddress: '',
  role: 'Attendee',
  registrationId: null,
  intervals: at % 2 === 0 ? [] : [{ joinMs: startMs, leaveMs: endMs }],
  digits: 7,
});

/** A few weeks of some people: a series, single meetings, and what is no meeting of theirs. */
export function generateCalendars(tenant: TenantStore, { streamOf, options }: Generation): void {
  const random = streamOf('events');
  const { nowMs } = options;
  const people = tenant.users().filter(({ userType }) => userType !== 'Guest');
  for (const organizer of people.slice(0, MOST_ORGANIZERS)) {
    const attendees = sample(random, people, 3).filter(({ id }) => id !== organizer.id);
    const shared = { organizer, attendees, nowMs, minutes: 30, zone: pick(random, ZONE_NAMES) };
    const at = (daysAgo: number) => nowMs - daysAgo * DAY_MS - between(random, 0, 600) * MINUTE_MS;
    const series = schedule(tenant, random, {
      ...shared,
      subject: 'Weekly sync',
      startMs: at(16),
      everyDays: 7,
      occurrences: 4,
    });
    for (const { type, startMs, endMs } of series.events)
      if (type === 'occurrence' && endMs < nowMs - 2 * 3_600_000)
        hold(tenant, random, series.meeting!.id, {
          startMs,
          endMs,
          people: [organizer, ...attendees],
          lateMs: 10 * MINUTE_MS,
        });
    const single = schedule(tenant, random, {
      ...shared,
      subject: pick(random, SUBJECTS),
      startMs: at(between(random, 2, 12)),
    });
    const { startMs, endMs } = single.meeting!;
    hold(tenant, random, single.meeting!.id, {
      startMs: startMs - MINUTE_MS,
      endMs,
      people: attendees,
      lateMs: 0,
      strangers: 2,
    });
    schedule(tenant, random, {
      ...shared,
      subject: 'Day off',
      startMs: Math.floor(at(3) / DAY_MS) * DAY_MS,
      minutes: 1440,
      provider: 'unknown',
      isAllDay: true,
      isPrivate: true,
    });
    schedule(tenant, random, { ...shared, subject: 'Old system', startMs: at(5), provider: 'skypeForBusiness' });
    schedule(tenant, random, { ...shared, subject: 'Next week', startMs: nowMs + 5 * DAY_MS });
  }
}
