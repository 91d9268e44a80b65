import type { GraphClient } from '../graph/types.ts';
import { channelMessages } from '../resources/channel-messages.ts';
import { expandRoute } from '../resources/types.ts';
import { type DiscoveredChannel, records } from './discovery.ts';
import { instant } from './position.ts';
import { activityMs, type Chain, listRequest } from './strategies/recent.ts';
import { EPOCH_MS, sliceFilter, sliceRange } from './time-slices.ts';

const read = channelMessages.reads.find(({ strategy }) => strategy === 'export')!;

/** A slice of more than one page is looked at in so many parts: people do not write evenly over the months. */
const PARTS = 4;
/** A window is narrowed by this until one page holds it. */
const NARROW = 4;

interface Probe {
  readonly teamId: string;
  readonly nowMs: number;
  readonly random: () => number;
}

/**
 * Estimates the pages of a team's export. Graph gives no count, so each part of each time slice is probed with a window
 * that is narrowed until one page holds it: what the window holds stands for the part. Small slices are counted exactly.
 */
export async function estimateExportPages(
  graph: GraphClient,
  options: Probe & { fromMs: number },
  signal: AbortSignal,
): Promise<number> {
  const slices = sliceRange(options.fromMs, options.nowMs).map(({ from, to }) => ({
    fromMs: Date.parse(from),
    toMs: Math.min(Date.parse(to), options.nowMs),
  }));
  const counts = await Promise.all(slices.map((slice) => estimateSlice(graph, { ...options, ...slice }, signal)));
  const pages = counts.map((count) => Math.max(1, Math.ceil(count / read.pageSize!)));
  // A slice of several pages is checked against what changed meanwhile, with one more request.
  const check = pages.some((count) => count > 1) ? 1 : 0;
  return pages.reduce((sum, count) => sum + count, check);
}

/** A time range of a team. */
interface Range extends Probe {
  readonly fromMs: number;
  readonly toMs: number;
}

async function estimateSlice(graph: GraphClient, slice: Range, signal: AbortSignal): Promise<number> {
  const whole = await look(graph, slice, slice.toMs - slice.fromMs, signal);
  if (!whole.overflows) return whole.held;
  const lengthMs = (slice.toMs - slice.fromMs) / PARTS;
  const parts = Array.from({ length: PARTS }, (_, index) => ({ ...slice, fromMs: slice.fromMs + index * lengthMs }));
  const counts = await Promise.all(
    parts.map((part) => estimatePart(graph, { ...part, toMs: part.fromMs + lengthMs }, signal)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function estimatePart(graph: GraphClient, part: Range, signal: AbortSignal): Promise<number> {
  const lengthMs = part.toMs - part.fromMs;
  let windowMs = lengthMs;
  let { held, overflows } = await look(graph, part, windowMs, signal);
  while (overflows && windowMs > NARROW) {
    windowMs /= NARROW;
    ({ held, overflows } = await look(graph, part, windowMs, signal));
  }
  return held * (lengthMs / windowMs);
}

/** What a window, somewhere in the range, holds: all of it, or the first page. */
async function look(
  graph: GraphClient,
  range: Range,
  windowMs: number,
  signal: AbortSignal,
): Promise<{ held: number; overflows: boolean }> {
  const startMs = range.fromMs + range.random() * (range.toMs - range.fromMs - windowMs);
  const page = await graph.page(windowRequest(range.teamId, startMs, windowMs), signal);
  return { held: records(page).length, overflows: page.nextLink !== undefined };
}

function windowRequest(teamId: string, startMs: number, windowMs: number) {
  const ids = { 'team-id': teamId };
  const filter = sliceFilter({ from: instant(startMs), to: instant(startMs + windowMs), pages: 0, done: false });
  return { url: `${expandRoute(read, ids)}&$filter=${encodeURIComponent(filter)}`, route: read.route, ids };
}

/** Requests that a channel's list takes. */
export interface ListEstimate {
  readonly pages: number;
  /** Requests for replies beyond those that the list gives inline. */
  readonly replyPages: number;
}

/**
 * Estimates the pages of a channel's list from its first one: the newest chains reach back so far, so all of them, back
 * to the beginning of the channel, fill so many pages more. A channel of one page is counted exactly.
 *
 * @param fromMs - the read ends here; default: at the beginning
 */
export async function estimateListPages(
  graph: GraphClient,
  { channel, fromMs = EPOCH_MS }: { channel: DiscoveredChannel; fromMs?: number | undefined },
  signal: AbortSignal,
): Promise<ListEstimate> {
  const ids = { 'team-id': channel.teamId, 'channel-id': channel.id };
  const page = await graph.page(listRequest(ids), signal);
  const replyPages = page.replyLinks.length;
  const oldestMs = Math.min(...records<Chain>(page).map(activityMs));
  if (page.nextLink === undefined || oldestMs < fromMs) return { pages: 1, replyPages };
  const createdMs = Date.parse(channel.createdDateTime ?? '');
  const beginMs = Math.max(fromMs, Number.isNaN(createdMs) ? oldestMs : createdMs);
  const share = (page.serviceTimeMs - beginMs) / Math.max(1, page.serviceTimeMs - oldestMs);
  const pages = Math.max(2, Math.round(share));
  return { pages, replyPages: replyPages * pages };
}
