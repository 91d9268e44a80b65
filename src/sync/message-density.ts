import type { GraphClient } from '../graph/types.ts';
import { channelMessages } from '../resources/channel-messages.ts';
import type { DiscoveredChannel } from './discovery.ts';
import { activityMs, messagesOf } from './message-times.ts';
import type { Range } from './position.ts';
import { rangeRequest } from './strategies/export.ts';
import { listRequest } from './strategies/recent.ts';
import { newRange, sliceRange } from './time-slices.ts';

const read = channelMessages.reads.find(({ strategy }) => strategy === 'export')!;

const YEAR_MS = 365.25 * 86_400_000;

/** A slice of more than one page is looked at in so many parts: people do not write evenly over the months. */
const PARTS = 4;
/** A window is narrowed by this until one page holds it. */
const NARROW = 4;
/** Ages at which the beginning of a team's history is looked for, years; what is older counts as one page more. */
const AGES_YEARS = [4, 8, 16, 32];

interface Probe {
  readonly teamId: string;
  readonly nowMs: number;
  readonly random: () => number;
}

/**
 * Estimates the pages of a team's export. Graph gives no count, so each part of each time slice is probed with a window
 * that is narrowed until one page holds it: what the window holds stands for the part. Small slices are counted exactly.
 *
 * @param options.fromMs - exclusive start; default: none
 * @param options.ranges - only these; default: all of time after `fromMs`
 */
export async function estimateExportPages(
  graph: GraphClient,
  options: Probe & { readonly fromMs?: number | undefined; readonly ranges?: readonly Range[] | undefined },
  signal: AbortSignal,
): Promise<number> {
  const { teamId, fromMs, nowMs, ranges } = options;
  if (!ranges) {
    const page = await graph.page(rangeRequest(teamId, newRange(fromMs, undefined)), signal);
    if (page.nextLink === undefined) return 1;
  }
  const slices = ranges ?? sliceRange(fromMs, nowMs);
  const counts = await Promise.all(slices.map((slice) => estimateRange(graph, options, slice, signal)));
  const pages = counts.map((count) => Math.max(1, Math.ceil(count / read.pageSize!)));
  // The first page of all, and at the end what changed meanwhile.
  return pages.reduce((sum, count) => sum + count, ranges ? 1 : 2);
}

/** A closed time range of a team. */
interface Window extends Probe {
  readonly fromMs: number;
  readonly toMs: number;
}

async function estimateRange(graph: GraphClient, probe: Probe, range: Range, signal: AbortSignal): Promise<number> {
  const whole = await lookAt(graph, probe.teamId, range, signal);
  if (!whole.overflows) return whole.held;
  const toMs = Math.min(range.to === undefined ? probe.nowMs : Date.parse(range.to), probe.nowMs);
  if (range.from !== undefined) return estimateParts(graph, { ...probe, fromMs: Date.parse(range.from), toMs }, signal);
  for (const years of AGES_YEARS) {
    const beginMs = toMs - years * YEAR_MS;
    const older = await lookAt(graph, probe.teamId, newRange(undefined, beginMs), signal);
    if (older.overflows && years !== AGES_YEARS.at(-1)) continue;
    return older.held + (await estimateParts(graph, { ...probe, fromMs: beginMs, toMs }, signal));
  }
  return whole.held;
}

async function estimateParts(graph: GraphClient, window: Window, signal: AbortSignal): Promise<number> {
  const lengthMs = (window.toMs - window.fromMs) / PARTS;
  const parts = Array.from({ length: PARTS }, (_, index) => ({ ...window, fromMs: window.fromMs + index * lengthMs }));
  const counts = await Promise.all(
    parts.map((part) => estimatePart(graph, { ...part, toMs: part.fromMs + lengthMs }, signal)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function estimatePart(graph: GraphClient, part: Window, signal: AbortSignal): Promise<number> {
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
function look(graph: GraphClient, window: Window, windowMs: number, signal: AbortSignal) {
  const startMs = window.fromMs + window.random() * (window.toMs - window.fromMs - windowMs);
  return lookAt(graph, window.teamId, newRange(startMs, startMs + windowMs), signal);
}

async function lookAt(
  graph: GraphClient,
  teamId: string,
  range: Range,
  signal: AbortSignal,
): Promise<{ held: number; overflows: boolean }> {
  const page = await graph.page(rangeRequest(teamId, range), signal);
  return { held: messagesOf(page).length, overflows: page.nextLink !== undefined };
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
  { channel, fromMs }: { channel: DiscoveredChannel; fromMs?: number | undefined },
  signal: AbortSignal,
): Promise<ListEstimate> {
  const ids = { 'team-id': channel.teamId, 'channel-id': channel.id };
  const page = await graph.page(listRequest(ids), signal);
  const replyPages = page.replyLinks.length;
  const oldestMs = Math.min(...messagesOf(page).map(activityMs));
  if (page.nextLink === undefined || (fromMs !== undefined && oldestMs < fromMs)) return { pages: 1, replyPages };
  const createdMs = Date.parse(channel.createdDateTime ?? '');
  const beginMs = Math.max(fromMs ?? Number.NEGATIVE_INFINITY, Number.isNaN(createdMs) ? oldestMs : createdMs);
  const share = (page.serviceTimeMs - beginMs) / Math.max(1, page.serviceTimeMs - oldestMs);
  const pages = Math.max(2, Math.round(share));
  // Once more the front, for what moved there meanwhile.
  return { pages: pages + 1, replyPages: replyPages * pages };
}
