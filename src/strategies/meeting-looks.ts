import { z } from 'zod';
import type { PartitionKey, Position } from '../lake/types.ts';
import { strategyErrors } from './errors.ts';
import { isDue as isDueAgain } from './gaps.ts';
import type { Meeting, Occurrence } from './meetings.ts';
import { failureSchema, instant } from './position.ts';

// When what a meeting leaves behind is looked for. Nothing here asks or writes.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** After the end of an occurrence it is looked for at these times, until it is there; after the last one it is held not to come. */
const LOOKS_MS: readonly number[] = [15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS, 48 * HOUR_MS];

/** A series in the calendar is looked at so often all the same: somebody may have joined at another time. */
const SERIES_MS = 7 * DAY_MS;

/** So long occurrences are remembered, for what comes late … */
const REMEMBERED_MS = 30 * DAY_MS;
/** … and so long a series that is in no calendar any more. */
const SERIES_REMEMBERED_MS = 120 * DAY_MS;

const time = z.iso.datetime();

const occurrenceSchema = z.strictObject({
  from: time,
  to: time,
  /** Looks so far. */
  looks: z.int().nonnegative(),
  /** `found`, or `none`: it did not come. */
  end: z.enum(['found', 'none']).optional(),
});

const stateSchema = z.strictObject({
  version: z.literal(1),
  joinUrl: z.string().optional(),
  /** Where it was asked for, because it is not made of the link. */
  meetingId: z.string().optional(),
  isSeries: z.boolean(),
  isOfChannel: z.boolean(),
  occurrences: z.record(z.string(), occurrenceSchema),
  /** Records that were read. */
  read: z.array(z.string()),
  /** Records that could not be read. */
  failed: z.record(z.string(), failureSchema),
  /** The meeting, or the list of what it left behind, could not be read. */
  unread: failureSchema.optional(),
  lookedAt: time.optional(),
});

/** What is known of a meeting and of what was read of it. */
export type MeetingState = z.output<typeof stateSchema>;

/** A record that a meeting left behind, by its own times. */
export interface Trace {
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** It may be of a meeting that has not ended. */
  readonly isUnfinished: boolean;
}

/** @throws SluiceError `position_invalid` */
export function parseMeetingState(key: PartitionKey, stored: Position | undefined): MeetingState {
  if (stored === undefined)
    return { version: 1, isSeries: false, isOfChannel: false, occurrences: {}, read: [], failed: {} };
  const result = stateSchema.safeParse(stored);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw strategyErrors.position_invalid({ partition: key, place: issue?.path.join('.') || 'its root' });
}

/** A meeting as it stands now: what moved is moved, what is cancelled is gone, what is new is open. */
export function withCalendar(state: MeetingState, meeting: Meeting): MeetingState {
  const listed = new Map(meeting.occurrences.map((one) => [one.id, one]));
  const isSeen = ({ from, to }: Pick<Occurrence, 'from' | 'to'>) =>
    from < meeting.seen.to && (to > meeting.seen.from || (from === to && from >= meeting.seen.from));
  const kept = Object.entries(state.occurrences).filter(([id, one]) => listed.has(id) || !isSeen(one));
  const occurrences = Object.fromEntries(kept);
  for (const { id, from, to } of meeting.occurrences) {
    const before = occurrences[id];
    const isAsBefore = before !== undefined && before.from === from && before.to === to;
    occurrences[id] = isAsBefore ? before : { from, to, looks: 0 };
  }
  return {
    ...state,
    joinUrl: meeting.joinUrl ?? state.joinUrl,
    isSeries: state.isSeries || meeting.isSeries,
    isOfChannel: state.isOfChannel || meeting.isOfChannel,
    occurrences,
  };
}

/** True when it is time to look: something is due after an occurrence, could not be read before, or a series was long not looked at. What could not be read at all waits. */
export function isLookDue(state: MeetingState, nowMs: number): boolean {
  const { occurrences, failed, unread, lookedAt, isSeries } = state;
  if (unread !== undefined) return isDueAgain({ failed: unread }, nowMs);
  const known = Object.values(occurrences);
  if (Object.values(failed).some((failure) => isDueAgain({ failed: failure }, nowMs))) return true;
  if (known.some((one) => one.end === undefined && looksBy(one, nowMs) > one.looks)) return true;
  const isActive = isSeries && known.some(({ from }) => Date.parse(from) <= nowMs);
  return isActive && lookedAt !== undefined && nowMs - Date.parse(lookedAt) >= SERIES_MS;
}

/** The records that a look has to read: new ones, those that may have been unfinished, and those that failed and are due. */
export function toRead(state: MeetingState, listed: readonly Trace[], nowMs: number): readonly Trace[] {
  const read = new Set(state.read);
  return listed.filter(({ id }) => !read.has(id) && isDueAgain({ failed: state.failed[id] }, nowMs));
}

/** True when records were listed and are not any more, before anybody read them: the service lists only the newest. */
export function isCut(
  state: Pick<MeetingState, 'read'>,
  listed: readonly Trace[],
  atMost: number | undefined,
): boolean {
  const read = new Set(state.read);
  return atMost !== undefined && listed.length >= atMost && !listed.some(({ id }) => read.has(id));
}

/** The occurrence that a record overlaps most; undefined: none. */
export function occurrenceOf(
  { fromMs, toMs }: Pick<Trace, 'fromMs' | 'toMs'>,
  occurrences: MeetingState['occurrences'],
): string | undefined {
  let best: { readonly id: string; readonly sharedMs: number } | undefined;
  for (const [id, { from, to }] of Object.entries(occurrences)) {
    const sharedMs = Math.min(Math.max(toMs, fromMs + 1), Date.parse(to)) - Math.max(fromMs, Date.parse(from));
    if (sharedMs > 0 && sharedMs > (best?.sharedMs ?? 0)) best = { id, sharedMs };
  }
  return best?.id;
}

/** What is known after a look at a list that came whole. */
export function afterLook(
  state: MeetingState,
  {
    listed,
    read,
    failed,
    nowMs,
  }: {
    readonly listed: readonly Trace[];
    /** Ids of the records that were read in this look. */
    readonly read: ReadonlySet<string>;
    readonly failed: MeetingState['failed'];
    readonly nowMs: number;
  },
): MeetingState {
  const finished = listed.filter(({ id, isUnfinished }) => read.has(id) && !isUnfinished).map(({ id }) => id);
  const names = new Set(listed.map(({ id }) => id));
  const found = new Set(
    listed.filter(({ isUnfinished }) => !isUnfinished).map((trace) => occurrenceOf(trace, state.occurrences)),
  );
  const occurrences = Object.entries(state.occurrences).map(([id, one]) => {
    const looks = Math.max(one.looks, looksBy(one, nowMs));
    const end = found.has(id) ? ('found' as const) : looks >= LOOKS_MS.length ? ('none' as const) : undefined;
    return [id, { from: one.from, to: one.to, looks, end }] as const;
  });
  return {
    ...state,
    occurrences: Object.fromEntries(occurrences),
    read: [...new Set([...state.read.filter((id) => names.has(id)), ...finished])],
    // What the list does not name any more nobody can read.
    failed: Object.fromEntries(Object.entries(failed).filter(([id]) => names.has(id))),
    unread: undefined,
    lookedAt: instant(nowMs),
  };
}

/** What is known after the meeting itself was read: times that are over await nothing. */
export function afterRead(state: MeetingState, nowMs: number): MeetingState {
  const occurrences = Object.entries(state.occurrences).map(([id, one]) => {
    const end = Date.parse(one.to) <= nowMs ? ('found' as const) : one.end;
    return [id, { ...one, end }] as const;
  });
  return {
    ...state,
    occurrences: Object.fromEntries(occurrences),
    read: [],
    unread: undefined,
    lookedAt: instant(nowMs),
  };
}

/** What is worth remembering; undefined: nothing of it is awaited any more. */
export function remembered(state: MeetingState, nowMs: number): MeetingState | undefined {
  const isFresh = ({ to, end }: { readonly to: string; readonly end?: string | undefined }) =>
    end === undefined || nowMs - Date.parse(to) < REMEMBERED_MS;
  const occurrences = Object.fromEntries(Object.entries(state.occurrences).filter(([, one]) => isFresh(one)));
  const isMissing = Object.keys(state.failed).length > 0 || state.unread !== undefined;
  const isAwaited = Object.keys(occurrences).length > 0 || isMissing;
  const ageMs = nowMs - Date.parse(state.lookedAt ?? instant(0));
  return isAwaited || (state.isSeries && ageMs < SERIES_REMEMBERED_MS) ? { ...state, occurrences } : undefined;
}

/** How many looks an occurrence should have had by now. */
const looksBy = ({ to }: { readonly to: string }, nowMs: number): number =>
  LOOKS_MS.filter((afterMs) => Date.parse(to) + afterMs <= nowMs).length;
