import { expandRoute } from '../graph/endpoint.ts';
import { positionKey } from '../lake/log/partition-key.ts';
import { landPage, listingName } from './context.ts';
import { recordLost } from './errors.ts';
import { pagesFrom } from './pages.ts';
import { instant, parseWindowsPosition } from './position.ts';
import { isDamaged } from './records.ts';
import type { EstimateContext, EstimatedRequests, Place, ReadContext, Reader, Stored } from './strategy.ts';
import { windowFilter, windowsToRead } from './time-windows.ts';

/**
 * Reads what has a time by windows of it, the oldest first. A window that is read to its end moves the mark; the next run
 * begins some days before it, for what came late and for late versions of what was read.
 */
export const reader: Reader = { read, estimate, partitionOf: listingName };

async function read(context: ReadContext, place: Place): Promise<void> {
  const { graph, load, resource, way, signal } = context;
  const partition = listingName(place);
  const { since, windows, readBefore } = windowsOf(context, place);
  for (const window of windows) {
    const url = `${expandRoute(way, place.ids)}?$filter=${encodeURIComponent(windowFilter(way.window!, window))}`;
    let isLost = false;
    for await (const page of pagesFrom(graph, { url, route: way.route, ids: place.ids }, signal)) {
      await landPage(context, { key: partition, ids: place.ids, readBefore }, page);
      isLost ||= isDamaged(page);
    }
    // The mark stays before what could not be read: the next run asks for it again.
    if (isLost) throw recordLost(way.route);
    load.advance(resource, partition, { version: 1, through: instant(window.toMs), since: instant(since) });
  }
}

function windowsOf(context: Stored & Pick<ReadContext, 'way' | 'sinceMs' | 'now'>, place: Place) {
  const key = positionKey(context.resource, listingName(place));
  const position = parseWindowsPosition(key, context.positions.get(key));
  const { sinceMs, now } = context;
  const read = windowsToRead(context.way.window!, { position, sinceMs, nowMs: now() });
  return { ...read, readBefore: position !== undefined };
}

async function estimate(context: EstimateContext, place: Place): Promise<readonly EstimatedRequests[]> {
  const { windows, readBefore } = windowsOf(context, place);
  return [{ method: 'GET', route: context.way.route, ids: place.ids, count: windows.length, isSize: !readBefore }];
}
