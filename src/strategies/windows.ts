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
  const windows = windowsOf(way.window!, readings, { endMs: endOf(context, nowMs) });
  const first = async (window: Window) => {
    const page = await context.graph.page({ url: windowUrl(way, ids, window), route: way.route, ids }, context.signal);
    return { held: records<unknown>(page), overflows: page.nextLink !== undefined };
  };
  const looked = await Promise.all(windows.map((window) => sampleWindows(window, { look: first, random })));
  const pages = looked.map(({ count, isWhole }) => (isWhole ? 1 : Math.max(2, Math.ceil(count / way.pageSize!))));
  const isSize = readings.some(({ readBefore }) => !readBefore);
  return {
    requests: [{ method: 'GET', route: way.route, ids, count: pages.reduce((sum, one) => sum + one, 0), isSize }],
    items: itemsOf(looked.flatMap(({ held }) => held)),
    count: Math.round(looked.reduce((sum, { count }) => sum + count, 0)),
  };
}
