import { positionKey } from '../lake/log/partition-key.ts';
import type { Position } from '../lake/types.ts';
import { BadStretches } from './bad-stretches.ts';
import { landPage, listingName } from './context.ts';
import { recordLost } from './errors.ts';
import { isPageFailure } from './gaps.ts';
import { itemsOf } from './items.ts';
import { pagesFrom } from './pages.ts';
import { instant, parseWindowsPosition } from './position.ts';
import { isDamaged, records } from './records.ts';
import { sampleWindows } from './sample-windows.ts';
import type {
  EstimateContext,
  EstimatedRequests,
  Item,
  Place,
  ReadContext,
  Reader,
  ShownEstimate,
  Stored,
} from './strategy.ts';
import { type TimeWindow, type Window, windowsFrom, windowsToRead, windowUrl } from './time-windows.ts';

/**
 * Reads what has a time by windows of it, the oldest first, and what is below its records as they come. A window that is
 * read to its end moves the marks; the next run begins some days before them, for what came late and for late versions of
 * what was read. One that fails while others can be read is halved until little but what is bad is left out; it is a gap,
 * and the marks stay before it.
 */
export const reader: Reader = { read, estimate, shown, partitionOf: listingName };

/** A collection that is read in these windows: the one that is listed, or one below its records. */
interface Reading {
  readonly resource: string;
  /** Lower edge of all that was ever asked for, ms. */
  readonly since: number;
  /** Where this run begins, ms. */
  readonly fromMs: number;
  readonly readBefore: boolean;
  /** Where the mark has to stay, for what could not be read. */
  heldMs: number;
}

async function read(context: ReadContext, place: Place): Promise<void> {
  const { load, resource, way, shows } = context;
  const partition = listingName(place);
  const nowMs = context.now();
  const readings = readingsOf(context, place, { names: namesOf(context, shows?.resources), nowMs });
  const own = readings.find((one) => one.resource === resource);
  const marks = new Map<Reading, Position>();
  const bad = new BadStretches(context, partition);
  const todo = [...windowsFrom(way.window!, { fromMs: startOf(readings, nowMs), nowMs })];
  let isAnyRead = false;
  for (let window = todo.shift(); window; window = todo.shift()) {
    const due = readings.filter(({ fromMs }) => fromMs < window!.toMs);
    const attempts = bad.attemptsAt(window);
    const failure = await readWindow(context, place, { window, due, own, attempts });
    const halves = failure === undefined ? undefined : bad.halvesOf(window);
    if (halves) {
      todo.unshift(...halves);
      continue;
    }
    if (failure === undefined) isAnyRead = true;
    else {
      bad.add(window, failure);
      // The marks stay before what could not be read: the next run asks for it again.
      for (const one of due) one.heldMs = Math.min(one.heldMs, window.fromMs);
    }
    for (const one of due) marks.set(one, positionAfter(one, window, way.window!));
    if (isAnyRead) for (const [one, mark] of marks) load.advance(one.resource, partition, mark);
  }
  bad.tell(isAnyRead);
}

/** Lands a window, and what is below its records. @returns why something of it is missing */
async function readWindow(
  context: ReadContext,
  place: Place,
  read: {
    readonly window: Window;
    readonly due: readonly Reading[];
    readonly own: Reading | undefined;
    readonly attempts: number | undefined;
  },
): Promise<unknown> {
  const { resource, way, shows, lands, signal } = context;
  const { window, due, own, attempts } = read;
  const wanted = due.flatMap((one) => (one.resource === resource ? [] : [one.resource]));
  let isLost = false;
  try {
    for await (const page of pagesOf(context, place, { window, attempts })) {
      const key = listingName(place);
      if (lands) await landPage(context, { key, ids: place.ids, readBefore: own?.readBefore }, page);
      isLost ||= isDamaged(page);
      const missed = wanted.length > 0 ? await shows!.read(itemsOf(records(page)), wanted) : [];
      for (const [name, item] of missed) hold(due, name, startedMs(item, way.window!, window));
    }
  } catch (error) {
    if (!isPageFailure(error, signal)) throw error;
    return error;
  }
  return isLost ? recordLost(way.route) : undefined;
}

const namesOf = ({ resource, lands }: Pick<ReadContext, 'resource' | 'lands'>, below: readonly string[] = []) => [
  ...(lands ? [resource] : []),
  ...below,
];

type Known = Pick<Stored, 'positions'> & Pick<ReadContext, 'way' | 'sinceMs'>;

function readingsOf(
  { positions, way, sinceMs }: Known,
  place: Place,
  { names, nowMs }: { readonly names: readonly string[]; readonly nowMs: number },
): readonly Reading[] {
  return names.map((resource) => {
    const key = positionKey(resource, listingName(place));
    const position = parseWindowsPosition(key, positions.get(key));
    const edges = windowsToRead(way.window!, { position, sinceMs, nowMs });
    return { resource, ...edges, readBefore: position !== undefined, heldMs: Number.POSITIVE_INFINITY };
  });
}

const startOf = (readings: readonly Reading[], nowMs: number): number =>
  Math.min(nowMs, ...readings.map(({ fromMs }) => fromMs));

function pagesOf(
  { graph, way, signal }: Pick<ReadContext, 'graph' | 'way' | 'signal'>,
  { ids }: Place,
  { window, attempts }: { readonly window: Window; readonly attempts: number | undefined },
) {
  return pagesFrom(graph, { url: windowUrl(way, ids, window), route: way.route, ids, attempts }, signal);
}

function hold(readings: readonly Reading[], resource: string, startMs: number): void {
  for (const one of readings) if (one.resource === resource) one.heldMs = Math.min(one.heldMs, startMs);
}

/** When a record began; of one that does not say so, the beginning of its window. */
function startedMs(item: Item, { property }: Pick<TimeWindow, 'property'>, { fromMs }: Window): number {
  const ms = Date.parse(String(item[property]));
  return Number.isNaN(ms) ? fromMs : Math.max(ms, fromMs);
}

/** The next run goes back so far behind its mark that it begins with what is held. */
function positionAfter({ since, heldMs }: Reading, { toMs }: Window, { lateMs }: Pick<TimeWindow, 'lateMs'>) {
  return { version: 1, through: instant(Math.min(toMs, heldMs + lateMs)), since: instant(since) } as const;
}

async function estimate(context: EstimateContext, place: Place): Promise<readonly EstimatedRequests[]> {
  return (await shown(context, place)).requests;
}

/** How many records there are is not said by the service: short windows are looked at, and stand for the rest. */
async function shown(context: EstimateContext, place: Place): Promise<ShownEstimate> {
  const { way, shownTo, random } = context;
  const { ids } = place;
  const nowMs = context.now();
  const readings = readingsOf(context, place, { names: namesOf(context, shownTo), nowMs });
  const windows = windowsFrom(way.window!, { fromMs: startOf(readings, nowMs), nowMs });
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
