import { type ListPartition, partitionOf } from './context.ts';
import { estimateList } from './list-estimate.ts';
import { listRead } from './list-read.ts';
import type { ListPosition } from './position.ts';
import { RecentRead } from './recent-read.ts';
import type { ReadContext, Reader } from './strategy.ts';
import { isStretchRead } from './stretch.ts';

export const reader: Reader = {
  read: async (context, place) => {
    await readRecent(context, listRead(context, place));
  },
  estimate: (context, place) => estimateList(context, listRead(context, place), place),
  partitionOf,
};

/**
 * Reads one channel newest chain first, replies inline, down to the mark of the last read, then what earlier reads left
 * open. The list is ordered by the activity of the whole chain, so the first chain older than the mark ends the read.
 *
 * A chain that moves to the front while several pages are read is missed by them; the front is read again, down to the
 * begin of the read before, until it fits one page. That page shows the channel at one moment: only then is the mark
 * that all strategies share moved.
 *
 * @param options.full - read to the end, whatever the mark says
 * @returns where reading stands now
 */
export async function readRecent(
  context: ReadContext,
  partition: ListPartition,
  options: { readonly full?: boolean | undefined } = {},
): Promise<ListPosition> {
  if (isStretchRead(context, partition.position)) return partition.position;
  const list = new RecentRead(context, partition);
  await list.run(options.full ?? false);
  return list.position;
}
