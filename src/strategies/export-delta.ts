import type { Page } from '../graph/types.ts';
import { exportOf, FLAT, landPage, type RangesPartition } from './context.ts';
import { estimateDelta, readDelta } from './delta-rounds.ts';
import { recordLost } from './errors.ts';
import { readerOfMany } from './export.ts';
import { estimateExport } from './export-estimate.ts';
import { readExport, type Untimed } from './export-ranges.ts';
import { failureOf } from './gaps.ts';
import { latestSeen, momentOf } from './marks.ts';
import { lostTimes, timesOnPage } from './message-times.ts';
import { instant, msOf, type Range, type RangesPosition } from './position.ts';
import type { ReadContext, Reader } from './strategy.ts';
import { newRange } from './time-slices.ts';

/** Reads what changed in many places through one delta link, with their export beside it. */
export const reader: Reader = readerOfMany({
  read: async (context, partition, onUntimed) => {
    let untimed: Untimed = 'none';
    const { outcome, error } = await readDelta(context, partition, {
      isOpen,
      openParts: ({ ranges }) => ranges,
      catchUp: async (position) => {
        const read = await readExport({ ...context, way: exportOf(context) }, { ...partition, position }, onUntimed);
        untimed = read.untimed;
        return read.position;
      },
      land: (position, page) => land(context, partition, position, page),
      reach: (position, mark) => ({ ...position, through: mark }),
    });
    const [from, to] = [context.way.strategy.name, exportOf(context).strategy.name];
    if (outcome === 'beside') context.fallback(error, { partition: partition.key, from, to });
    return { untimed };
  },
  estimate: (context, partition) => {
    const byExport = { ...context, way: exportOf(context) };
    return estimateDelta(context, partition, { isOpen, estimate: () => estimateExport(byExport, partition) });
  },
});

const isOpen = ({ ranges }: RangesPosition): boolean => ranges.length > 0;

async function land(
  context: ReadContext,
  partition: RangesPartition,
  position: RangesPosition,
  page: Page,
): Promise<RangesPosition> {
  await landPage(context, partition, page, { ...FLAT, since: position.since });
  const seenMs = latestSeen(msOf(position.seen), timesOnPage(page), page);
  const seen = seenMs === undefined ? undefined : instant(seenMs);
  return { ...position, seen, ranges: [...position.ranges, ...lostRanges(context, position, page)] };
}

/** The moments of change of records that are no JSON; of one that shows none, all that a round from the mark holds. */
function lostRanges(context: ReadContext, position: RangesPosition, page: Page): readonly Range[] {
  const lost = lostTimes(page);
  const failed = failureOf(recordLost(context.way.route), undefined, context.now());
  const roundMs = Date.parse(position.through!) - context.overlapMs;
  const ranges = lost.map((ms) =>
    Number.isNaN(ms) ? newRange(roundMs, momentOf(page, msOf(position.seen))) : newRange(ms - 1, ms),
  );
  const isKnown = (range: Range) => position.ranges.some(({ from, to }) => from === range.from && to === range.to);
  return ranges.filter((range) => !isKnown(range)).map((range) => ({ ...range, failed }));
}
