import { cappedPages } from './budget.ts';
import { listingName } from './context.ts';
import { itemsOf } from './items.ts';
import { records } from './records.ts';
import { sampleWindows } from './sample-windows.ts';
import type { EstimateContext, EstimatedRequests, Place, ReadContext, Reader, ShownEstimate } from './strategy.ts';
import { type Window, windowUrl } from './time-windows.ts';
import { endOf, namesOf, WindowReading, windowsOf } from './window-reading.ts';
import { WindowsRead } from './windows-read.ts';

/**
 * Reads what has a time by windows of it, the oldest first, and what is below its records as they come. A window that is
 * read to its end moves the marks; the next run begins some days before them, for what came late and for late versions of
 * what was read. One that fails while others can be read is halved until little but what is bad is left out: that is a gap,
 * which is tried again at growing intervals. Where a cap ends a run, so do the marks: a window that it does not hold is halved.
 */
export const reader: Reader = { read, estimate, shown, partitionOf: listingName };

async function read(context: ReadContext, place: Place): Promise<void> {
  await new WindowsRead(context, place).run();
}

async function estimate(context: EstimateContext, place: Place): Promise<readonly EstimatedRequests[]> {
  return (await shown(context, place)).requests;
}

/** How many records there are is not said by the service: short windows are looked at, and stand for the rest. */
async function shown(context: EstimateContext, place: Place): Promise<ShownEstimate> {
  const { way, shownTo, random } = context;
  const { ids } = place;
  const nowMs = context.now();
  const readings = namesOf(context, shownTo).map((resource) => new WindowReading(context, { resource, place, nowMs }));
  const isCapped = context.caps !== undefined;
  const windows = windowsOf(way.window!, readings, { endMs: endOf(context, nowMs), isCapped });
  const first = async (window: Window) => {
    const page = await context.graph.page({ url: windowUrl(way, ids, window), route: way.route, ids }, context.signal);
    return { held: records<unknown>(page), overflows: page.nextLink !== undefined };
  };
  const looked = await Promise.all(
    windows.map(async (window) => ({ window, ...(await sampleWindows(window, { look: first, random })) })),
  );
  const sized = looked.map(({ window, count, isWhole }) => ({
    isCounted: readings.some((one) => one.isDue(window) && one.isNew(window)),
    pages: isWhole ? 1 : Math.max(2, Math.ceil(count / way.pageSize!)),
  }));
  const { pages, kept, isCut } = cappedWindows(sized, cappedPages(context.caps, way.pageSize));
  const isSize = readings.some(({ readBefore }) => !readBefore);
  const count = Math.round(looked.reduce((sum, one) => sum + one.count, 0));
  return {
    requests: [{ method: 'GET', route: way.route, ids, count: pages, isSize, isCut }],
    items: itemsOf(looked.flatMap(({ held }) => held)),
    count: isCut ? Math.min(count, kept * way.pageSize!) : count,
  };
}

/** What a cap allows of windows: as a run does, the first that it does not hold is halved until it does. */
function cappedWindows(
  windows: readonly { readonly isCounted: boolean; readonly pages: number }[],
  most: number,
): { readonly pages: number; readonly kept: number; readonly isCut: boolean } {
  const todo = [...windows];
  let [read, kept, left] = [0, 0, most];
  for (let window = todo.shift(); window; window = todo.shift()) {
    const { isCounted, pages } = window;
    if (!isCounted || pages <= left) {
      read += pages;
      kept += pages;
      if (isCounted) left -= pages;
      continue;
    }
    read += left;
    if (left < most) return { pages: read, kept: kept + left, isCut: true };
    const half = Math.ceil(pages / 2);
    todo.unshift({ isCounted, pages: half }, { isCounted, pages: pages - half });
  }
  return { pages: read, kept, isCut: false };
}
