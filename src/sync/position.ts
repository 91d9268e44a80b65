import { z } from 'zod';
import { SluiceError } from '../errors/sluice-error.ts';
import type { PartitionKey, Position } from '../lake/types.ts';

/** ISO 8601, to the millisecond: what Graph's filters take and what compares as text does not. */
const time = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'must be a time');

const failureSchema = z.strictObject({
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

/** The older part of a channel's list: chains below the last one read, down to `from` (exclusive), or to the end. */
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
  /** The latest time of change that was seen: no mark goes further than the overlap beyond it. */
  seen: time.optional(),
  /** Tables, and columns as `table.column`, that came after it was read: rows from before lack them. */
  unfilled: z.array(z.string()).optional(),
};

const teamSchema = z.strictObject({
  ...common,
  ranges: z.array(rangeSchema),
  /** It was read before and is to be read once more, from its own lower edge. */
  again: z.boolean().optional(),
});

const channelSchema = z.strictObject({
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
  /** A delta round: the next page of it, or the link for the next round. */
  delta: z.strictObject({ link: z.string(), done: z.boolean(), at: time, startedAt: time.optional() }).optional(),
  /** Since when the service refuses delta for this channel; it is tried again after some days. */
  deltaRefusedAt: time.optional(),
  /** The channel was read to its end after its migration had ended. */
  migrated: z.boolean().optional(),
});

/** Which channels of a team its mark covers, by their state: a migrated channel got old messages after it was made. */
const coverSchema = z.strictObject({
  version: z.literal(2),
  channels: z.record(z.string(), z.enum(['made', 'migrated'])),
  /** The team was exported, and its channels were not listed yet: whether messages without a time, which no range of time holds, may be missing. */
  unlisted: z.enum(['none', 'possible', 'seen']).optional(),
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

export type Failure = z.output<typeof failureSchema>;
export type Range = z.output<typeof rangeSchema>;
export type ListRest = z.output<typeof restSchema>;
export type ThreadGap = z.output<typeof threadSchema>;
export type TeamPosition = z.output<typeof teamSchema>;
export type ChannelPosition = z.output<typeof channelSchema>;
export type Cover = z.output<typeof coverSchema>;
export type ChannelState = Cover['channels'][string];

export const newTeamPosition: TeamPosition = { version: 2, ranges: [] };
export const newChannelPosition: ChannelPosition = { version: 2, rest: [], threads: [] };

/** The first export asked for nothing older than this: what a position of that time says about the beginning. */
const FORMER_EDGE = '2016-11-01T00:00:00.000Z';

export const teamPartition = (teamId: string): string => `team:${teamId}`;
export const channelPartition = (teamId: string, channelId: string): string => `channel:${teamId}/${channelId}`;
export const coverPartition = (teamId: string): string => `cover:${teamId}`;

/** The stored position of a team. @throws SluiceError `position_invalid` */
export function parseTeamPosition(key: PartitionKey, stored: Position | undefined): TeamPosition {
  if (stored === undefined) return newTeamPosition;
  if (stored['version'] !== undefined) return parsed(teamSchema, key, stored);
  const former = parsed(formerSchema, key, stored);
  // An unfinished read of that time does not know when it began: it begins again.
  return former.through === undefined
    ? newTeamPosition
    : { version: 2, ranges: [], through: former.through, since: FORMER_EDGE };
}

/** The stored position of a channel. @throws SluiceError `position_invalid` */
export function parseChannelPosition(key: PartitionKey, stored: Position | undefined): ChannelPosition {
  if (stored === undefined) return newChannelPosition;
  if (stored['version'] !== undefined) return parsed(channelSchema, key, stored);
  const former = parsed(formerSchema, key, stored);
  const { through, delta, deltaRefusedAt } = former;
  // What the list promised then: its own next read finds the rest, an export does not.
  return {
    ...newChannelPosition,
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

/** To be read once more from its beginning: rows stay, the lower edge stays, everything else is open. */
export function teamReadAgain(position: TeamPosition): TeamPosition {
  const { through, since } = position;
  return through === undefined ? position : { ...newTeamPosition, since, again: true };
}

/** The same for a channel: its marks stay, and the whole list below them is open. */
export function channelReadAgain(position: ChannelPosition): ChannelPosition {
  const { through, listed, seen, since, migrated, deltaRefusedAt } = position;
  return { ...newChannelPosition, through, listed, seen, since, migrated, deltaRefusedAt, rest: [{ from: since }] };
}

/** All that is missing in one of them. */
export function unfilledOf(...positions: readonly { readonly unfilled?: readonly string[] | undefined }[]): {
  unfilled?: string[];
} {
  const names = [...new Set(positions.flatMap(({ unfilled }) => unfilled ?? []))];
  return names.length > 0 ? { unfilled: names } : {};
}

/** The team whose messages a position is about, and the channel if it is one's; undefined: it says something else. */
export function placeOf(key: PartitionKey): { readonly teamId: string; readonly channelId?: string } | undefined {
  const [, teamId] = /^[^/]+\/team:([^/]+)$/.exec(key) ?? [];
  if (teamId !== undefined) return { teamId };
  const [, owner, channelId] = /^[^/]+\/channel:([^/]+)\/(.+)$/.exec(key) ?? [];
  return owner === undefined ? undefined : { teamId: owner, channelId: channelId! };
}

/** What goes into the lake: members without a value are left out. */
export function storedPosition(position: TeamPosition | ChannelPosition | Cover): Position {
  return JSON.parse(JSON.stringify(position)) as Position;
}

/** Teams of which some channel was read on its own. */
export function teamsReadByChannel(positions: ReadonlyMap<PartitionKey, Position>): ReadonlySet<string> {
  return new Set([...positions.keys()].flatMap((key) => /\/channel:([^/]+)\//.exec(key)?.[1] ?? []));
}

/** Teams of which a first load has ended, of the team or of some channel. */
export function teamsReadBefore(positions: ReadonlyMap<PartitionKey, Position>): ReadonlySet<string> {
  const read = [...positions].filter(([, position]) => 'through' in position || 'listed' in position);
  return new Set(read.flatMap(([key]) => /\/(?:team|channel):([^/]+)/.exec(key)?.[1] ?? []));
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
  throw new SluiceError({
    code: 'position_invalid',
    recovery: 'user_action',
    surface: 'graph',
    message: `The stored position of ${key} cannot be read (at "${issue?.path.join('.') || 'its root'}").`,
    hint: 'It was written by a newer Sluice, or changed by hand. Run the newer one, or sync into a new lake.',
    details: { partition: key },
  });
}
