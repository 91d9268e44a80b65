import { z } from 'zod';
import type { PartitionKey, Position } from '../lake/types.ts';
import { strategyErrors } from './errors.ts';

/** ISO 8601, to the millisecond: what Graph's filters take and what compares as text does not. */
const time = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'must be a time');

/** Of a page: what it is told from others by. */
const digest = z.string();

export const failureSchema = z.strictObject({
  code: z.string(),
  /** When it failed first. */
  since: time,
  tries: z.int().positive(),
  /** Not before this time is it tried again. */
  retryAt: time,
});

/**
 * A time range of an export: to be read, being read, or read in several pages and not yet known to be whole. Owns
 * (from, to]; a missing end is open.
 */
const rangeSchema = z.strictObject({
  from: time.optional(),
  to: time.optional(),
  /** Service time of its first request. */
  startedAt: time.optional(),
  nextLink: z.string().optional(),
  pages: z.int().nonnegative(),
  done: z.boolean(),
  /** The earliest and the latest time of change that it showed: it is halved between them. */
  span: z.tuple([time, time]).optional(),
  failed: failureSchema.optional(),
});

/** The older part of a list: chains below the last one read, down to `from` (exclusive), or to the end. */
const restSchema = z.strictObject({
  nextLink: z.string().optional(),
  from: time.optional(),
  /** Activity of the last chain before it. */
  to: time.optional(),
  failed: failureSchema.optional(),
});

/** A thread whose replies beyond the inline ones could not be read. */
const threadSchema = z.strictObject({ id: z.string(), failed: failureSchema });

const common = {
  version: z.literal(2),
  /**
   * Every message last modified at or before it is in the lake, in its state at that time, except what `ranges`, `rest`
   * and `threads` name. Every strategy keeps this promise, so that one can go on where another stopped.
   */
  through: time.optional(),
  /** Lower edge: what was last modified before it was not asked for (`--since`). */
  since: time.optional(),
  /** Upper edge, exclusive (`--until`): it is no mark, and says how far the reading of a stretch of time came. */
  until: time.optional(),
  /** The runs with caps that last began to read it anew; what it has not left open they have read to its end. */
  cycle: z.string().optional(),
  /** The latest time of change that was seen: no mark goes further than the overlap beyond it. */
  seen: time.optional(),
  /** Tables, and columns as `table.column`, that came after it was read: rows from before lack them. */
  unfilled: z.array(z.string()).optional(),
  /** A delta round: the next page of it, or the link for the next round. */
  delta: z.strictObject({ link: z.string(), done: z.boolean(), at: time, startedAt: time.optional() }).optional(),
  /** Since when the service refuses delta for this place; it is tried again after some days. */
  deltaRefusedAt: time.optional(),
};

const rangesSchema = z.strictObject({
  ...common,
  ranges: z.array(rangeSchema),
  /** The page that showed the newest when it was landed. */
  landed: digest.optional(),
  /** It was read before and is to be read once more, from its own lower edge. */
  again: z.boolean().optional(),
});

const listSchema = z.strictObject({
  ...common,
  /**
   * Every chain whose activity ended at or before it is in the lake. Less than `through`: of a chain that moved to the
   * front while the list was read, the list itself finds everything the next time, an export only what is new in it.
   */
  listed: time.optional(),
  rest: z.array(restSchema),
  threads: z.array(threadSchema),
  /** Chains at the front whose hidden replies may have changed without a sign, and when they were last read whole. */
  front: z.strictObject({ ids: z.array(z.string()), checkedAt: time }).optional(),
  /** The first page when it was landed. */
  landed: digest.optional(),
  /** The channel was read to its end after its migration had ended. */
  migrated: z.boolean().optional(),
});

/** Which channels of a team its mark covers, by their state: a migrated channel got old messages after it was made. */
const coverSchema = z.strictObject({
  version: z.literal(2),
  channels: z.record(z.string(), z.enum(['made', 'migrated'])),
  /** The team was exported, and its channels were not listed yet: whether messages without a time, which no range of time holds, may be missing. */
  unlisted: z.enum(['none', 'possible', 'seen']).optional(),
  /** Nothing was listed: what is there later was not seen by the export. */
  empty: z.boolean().optional(),
});

/** Positions as written before there was a version in them. */
const formerSchema = z.looseObject({
  version: z.undefined().optional(),
  through: time.optional(),
  slices: z.array(z.looseObject({ from: time, to: time })).optional(),
  list: z.looseObject({ nextLink: z.string(), through: time }).optional(),
  delta: z.looseObject({ link: z.string(), done: z.boolean(), at: time }).optional(),
  deltaRefusedAt: time.optional(),
});

/** A stretch of time that could not be read; with an id: what is below a record that began then. Owns [from, to). */
const windowGapSchema = z.strictObject({ from: time, to: time, id: z.string().optional(), failed: failureSchema });

/** How far windows of time were read: every record of before `through`, and none of before `since`, except `gaps`. */
const windowsSchema = z.strictObject({
  version: z.literal(1),
  through: time,
  since: time,
  until: time.optional(),
  gaps: z.array(windowGapSchema).readonly().optional(),
  cycle: z.string().optional(),
});

export type Failure = z.output<typeof failureSchema>;
export type Range = z.output<typeof rangeSchema>;
export type ListRest = z.output<typeof restSchema>;
export type ThreadGap = z.output<typeof threadSchema>;
export type RangesPosition = z.output<typeof rangesSchema>;
export type ListPosition = z.output<typeof listSchema>;
export type Cover = z.output<typeof coverSchema>;
export type WindowGap = z.output<typeof windowGapSchema>;
export type WindowsPosition = z.output<typeof windowsSchema>;
export type ChannelState = Cover['channels'][string];

export const newRangesPosition: RangesPosition = { version: 2, ranges: [] };
export const newListPosition: ListPosition = { version: 2, rest: [], threads: [] };

/** The first export asked for nothing older than this: what a position of that time says about the beginning. */
const FORMER_EDGE = '2016-11-01T00:00:00.000Z';

/** The stored position of an export. @throws SluiceError `position_invalid` */
export function parseRangesPosition(key: PartitionKey, stored: Position | undefined): RangesPosition {
  if (stored === undefined) return newRangesPosition;
  if (stored['version'] !== undefined) return parsed(rangesSchema, key, stored);
  const former = parsed(formerSchema, key, stored);
  // An unfinished read of that time does not know when it began: it begins again.
  return former.through === undefined
    ? newRangesPosition
    : { version: 2, ranges: [], through: former.through, since: FORMER_EDGE };
}

/** The stored position of a list. @throws SluiceError `position_invalid` */
export function parseListPosition(key: PartitionKey, stored: Position | undefined): ListPosition {
  if (stored === undefined) return newListPosition;
  if (stored['version'] !== undefined) return parsed(listSchema, key, stored);
  const former = parsed(formerSchema, key, stored);
  const { through, delta, deltaRefusedAt } = former;
  // What the list promised then: its own next read finds the rest, an export does not.
  return {
    ...newListPosition,
    listed: through,
    delta: delta?.done ? { link: delta.link, done: true, at: delta.at } : undefined,
    deltaRefusedAt,
    migrated: true,
  };
}

/** Which channels the mark of a team covers; undefined when that was not written down yet. @throws SluiceError `position_invalid` */
export function parseCover(key: PartitionKey, stored: Position | undefined): Cover | undefined {
  return stored === undefined ? undefined : parsed(coverSchema, key, stored);
}

/** The stored position of windows of time; undefined: nothing was read. @throws SluiceError `position_invalid` */
export function parseWindowsPosition(key: PartitionKey, stored: Position | undefined): WindowsPosition | undefined {
  return stored === undefined ? undefined : parsed(windowsSchema, key, stored);
}

export const isWindowsPosition = (stored: Position): boolean => windowsSchema.safeParse(stored).success;

/** To be read once more from its beginning: rows stay, the lower edge stays, everything else is open. */
export function rangesReadAgain(position: RangesPosition): RangesPosition {
  const { landed: _, ...unread } = position;
  const { through, since, deltaRefusedAt } = position;
  return through === undefined ? unread : { ...newRangesPosition, since, deltaRefusedAt, again: true };
}

/** The same for a list: its marks stay, and the whole list below them is open. */
export function listReadAgain(position: ListPosition): ListPosition {
  const { through, listed, seen, since, migrated, deltaRefusedAt } = position;
  return { ...newListPosition, through, listed, seen, since, migrated, deltaRefusedAt, rest: [{ from: since }] };
}

/** All that is missing in one of them. */
export function unfilledOf(...positions: readonly { readonly unfilled?: readonly string[] | undefined }[]): {
  unfilled?: string[];
} {
  const names = [...new Set(positions.flatMap(({ unfilled }) => unfilled ?? []))];
  return names.length > 0 ? { unfilled: names } : {};
}

/** What goes into the lake: members without a value are left out. */
export function storedPosition(position: RangesPosition | ListPosition | Cover | WindowsPosition): Position {
  return JSON.parse(JSON.stringify(position)) as Position;
}

/** The later of two instants; absent counts as never. */
export function laterInstant(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return Date.parse(a) >= Date.parse(b) ? a : b;
}

export const instant = (ms: number): string => new Date(ms).toISOString();

/** The instant in ms, or undefined. */
export const msOf = (at: string | undefined): number | undefined => (at === undefined ? undefined : Date.parse(at));

function parsed<T>(schema: z.ZodType<T>, key: PartitionKey, stored: Position): T {
  const result = schema.safeParse(stored);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw strategyErrors.position_invalid({ partition: key, place: issue?.path.join('.') || 'its root' });
}

/** True when a beginning lies before the edge that a position has. */
export function isWider(sinceMs: number | undefined, since: string | undefined): boolean {
  return sinceMs !== undefined && since !== undefined && sinceMs < Date.parse(since);
}
