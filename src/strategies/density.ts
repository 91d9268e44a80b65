import type { GraphClient } from '../graph/types.ts';
import { messagesOf } from './message-times.ts';
import type { Range } from './position.ts';
import { rangeRequest } from './range-request.ts';
import type { Way } from './strategy.ts';
import { newRange, sliceRange } from './time-slices.ts';

const YEAR_MS = 365.25 * 86_400_000;

/** A slice of more than one page is looked at in so many parts: people do not write evenly over the months. */
const PARTS = 4;
/** A window is narrowed by this until one page holds it. */
const NARROW = 4;
/** Ages at which the beginning of a history is looked for, years; what is older counts as one page more. */
const AGES_YEARS = [4, 8, 16, 32];

interface Probe {
  readonly way: Way;
  readonly ids: Readonly<Record<string, string>>;
  readonly nowMs: number;
  readonly random: () => number;
}

/**
 * Estimates the pages of an export. Graph gives no count, so each part of each time slice is probed with a window
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
  const { way, ids, fromMs, nowMs, ranges } = options;
  if (!ranges) {
    const page = await graph.page(rangeRequest(way, ids, newRange(fromMs, undefined)), signal);
    if (page.nextLink === undefined) return 1;
  }
  const slices = ranges ?? sliceRange(fromMs, nowMs);
  const counts = await Promise.all(slices.map((slice) => estimateRange(graph, options, slice, signal)));
  const pages = counts.map((count) => Math.max(1, Math.ceil(count / way.pageSize!)));
  // The first page of all, and at the end what changed meanwhile.
  return pages.reduce((sum, count) => sum + count, ranges ? 1 : 2);
}

/** A closed time range. */
interface Window extends Probe {
  readonly fromMs: number;
  readonly toMs: number;
}

async function estimateRange(graph: GraphClient, probe: Probe, range: Range, signal: AbortSignal): Promise<number> {
  const whole = await lookAt(graph, probe, range, signal);
  if (!whole.overflows) return whole.held;
  const toMs = Math.min(range.to === undefined ? probe.nowMs : Date.parse(range.to), probe.nowMs);
  if (range.from !== undefined) return estimateParts(graph, { ...probe, fromMs: Date.parse(range.from), toMs }, signal);
  for (const years of AGES_YEARS) {
    const beginMs = toMs - years * YEAR_MS;
    const older = await lookAt(graph, probe, newRange(undefined, beginMs), signal);
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
  return lookAt(graph, window, newRange(startMs, startMs + windowMs), signal);
}

async function lookAt(
  graph: GraphClient,
  { way, ids }: Pick<Probe, 'way' | 'ids'>,
  range: Range,
  signal: AbortSignal,
): Promise<{ held: number; overflows: boolean }> {
  const page = await graph.page(rangeRequest(way, ids, range), signal);
  return { held: messagesOf(page).length, overflows: page.nextLink !== undefined };
}
