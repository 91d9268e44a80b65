import { allowsOtherRead } from '../errors/graph-error.ts';
import { isUnlicensed } from '../errors/graph-refusals.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import { positionKey } from '../lake/log/partition-key.ts';
import { forEachLimited } from '../runtime/concurrency.ts';
import { exportOf, listingName, listOf, partitionOf, type RangesPartition } from './context.ts';
import { exportPositionOf, isListedToo, isOpen, isOutsideExport, stateOf } from './cover.ts';
import { retain, saveCover, saveUnlisted, uncover } from './covered.ts';
import { estimateExport } from './export-estimate.ts';
import { type ExportResult, readExport, type Untimed } from './export-ranges.ts';
import { estimateList } from './list-estimate.ts';
import { isReadBefore, listPositionOf, listRead, rangesPositionOf, standingOf } from './list-read.ts';
import { storedPosition } from './position.ts';
import { readRecent } from './recent.ts';
import type { EstimateContext, EstimatedRequests, Place, ReadContext, Reader, Stored, Way } from './strategy.ts';
import { isStretchRead, stretchPartition, stretchRanges } from './stretch.ts';

/** Lists of one place read side by side; Graph allows one request a second for each. */
const PARALLEL_LISTS = 16;

/**
 * Reads the messages of all channels of a team in one list, or of all chats of a user; below it is said of channels. What
 * the list leaves out, and what was there before the service could show it, is read by the channels' own lists; a refused
 * export too.
 */
export const reader: Reader = readerOfMany({ read: readExport, estimate: estimateExport });

/** How the one list of many places is read. */
export interface ListOfMany {
  /** @param onUntimed - as {@link readExport} has it */
  read(
    context: ReadContext,
    partition: RangesPartition,
    onUntimed: (untimed: Untimed) => void,
  ): Promise<Pick<ExportResult, 'untimed'>>;
  estimate: typeof estimateExport;
}

/** Reads one list of many places, with their own lists beside it. */
export function readerOfMany(many: ListOfMany): Reader {
  return {
    read: (context, place) => read(context, place, many),
    estimate: (context, place) => estimate(context, place, many),
    partitionOf,
    retain,
  };
}

async function read(outer: ReadContext, place: Place, many: ListOfMany): Promise<void> {
  if (outer.untilMs !== undefined) return readStretch(outer, place);
  const known = await channelsOf(outer, place);
  const channels = known ?? [];
  if (known) uncover(outer, place, known);
  const context = await closeLists(outer, place, channels);
  const listed = channels.filter((channel) => isListedBesideExport(context, channel, channels));
  let read: ReadonlySet<string> = new Set();
  let untimed: Untimed | undefined;
  const parts = [
    async (inner: ReadContext) => {
      untimed = await readExported(inner, place, { channels, listed, many });
    },
    async (inner: ReadContext) => {
      read = await readLists(inner, listed, listOf(inner));
    },
  ];
  await forEachLimited(parts, parts.length, context.signal, (part, signal) => part({ ...context, signal }));
  if (untimed === undefined) return;
  if (known === undefined) saveUnlisted(context, place, untimed);
  else saveCover(context, place, channels, (channel) => !listed.includes(channel) || read.has(channel.item.id));
}

/** Reads a stretch of time. What marks cover is not changed, so what the export leaves out comes by list in every such run. */
async function readStretch(context: ReadContext, place: Place): Promise<void> {
  const channels = (await channelsOf(context, place)) ?? [];
  const outside = channels.filter(({ item }) => isOutsideExport(item));
  const others = channels.filter((channel) => !outside.includes(channel));
  const parts: readonly ((inner: ReadContext) => Promise<unknown>)[] = [
    (inner) =>
      orByLists(inner, { place, others }, async () => {
        const partition = stretchRead(inner, place);
        if (!isStretchRead(inner, partition.position)) await readExport({ ...inner, way: exportOf(inner) }, partition);
        return partition;
      }),
    (inner) => readLists(inner, outside, listOf(inner)),
  ];
  await forEachLimited(parts, parts.length, context.signal, async (part, signal) => {
    await part({ ...context, signal });
  });
}

const stretchRead = (
  stored: Stored & Pick<ReadContext, 'sinceMs' | 'untilMs' | 'cycle'>,
  place: Place,
): RangesPartition => ({
  key: partitionOf(place),
  storedAs: stretchPartition(place),
  ids: place.ids,
  readBefore: true,
  position: stretchRanges(stored, place),
});

/** The channels; undefined, with an outcome, when they cannot be listed: the export is read all the same. */
async function channelsOf(context: ReadContext, place: Place): Promise<readonly Place[] | undefined> {
  try {
    return await context.below(place);
  } catch (error) {
    // Their export is refused alike.
    if (isUnlicensed(error)) throw error;
    context.skip(error, listingName(place));
    return undefined;
  }
}

interface Exported {
  readonly channels: readonly Place[];
  /** Those that are read by their lists too. */
  readonly listed: readonly Place[];
  readonly many: ListOfMany;
}

/** @returns what export may have left out; undefined: the place was not read by export */
async function readExported(
  context: ReadContext,
  place: Place,
  { channels, listed, many }: Exported,
): Promise<Untimed | undefined> {
  const others = channels.filter((channel) => !listed.includes(channel) && !isOutsideExport(channel.item));
  return orByLists(context, { place, others }, async () => {
    const partition = exportRead(context, place, channels);
    const isFirst = partition.position.through === undefined;
    // A run that dies before the channels are listed leaves that to the next one.
    const { untimed } = await many.read(context, partition, (left) => saveUnlisted(context, place, left));
    const open = isFirst ? others.filter((channel) => isOpen(listPositionOf(context, channel))) : [];
    const closed = isFirst ? others.filter((channel) => !open.includes(channel)) : [];
    for (const channel of closed) forget(context, partitionOf(channel));
    // No range of time holds messages without a time: their channels are read to the end.
    const isUnreached = ({ item }: Place) => untimed === 'seen' || stateOf(item) === 'migrated';
    const unreached = others.filter((channel) => untimed !== 'none' && isUnreached(channel));
    await readLists(context, [...new Set([...open, ...unreached])], listOf(context));
    return untimed;
  });
}

/** Reads by export; by the lists of the channels when that is refused. @returns undefined: not by export */
async function orByLists<T>(
  context: ReadContext,
  { place, others }: { readonly place: Place; readonly others: readonly Place[] },
  byExport: () => Promise<T>,
): Promise<T | undefined> {
  const [fallback] = context.fallbacks;
  try {
    return await byExport();
  } catch (error) {
    if (!allowsOtherRead(error) || !fallback) {
      context.skip(error, partitionOf(place));
      return undefined;
    }
    const [from, to] = [context.way.strategy.name, fallback.strategy.name];
    context.fallback(error, { partition: partitionOf(place), from, to });
    await readLists(context, others, fallback);
    return undefined;
  }
}

/** @returns ids of the channels that were read to their end, gaps excepted */
async function readLists(context: ReadContext, channels: readonly Place[], way: Way): Promise<ReadonlySet<string>> {
  const read = new Set<string>();
  const { read: readList } = await way.strategy.load();
  await forEachLimited(channels, PARALLEL_LISTS, context.signal, async (channel, signal) => {
    try {
      await context.once(channel, () => readList({ ...context, way, signal }, channel));
      read.add(channel.item.id);
    } catch (error) {
      context.skip(error, partitionOf(channel));
    }
  });
  return read;
}

/**
 * Channels of a team that were read one by one before may still miss, for an export, what moved while they were listed:
 * they are listed once more.
 *
 * @returns the context with what they have earned
 */
async function closeLists(context: ReadContext, place: Place, channels: readonly Place[]): Promise<ReadContext> {
  const exported = channels.filter(({ item }) => !isOutsideExport(item));
  const isRead = exported.every((channel) => listPositionOf(context, channel).listed !== undefined);
  if (rangesPositionOf(context, place).through !== undefined || !isRead) return context;
  const unclosed = exported.filter((channel) => listPositionOf(context, channel).through === undefined);
  const positions = new Map(context.positions);
  await forEachLimited(unclosed, PARALLEL_LISTS, context.signal, async (channel, signal) => {
    const partition = listRead(context, channel);
    try {
      const position = await readRecent({ ...context, signal }, partition);
      positions.set(positionKey(context.resource, partition.key), storedPosition(position));
    } catch (error) {
      // The team is then exported from the beginning.
      if (signal.aborted || !isSluiceError(error)) throw error;
    }
  });
  return { ...context, positions };
}

/** Where the export of a place begins, as far as the stored positions tell. */
function exportRead(stored: Stored, place: Place, channels: readonly Place[]): RangesPartition {
  const own = rangesPositionOf(stored, place);
  const partition = { key: partitionOf(place), ids: place.ids, readBefore: isReadBefore(stored, [place, ...channels]) };
  if (own.through !== undefined) return { ...partition, position: own };
  const exported = channels.filter(({ item }) => !isOutsideExport(item));
  const earned = exportPositionOf(exported.map((channel) => listPositionOf(stored, channel)));
  return { ...partition, position: earned ?? own };
}

/** True when a channel of an exported team is read by its list too. @param channels - all of the team */
function isListedBesideExport(stored: Stored, channel: Place, channels: readonly Place[]): boolean {
  const team = exportRead(stored, channel.parent!, channels).position;
  return isListedToo(channel.item, { ...standingOf(stored, channel), team });
}

function forget({ load, resource, positions }: ReadContext, partition: string): void {
  if (positions.has(positionKey(resource, partition))) load.advance(resource, partition, null);
}

async function estimate(context: EstimateContext, place: Place, many: ListOfMany): Promise<EstimatedRequests[]> {
  const channels = await context.below(place);
  if (context.untilMs !== undefined) return estimateStretch(context, place, channels);
  const listed = channels.filter((channel) => isListedBesideExport(context, channel, channels));
  const parts = [
    estimateMany(context, place, { channels, listed, many }),
    estimateLists(context, listed, listOf(context)),
  ];
  return (await Promise.all(parts)).flat();
}

async function estimateStretch(
  context: EstimateContext,
  place: Place,
  channels: readonly Place[],
): Promise<EstimatedRequests[]> {
  const outside = channels.filter(({ item }) => isOutsideExport(item));
  const others = channels.filter((channel) => !outside.includes(channel));
  const byExport = { ...context, way: exportOf(context) };
  const parts = [
    estimateOrLists(context, others, () => estimateExport(byExport, stretchRead(context, place))),
    estimateLists(context, outside, listOf(context)),
  ];
  return (await Promise.all(parts)).flat();
}

async function estimateMany(
  context: EstimateContext,
  place: Place,
  { channels, listed, many }: Exported,
): Promise<readonly EstimatedRequests[]> {
  const others = channels.filter((channel) => !listed.includes(channel));
  return estimateOrLists(context, others, () => many.estimate(context, exportRead(context, place, channels)));
}

async function estimateOrLists(
  context: EstimateContext,
  others: readonly Place[],
  byExport: () => Promise<readonly EstimatedRequests[]>,
): Promise<readonly EstimatedRequests[]> {
  const [fallback] = context.fallbacks;
  try {
    return await byExport();
  } catch (error) {
    if (!allowsOtherRead(error) || !fallback) throw error;
    return estimateLists(context, others, fallback);
  }
}

async function estimateLists(
  context: EstimateContext,
  channels: readonly Place[],
  way: Way,
): Promise<EstimatedRequests[]> {
  const estimates = channels.map((channel) => estimateList({ ...context, way }, listRead(context, channel), channel));
  return (await Promise.all(estimates)).flat();
}
