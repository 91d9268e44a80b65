import { createHash } from 'node:crypto';
import { z } from 'zod';
import { builtMeetingId, isOfChannel, meetingLink } from './meeting-link.ts';
import { instant } from './position.ts';
import type { Item } from './strategy.ts';
import type { Window } from './time-windows.ts';

/** One time at which a meeting is to take place: an event. */
const occurrenceSchema = z.object({ id: z.string(), from: z.string(), to: z.string() });

const meetingSchema = z.object({
  id: z.string(),
  joinUrl: z.string().optional(),
  isSeries: z.boolean(),
  isOfChannel: z.boolean(),
  occurrences: z.array(occurrenceSchema),
  /** Every event that touches this stretch of time was seen. */
  seen: z.object({ from: z.string(), to: z.string() }),
});

export type Occurrence = z.output<typeof occurrenceSchema>;

/** A meeting of an account, as its calendar shows it: all that is read of it is below it. */
export type Meeting = z.output<typeof meetingSchema>;

/** The meeting that a place is. */
export const meetingOf = (item: Item): Meeting => meetingSchema.parse(item);

/** Whose calendar it is. */
export interface Account {
  readonly userId: string;
  readonly tenantId: string | undefined;
}

/**
 * The meetings of a calendar that belong to its account: organised by it, not cancelled, of Teams, and of its own tenant.
 * All times of a series are one meeting.
 */
export function meetingsIn(events: readonly Item[], account: Account, seen: Window): readonly Meeting[] {
  const meetings = new Map<string, Meeting>();
  for (const event of events) {
    const joinUrl = joinUrlOf(event);
    const occurrence = occurrenceOf(event);
    if (joinUrl === undefined || occurrence === undefined || !isOwn(event, joinUrl, account)) continue;
    const link = meetingLink(joinUrl);
    const id = (link && builtMeetingId(link)) ?? unbuiltId(joinUrl);
    const known = meetings.get(id) ?? {
      id,
      joinUrl,
      isSeries: false,
      isOfChannel: link !== undefined && isOfChannel(link),
      occurrences: [],
      seen: stretchOf(seen),
    };
    const others = known.occurrences.filter((one) => one.id !== occurrence.id);
    const isSeries = known.isSeries || typeof event['seriesMasterId'] === 'string';
    meetings.set(id, { ...known, isSeries, occurrences: [...others, occurrence] });
  }
  return [...meetings.values()];
}

/** A meeting of earlier runs that is not in what was read now. */
export const meetingNotSeen = (id: string, seen: Window): Meeting => ({
  id,
  isSeries: false,
  isOfChannel: false,
  occurrences: [],
  seen: stretchOf(seen),
});

const UNBUILT = 'link-';

/** Stands for a meeting whose id has to be asked for. */
const unbuiltId = (joinUrl: string): string => `${UNBUILT}${createHash('sha256').update(joinUrl).digest('hex')}`;

export const isBuilt = ({ id }: Pick<Meeting, 'id'>): boolean => !id.startsWith(UNBUILT);

const stretchOf = ({ fromMs, toMs }: Window) => ({ from: instant(fromMs), to: instant(toMs) });

function isOwn(event: Item, joinUrl: string, { userId, tenantId }: Account): boolean {
  const isMeeting = event['isOnlineMeeting'] === true && event['onlineMeetingProvider'] === 'teamsForBusiness';
  if (!isMeeting || event['isOrganizer'] !== true || event['isCancelled'] === true) return false;
  const link = meetingLink(joinUrl);
  if (link === undefined) return true;
  return (
    link.organizerId === userId.toLowerCase() && (tenantId === undefined || link.tenantId === tenantId.toLowerCase())
  );
}

/** `onlineMeetingUrl` is null for Teams: https://learn.microsoft.com/en-us/graph/api/resources/event */
function joinUrlOf(event: Item): string | undefined {
  const { onlineMeeting, onlineMeetingUrl } = event as { onlineMeeting?: unknown; onlineMeetingUrl?: unknown };
  const joinUrl =
    typeof onlineMeeting === 'object' && onlineMeeting !== null && 'joinUrl' in onlineMeeting
      ? onlineMeeting.joinUrl
      : undefined;
  const found = joinUrl ?? onlineMeetingUrl;
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function occurrenceOf({ id, ...event }: Item): Occurrence | undefined {
  const [fromMs, toMs] = [event['start'], event['end']].map(timeMs);
  if (fromMs === undefined || toMs === undefined) return undefined;
  return { id, from: instant(fromMs), to: instant(Math.max(fromMs, toMs)) };
}

/** Times of events are asked for in UTC, and come without saying so. */
function timeMs(value: unknown): number | undefined {
  const { dateTime } = (value ?? {}) as { dateTime?: unknown };
  if (typeof dateTime !== 'string') return undefined;
  const ms = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/i.test(dateTime) ? dateTime : `${dateTime}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
