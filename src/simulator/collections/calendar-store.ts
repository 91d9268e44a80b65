import type { Slot } from '../tenant/kept.ts';
import type { Tenant } from '../tenant/types.ts';
import type { GraphRecord } from './list-route.ts';

/** An event in somebody's calendar: a single one, a time of a series, or the series itself. */
export interface CalendarEvent {
  readonly id: string;
  readonly userId: string;
  readonly type: 'singleInstance' | 'occurrence' | 'exception' | 'seriesMaster';
  readonly seriesMasterId: string | null;
  readonly iCalUId: string;
  readonly subject: string;
  readonly startMs: number;
  readonly endMs: number;
  /** When an exception was to be. */
  readonly originalStartMs: number | null;
  /** As the organiser's client named it: Windows names too. */
  readonly zone: string;
  readonly isAllDay: boolean;
  readonly isCancelled: boolean;
  readonly isOrganizer: boolean;
  readonly organizer: Person;
  readonly attendees: readonly Person[];
  readonly sensitivity: 'normal' | 'private';
  /** `unknown`: it is no online meeting. */
  readonly provider: 'unknown' | 'skypeForBusiness' | 'teamsForBusiness';
  readonly joinUrl: string | null;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

export interface Person {
  readonly name: string;
  readonly address: string;
}

/** An online meeting: all times of a series are one. */
export interface OnlineMeeting {
  readonly id: string;
  readonly organizerId: string;
  readonly threadId: string;
  readonly joinUrl: string;
  readonly subject: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly createdMs: number;
  /** In a channel: all meetings of it have one list of reports. */
  readonly isOfChannel: boolean;
  readonly sessions: readonly Session[];
}

/** From the first who joins to the last who leaves. */
export interface Session {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Before that nobody sees its report. */
  readonly shownMs: number;
  readonly records: readonly AttendanceRecord[];
  readonly isTranscribed: boolean;
  readonly isRecorded: boolean;
}

export interface AttendanceRecord {
  readonly id: string;
  readonly identity: GraphRecord | null;
  readonly emailAddress: string;
  readonly role: string;
  readonly registrationId: string | null;
  /** Undefined: the field is missing, as in the documented examples. */
  readonly externalRegistrationInformation?: GraphRecord | null | undefined;
  readonly intervals: readonly Interval[];
  /** Digits of the fractions in its times. */
  readonly digits: number;
}

export interface Interval {
  readonly joinMs: number;
  readonly leaveMs: number;
}

interface Calendars {
  readonly events: Map<string, CalendarEvent>;
  readonly meetings: Map<string, OnlineMeeting>;
  /** Users for whom the app has no application access policy. */
  readonly withoutPolicy: Set<string>;
}

const slot: Slot<Calendars> = {
  make: () => ({ events: new Map(), meetings: new Map(), withoutPolicy: new Set() }),
};

export const calendars = (tenant: Tenant): Calendars => tenant.kept(slot);

export const eventsOf = (tenant: Tenant, userId: string): readonly CalendarEvent[] =>
  [...calendars(tenant).events.values()].filter((event) => event.userId === userId);

/** @see https://imaucblog.com (anatomy of a link); the id is base64 of `1*{organizer}*0**{thread}` */
export function meetingNames(tenant: Tenant, userId: string, threadId: string, messageId = '0') {
  const context = encodeURIComponent(JSON.stringify({ Tid: tenant.id, Oid: userId }));
  return {
    id: Buffer.from(`1*${userId}*0**${threadId}`).toString('base64'),
    joinUrl: `https://teams.microsoft.com/l/meetup-join/${encodeURIComponent(threadId)}/${messageId}?context=${context}`,
  };
}
