import { type ListPartition, listOf } from './context.ts';
import { listRequest } from './list-read.ts';
import { activityMs, messagesOf } from './message-times.ts';
import { repliesOfList } from './replies.ts';
import type { EstimateContext, EstimatedRequests, Place } from './strategy.ts';

/** The requests that reading a list takes: what was read before costs one (at least), a first load as many as its pages. */
export async function estimateList(
  context: EstimateContext,
  { position, ids }: ListPartition,
  place: Place,
  options: { readonly full?: boolean | undefined } = {},
): Promise<EstimatedRequests[]> {
  const { listed, rest } = position;
  const isDone = listed !== undefined && rest.every(({ failed }) => failed !== undefined);
  const isKnown = isDone && !options.full;
  const { pages, replyPages } = isKnown ? { pages: 1, replyPages: 0 } : await estimateListPages(context, place);
  const list = listOf(context);
  const request = { method: 'GET', ids, isSize: !isKnown } as const;
  return [
    { ...request, route: list.route, count: pages },
    { ...request, route: repliesOfList(list).route, count: replyPages },
  ];
}

/** Requests that a list takes. */
interface ListEstimate {
  readonly pages: number;
  /** Requests for replies beyond those that the list gives inline. */
  readonly replyPages: number;
}

/**
 * Estimates the pages of a list from its first one: the newest chains reach back so far, so all of them, back to the
 * beginning of the place, fill so many pages more. A list of one page is counted exactly.
 */
async function estimateListPages(context: EstimateContext, { ids, item }: Place): Promise<ListEstimate> {
  const { graph, signal, sinceMs: fromMs } = context;
  const page = await graph.page(listRequest(listOf(context), ids), signal);
  const replyPages = page.replyLinks.length;
  const oldestMs = Math.min(...messagesOf(page).map(activityMs));
  if (page.nextLink === undefined || (fromMs !== undefined && oldestMs < fromMs)) return { pages: 1, replyPages };
  const createdMs = Date.parse(String(item['createdDateTime'] ?? ''));
  const beginMs = Math.max(fromMs ?? Number.NEGATIVE_INFINITY, Number.isNaN(createdMs) ? oldestMs : createdMs);
  const share = (page.serviceTimeMs - beginMs) / Math.max(1, page.serviceTimeMs - oldestMs);
  const pages = Math.max(2, Math.round(share));
  // Once more the front, for what moved there meanwhile.
  return { pages: pages + 1, replyPages: replyPages * pages };
}
