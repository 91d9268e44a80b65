import type { GraphClient } from '../graph/types.ts';
import { channelMessages } from '../resources/channel-messages.ts';
import { expandRoute } from '../resources/types.ts';
import { records } from './discovery.ts';
import { instant } from './position.ts';
import { sliceFilter, sliceRange } from './time-slices.ts';

const read = channelMessages.reads.find(({ strategy }) => strategy === 'export')!;

/** A window is narrowed until one page holds it; this is narrow enough for any team. */
const MAX_PROBES = 12;
const NARROW = 6;

/**
 * Estimates how many messages a team holds. Graph gives no count, so each time slice is probed with a window that is
 * narrowed until one page holds it: what that window holds stands for the slice. Small slices are counted exactly.
 */
export async function estimateTeamMessages(
  graph: GraphClient,
  options: { teamId: string; fromMs: number; nowMs: number; random: () => number },
  signal: AbortSignal,
): Promise<number> {
  const slices = sliceRange(options.fromMs, options.nowMs).map(({ from, to }) => ({
    fromMs: Date.parse(from),
    toMs: Math.min(Date.parse(to), options.nowMs),
  }));
  const counts = await Promise.all(slices.map((slice) => estimateSlice(graph, { ...options, ...slice }, signal)));
  return Math.round(counts.reduce((sum, count) => sum + count, 0));
}

async function estimateSlice(
  graph: GraphClient,
  slice: { teamId: string; fromMs: number; toMs: number; random: () => number },
  signal: AbortSignal,
): Promise<number> {
  const lengthMs = slice.toMs - slice.fromMs;
  let windowMs = lengthMs;
  let held = 0;
  for (let probe = 0; probe < MAX_PROBES && windowMs >= 1; probe++) {
    const startMs = slice.fromMs + slice.random() * (lengthMs - windowMs);
    const page = await graph.page(windowRequest(slice.teamId, startMs, windowMs), signal);
    held = records(page).length;
    if (page.nextLink === undefined && (held > 0 || windowMs === lengthMs)) return held * (lengthMs / windowMs);
    windowMs = page.nextLink === undefined ? Math.min(lengthMs, windowMs * (NARROW / 2)) : windowMs / NARROW;
  }
  return held * (lengthMs / windowMs);
}

function windowRequest(teamId: string, startMs: number, windowMs: number) {
  const ids = { 'team-id': teamId };
  const filter = sliceFilter({ from: instant(startMs), to: instant(startMs + windowMs), pages: 0, done: false });
  return { url: `${expandRoute(read, ids)}&$filter=${encodeURIComponent(filter)}`, route: read.route, ids };
}
