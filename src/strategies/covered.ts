import { isCovered, isOutsideExport, stateOf } from './cover.ts';
import type { Untimed } from './export-ranges.ts';
import { coverOf, coverPartition, standingOf } from './list-read.ts';
import { type Cover, storedPosition } from './position.ts';
import { pathsRead } from './standing.ts';
import type { Place, ReadContext, Stored } from './strategy.ts';

/** Writes down that a team was exported and its channels were not listed yet: what the export may have left out. What is known of them stays. */
export function saveUnlisted(context: ReadContext, place: Place, unlisted: Untimed): void {
  if (coverOf(context, place) !== undefined) return;
  saveCoverOf(context, coverPartition(place), { version: 2, channels: {}, unlisted });
}

/** What is not listed is not in this export: covered no more, also when the run dies before it writes down what is. */
export function uncover(context: ReadContext, place: Place, channels: readonly Place[]): void {
  const cover = coverOf(context, place);
  const ids = new Set(channels.map(({ item }) => item.id));
  const kept = Object.entries(cover?.channels ?? {}).filter(([id]) => ids.has(id));
  if (cover === undefined || kept.length === Object.keys(cover.channels).length) return;
  saveCoverOf(context, coverPartition(place), {
    ...cover,
    channels: Object.fromEntries(kept),
    empty: kept.length === 0,
  });
}

/** Writes down which channels the mark of a team covers now. */
export function saveCover(
  context: ReadContext,
  place: Place,
  channels: readonly Place[],
  isRead: (channel: Place) => boolean,
): void {
  const covered = channels.flatMap((channel) => {
    const state = stateOf(channel.item);
    if (state === undefined || isOutsideExport(channel.item)) return [];
    const isWhole = isRead(channel) || isCovered(channel.item, standingOf(context, channel));
    return isWhole ? [[channel.item.id, state] as const] : [];
  });
  const empty = channels.length === 0 || undefined;
  saveCoverOf(context, coverPartition(place), { version: 2, channels: Object.fromEntries(covered), empty });
}

const saveCoverOf = ({ load, resource }: Pick<ReadContext, 'load' | 'resource'>, partition: string, cover: Cover) =>
  load.advance(resource, partition, storedPosition(cover));

/** A place that is not listed any more covers nothing: when it comes back, its channels are read to the end. */
export function retain(
  context: Stored & Pick<ReadContext, 'load'>,
  listed: ReadonlySet<string>,
  kinds: ReadonlySet<string>,
): void {
  for (const top of new Set(pathsRead(context.positions, context.resource, kinds).map(([id]) => id!))) {
    if (!listed.has(top)) saveCoverOf(context, coverPartition({ path: [top] }), { version: 2, channels: {} });
  }
}
