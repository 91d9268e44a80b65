import type { Page } from '../graph/types.ts';
import { type ListPartition, landPage, listOf, partitionOf } from './context.ts';
import { isOpen } from './cover.ts';
import { type Beside, estimateDelta, readDelta } from './delta-rounds.ts';
import { estimateList } from './list-estimate.ts';
import { listRead } from './list-read.ts';
import { withLost } from './lost-records.ts';
import { latestSeen } from './marks.ts';
import { type Chain, messagesOf, ownMs, repliesOf } from './message-times.ts';
import { instant, type ListPosition, msOf, type ThreadGap } from './position.ts';
import { readRecent } from './recent.ts';
import { hiddenReplies, landReplies } from './replies.ts';
import type { ReadContext, Reader } from './strategy.ts';

/** Reads one channel through its delta link, with its list beside it. */
export const reader: Reader = {
  read: async (context, place) => {
    const partition = listRead(context, place);
    if (context.untilMs !== undefined) {
      await readRecent(context, partition);
      return;
    }
    const { outcome, error } = await readDelta(context, partition, besideList(context, partition));
    if (outcome === 'read') return;
    const [from, to] = [context.way.strategy.name, listOf(context).strategy.name];
    context.fallback(error, { partition: partitionOf(place), from, to });
  },
  estimate: (context, place) => {
    const partition = listRead(context, place);
    if (context.untilMs !== undefined) return estimateList(context, partition, place);
    return estimateDelta(context, partition, { isOpen, estimate: () => estimateList(context, partition, place) });
  },
  partitionOf,
};

const besideList = (context: ReadContext, partition: ListPartition): Beside<ListPosition> => ({
  isOpen,
  openParts: ({ rest, threads }) => [...rest, ...threads],
  catchUp: (position) => readRecent(context, { ...partition, position }),
  land: (position, page) => land(context, partition, position, page),
  reach: (position, mark) => ({ ...position, through: mark, listed: mark }),
});

async function land(
  context: ReadContext,
  partition: ListPartition,
  position: ListPosition,
  page: Page,
): Promise<ListPosition> {
  const chains: readonly Chain[] = messagesOf(page);
  const { since } = position;
  await landPage(context, partition, page, { since });
  const gaps: ThreadGap[] = [];
  for (const thread of hiddenReplies(page, chains)) {
    const gap = await landReplies(context, partition, { ...thread, since });
    if (gap) gaps.push(gap);
  }
  const times = chains.flatMap((chain) => [chain, ...repliesOf(chain)].map(ownMs));
  const seenMs = latestSeen(msOf(position.seen), times, page);
  const known = position.threads.filter(({ id }) => gaps.every((gap) => gap.id !== id));
  const rest = withLost(position.rest, { page, route: listOf(context).route, nowMs: context.now() });
  return { ...position, rest, threads: [...known, ...gaps], ...(seenMs !== undefined && { seen: instant(seenMs) }) };
}
