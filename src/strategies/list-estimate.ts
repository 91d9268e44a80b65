import { cappedPages } from './budget.ts';
import { type ListPartition, listOf } from './context.ts';
import { listRequest } from './list-read.ts';
import { activityMs, messagesOf } from './message-times.ts';
import { type ListRest, msOf } from './position.ts';
import { repliesOfList } from './replies.ts';
import type { EstimateContext, EstimatedRequests, Place } from './strategy.ts';
import { isStretchRead } from './stretch.ts';

/** The requests that reading a list takes: what was read before costs one (at least), a first load as many as its pages. */
export async function estimateList(
  context: EstimateContext,
  { position, ids }: ListPartition,
  place: Place,
  options: { readonly full?: boolean | undefined } = {},
): Promise<EstimatedRequests[]> {
  if (isStretchRead(context, position)) return [];
  const { listed, rest, cycle } = position;
  const isBegun = listed !== undefined && (!options.full || (cycle !== undefined && cycle === context.cycle));
  const open = isBegun ? rest.filter(({ failed }) => failed === undefined) : undefined;
  const isKnown = open?.length === 0;
  const list = listOf(context);
  const whole = isKnown ? { pages: 1, replyPages: 0 } : await estimateListPages(context, place, open);
  const { pages, isCut } = cappedList(whole.pages, { isBegun, most: cappedPages(context.caps, list.pageSize) });
  const replyPages = Math.ceil((whole.replyPages * pages) / whole.pages);
  const request = { method: 'GET', ids, isSize: !isKnown } as const;
  return [
    { ...request, route: list.route, count: pages, isCut },
    { ...request, route: repliesOfList(list).route, count: replyPages },
  ];
}

/** Of the pages of a list, with its front once more at the end, those that caps allow: the front itself is not counted. */
function cappedList(pages: number, { isBegun, most }: { readonly isBegun: boolean; readonly most: number }) {
  const further = pages - 2;
  if (further <= most) return { pages, isCut: false };
  // Where a first read is cut, its front is not looked at once more.
  return { pages: most + (isBegun ? 2 : 1), isCut: true };
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
 *
 * @param open - what earlier runs left of it: the rest is known
 */
async function estimateListPages(
  context: EstimateContext,
  { ids, item }: Place,
  open: readonly ListRest[] | undefined,
): Promise<ListEstimate> {
  const { graph, signal, sinceMs: fromMs } = context;
  const page = await graph.page(listRequest(listOf(context), ids), signal);
  const replyPages = page.replyLinks.length;
  const oldestMs = Math.min(...messagesOf(page).map(activityMs));
  if (page.nextLink === undefined || (fromMs !== undefined && oldestMs < fromMs)) return { pages: 1, replyPages };
  const createdMs = Date.parse(String(item['createdDateTime'] ?? ''));
  const beginMs = Math.max(fromMs ?? Number.NEGATIVE_INFINITY, Number.isNaN(createdMs) ? oldestMs : createdMs);
  const pageMs = Math.max(1, page.serviceTimeMs - oldestMs);
  const pagesOf = (startMs: number, toMs: number) => Math.round((toMs - Math.max(startMs, beginMs)) / pageMs);
  const left = open?.reduce((sum, { from, to }) => {
    return sum + Math.max(1, pagesOf(msOf(from) ?? beginMs, msOf(to) ?? page.serviceTimeMs));
  }, 1);
  const pages = left ?? Math.max(2, pagesOf(beginMs, page.serviceTimeMs));
  // Once more the front, for what moved there meanwhile.
  return { pages: pages + 1, replyPages: replyPages * pages };
}
