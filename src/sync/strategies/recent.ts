import type { Page, PageRequest } from '../../graph/types.ts';
import { channelMessages } from '../../resources/channel-messages.ts';
import { expandRoute } from '../../resources/types.ts';
import { records } from '../discovery.ts';
import { pagesFrom } from '../pages.ts';
import { instant, type MessagePosition } from '../position.ts';
import {
  advance,
  CLOCK_SKEW_MS,
  channelIds,
  isRefusedLink,
  landFurtherReplies,
  landPage,
  type MessagePartition,
  type ReadContext,
} from './context.ts';

const read = channelMessages.reads.find(({ strategy }) => strategy === 'recent')!;

/** A root message with its inline replies. */
export interface Chain {
  readonly lastModifiedDateTime: string;
  readonly replies?: readonly { readonly lastModifiedDateTime: string }[];
  readonly 'replies@odata.nextLink'?: string;
}

/**
 * Reads one channel newest chain first, replies inline, down to the mark of the last read.
 *
 * The list is ordered by the activity of the whole chain, so the first chain older than the mark ends the read. A chain
 * that moves to the front meanwhile is newer than the start of this read, which is the next mark: it comes next time.
 *
 * @param options.full - read to the end, whatever the mark says
 */
export async function readRecent(
  context: ReadContext,
  partition: MessagePartition,
  options: { full?: boolean } = {},
): Promise<void> {
  const { list, ...rest } = partition.position;
  if (list && !options.full) {
    try {
      return await readList(context, partition, list.nextLink, list.through);
    } catch (error) {
      if (!isRefusedLink(error)) throw error;
    }
  }
  await readList(context, { ...partition, position: options.full ? withoutMark(rest) : rest });
}

async function readList(
  context: ReadContext,
  partition: MessagePartition,
  link?: string,
  storedMark?: string,
): Promise<void> {
  const stopMs = stopBefore(context, partition.position);
  let through = storedMark;
  for await (const page of pagesFrom(context.graph, listRequest(channelIds(partition), link), context.signal)) {
    through ??= instant(page.serviceTimeMs - CLOCK_SKEW_MS);
    await landPage(context, partition, page);
    await landFurtherReplies(context, partition, page);
    if (stopMs !== undefined && endsBefore(page, stopMs)) break;
    if (page.nextLink !== undefined)
      advance(context, partition, { ...partition.position, list: { nextLink: page.nextLink, through } });
  }
  const { list: _, ...rest } = partition.position;
  advance(context, partition, { ...rest, through: through! });
}

function stopBefore(context: ReadContext, position: MessagePosition): number | undefined {
  return position.through === undefined ? context.sinceMs : Date.parse(position.through) - context.overlapMs;
}

/** True when the page reaches chains that are all older. A chain with more replies than shown says nothing. */
function endsBefore(page: Page, stopMs: number): boolean {
  const chains = records<Chain>(page).filter((chain) => chain['replies@odata.nextLink'] === undefined);
  return chains.some((chain) => activityMs(chain) < stopMs);
}

/** When something last happened in a chain, ms: the list is ordered by it. */
export function activityMs(chain: Chain): number {
  return Math.max(
    Date.parse(chain.lastModifiedDateTime),
    ...(chain.replies ?? []).map((reply) => Date.parse(reply.lastModifiedDateTime)),
  );
}

/** @param link - a further page; default: the first */
export function listRequest(ids: Readonly<Record<string, string>>, link?: string): PageRequest {
  return { url: link ?? expandRoute(read, ids), route: read.route, ids, replies: true };
}

function withoutMark(position: MessagePosition): MessagePosition {
  const { through: _, ...rest } = position;
  return rest;
}
