import { isBadRequest, isRefusedLink } from '../errors/graph-refusals.ts';
import { expandRoute } from '../graph/endpoint.ts';
import type { Page, PageRequest } from '../graph/types.ts';
import { advance, type ListPartition, landPage, listOf, partitionOf } from './context.ts';
import { isOpen } from './cover.ts';
import { gapOf, isPageFailure } from './gaps.ts';
import { estimateList } from './list-estimate.ts';
import { listRead } from './list-read.ts';
import { withLost } from './lost-records.ts';
import { latestSeen, markOf, momentOf } from './marks.ts';
import { type Chain, messagesOf, ownMs, repliesOf } from './message-times.ts';
import { pagesFrom } from './pages.ts';
import { instant, type ListPosition, msOf, type ThreadGap } from './position.ts';
import { isWider, readRecent } from './recent.ts';
import { hiddenReplies, landReplies } from './replies.ts';
import type { ReadContext, Reader } from './strategy.ts';

const DAY_MS = 86_400_000;

/** A channel that refused delta is asked again after this long. */
const PROBE_AGAIN_MS = 7 * DAY_MS;

/** A link older than this is replaced by a new round from the mark: the life of Teams delta tokens is not published. */
const REFRESH_AFTER_MS = 5 * DAY_MS;

export const reader: Reader = {
  read: async (context, place) => {
    const { outcome, error } = await readDelta(context, listRead(context, place));
    if (outcome === 'read') return;
    context.fallback(error, {
      partition: partitionOf(place),
      from: context.way.strategy.name,
      to: listOf(context).strategy.name,
    });
  },
  estimate: (context, place) => estimateList(context, listRead(context, place), place),
  partitionOf,
};

/** `by_list`: the list was read instead. */
export interface DeltaOutcome {
  readonly outcome: 'read' | 'by_list';
  /** Why, when it is not that the service serves no delta for this channel. */
  readonly error?: unknown;
}

const READ: DeltaOutcome = { outcome: 'read' };
const REFUSED: DeltaOutcome = { outcome: 'by_list' };

/**
 * Reads one channel through its delta link. Delta reaches back eight months only and may refuse a channel, so the first
 * load, and whatever a lost link leaves open, is read with the list: a round begins at the mark that the list earned. A
 * page of a round that stays bad cannot be passed by: what is new is read with the list, in every run until it heals.
 */
export async function readDelta(context: ReadContext, partition: ListPartition): Promise<DeltaOutcome> {
  const nowMs = context.now();
  const { delta, deltaRefusedAt } = partition.position;
  if (deltaRefusedAt !== undefined && Math.abs(nowMs - Date.parse(deltaRefusedAt)) < PROBE_AGAIN_MS) {
    await readRecent(context, partition);
    return REFUSED;
  }
  if (
    partition.position.through === undefined ||
    isOpen(partition.position) ||
    isWider(context.sinceMs, partition.position.since) ||
    delta === undefined ||
    Math.abs(nowMs - Date.parse(delta.at)) > REFRESH_AFTER_MS
  ) {
    return readAgain(context, partition);
  }
  try {
    await readRound(context, partition, delta);
    return READ;
  } catch (error) {
    if (!isRefusedLink(error) && !isPageFailure(error, context.signal)) throw error;
    return readAgain(context, partition);
  }
}

/** Reads what is open with the list, then begins a new delta round behind it. */
async function readAgain(context: ReadContext, partition: ListPartition): Promise<DeltaOutcome> {
  const { delta: _, ...before } = partition.position;
  const position = await readRecent(context, { ...partition, position: before });
  // A list that has a gap at its front has earned no mark to begin at.
  if (position.through === undefined) return READ;
  const fromMs = Math.min(Date.parse(position.through), context.now()) - context.overlapMs;
  const filter = encodeURIComponent(`lastModifiedDateTime gt ${instant(fromMs)}`);
  const link = `${expandRoute(context.way, partition.ids)}&$filter=${filter}`;
  try {
    await readRound(context, { ...partition, position }, { link });
    return READ;
  } catch (error) {
    if (isBadRequest(error)) {
      advance(context, partition.key, { ...position, deltaRefusedAt: instant(context.now()) });
      return REFUSED;
    }
    if (!isPageFailure(error, context.signal)) throw error;
    // A new round in the next run: what this one has shown is in the list too.
    advance(context, partition.key, position);
    return { outcome: 'by_list', error };
  }
}

async function readRound(
  context: ReadContext,
  partition: ListPartition,
  from: { readonly link: string; readonly done?: boolean; readonly startedAt?: string | undefined },
): Promise<void> {
  const request: PageRequest = {
    url: from.link,
    route: context.way.route,
    ids: partition.ids,
    delta: true,
    replies: true,
  };
  let { position } = partition;
  // A round that goes on began where it began.
  let startedAt = from.done ? undefined : from.startedAt;
  for await (const page of pagesFrom(context.graph, request, context.signal)) {
    position = await land(context, partition, position, page);
    const at = instant(momentOf(page, msOf(position.seen)));
    startedAt ??= at;
    const link = page.nextLink ?? page.deltaLink!;
    const done = page.deltaLink !== undefined;
    const mark = markOf({
      startedMs: Date.parse(startedAt),
      nowMs: context.now(),
      seenMs: msOf(position.seen),
      overlapMs: context.overlapMs,
      before: position.through,
    });
    position = {
      ...position,
      ...(done && { through: mark, listed: mark }),
      delta: { link, done, at, startedAt },
    };
    advance(context, partition.key, position);
  }
  nameGaps(context, partition, position);
}

/** Names what this round left open; what was open before it, the list has named. */
function nameGaps(context: ReadContext, { key, position: before }: ListPartition, after: ListPosition): void {
  const known = new Set<unknown>([...before.rest, ...before.threads]);
  for (const part of [...after.rest, ...after.threads]) {
    if (part.failed && !known.has(part))
      context.gap(gapOf({ resource: context.resource, partition: key }, { ...part, failed: part.failed }));
  }
}

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
