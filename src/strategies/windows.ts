import { positionKey } from '../lake/log/partition-key.ts';
import type { Position } from '../lake/types.ts';
import { BadStretches } from './bad-stretches.ts';
import { Budget } from './budget.ts';
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
import { hasStretch, stretchPartition, stretchWindows } from './stretch.ts';
import {
  halvesOfWindow,
  type TimeWindow,
  type Window,
  windowsBetween,
  windowsFrom,
  windowsToRead,
  windowUrl,
} from './time-windows.ts';

/**
 * Reads what has a time by windows of it, the oldest first, and what is below its records as they come. A window that is
 * read to its end moves the marks; the next run begins some days before them, for what came late and for late versions of
 * what was read. One that fails while others can be read is halved until little but what is bad is left out; it is a gap,
 * and the marks stay before it. Where a cap ends a run, so do the marks: a window that it does not hold is halved.
 */
export const reader: Reader = { read, estimate, shown, partitionOf: listingName };

/** A collection that is read in these windows: the one that is listed, or one below its records. */
interface Reading {
  readonly resource: string;
  /** Lower edge of all that was ever asked for, ms. */
  readonly since: number;
  /** Where this run begins, ms. */
  readonly fromMs: number;
  /** What begins before it was read before, ms: it is looked at again. */
  readonly knownMs: number;
  readonly readBefore: boolean;
  /** Where the mark has to stay, for what could not be read. */
  heldMs: number;
}

/** A cap ended a window before its end. */
const CUT = Symbol('cut');

async function read(context: ReadContext, place: Place): Promise<void> {
  await new WindowsRead(context, place).run();
}

/** One run over the windows of a place. */
class WindowsRead {
  readonly #context: ReadContext;
  readonly #place: Place;
  readonly #partition: string;
  readonly #window: TimeWindow;
  readonly #readings: readonly Reading[];
  readonly #endMs: number;
  readonly #bad: BadStretches;
  readonly #marks = new Map<Reading, Position>();
  /** What was read below records of windows that may be read once more. */
  readonly #seen = new Set<string>();
  #budget: Budget;
  #isAnyRead = false;
  /** A window was read that moves a mark further. */
  #isAnyNew = false;

  constructor(context: ReadContext, place: Place) {
    this.#context = context;
    this.#place = place;
    this.#partition = listingName(place);
    this.#window = context.way.window!;
    const nowMs = context.now();
    this.#endMs = endOf(context, nowMs);
    const names = namesOf(context, context.shows?.resources);
    this.#readings = readingsOf(context, place, { names, nowMs });
    this.#bad = new BadStretches(context, this.#partition);
    this.#budget = new Budget(context.caps);
  }

  async run(): Promise<void> {
    const todo = [...this.#windows()];
    this.#beginStretch();
    for (let window = todo.shift(); window; window = todo.shift()) {
      const end = await this.#read(window);
      // The first window that the caps hold moves the mark.
      const isTooLarge = end === CUT && !this.#isAnyNew;
      if (isTooLarge) this.#budget = new Budget(this.#context.caps);
      const halves = isTooLarge ? halvesOfWindow(window) : end === CUT || !end ? undefined : this.#bad.halvesOf(window);
      if (halves) todo.unshift(...halves);
      else if (end === CUT) return this.#stop();
      else this.#pass(window, end);
    }
    this.#bad.tell(this.#isAnyRead);
  }

  #windows(): readonly Window[] {
    const known = this.#budget.isCapped ? this.#readings.map(({ knownMs }) => knownMs) : [];
    return windowsBetween(this.#window, [startOf(this.#readings, this.#endMs), ...known, this.#endMs]);
  }

  #due({ toMs }: Window): readonly Reading[] {
    return this.#readings.filter(({ fromMs }) => fromMs < toMs);
  }

  #isNew(window: Window): boolean {
    return this.#due(window).some(({ knownMs }) => knownMs < window.toMs);
  }

  /** Lands a window, and what is below its records. @returns why something of it is missing */
  async #read(window: Window): Promise<unknown> {
    const { resource, way, lands, signal } = this.#context;
    // What was read before is looked at whole, and so is a moment.
    const isCounted = this.#isNew(window) && halvesOfWindow(window) !== undefined;
    if (isCounted && this.#budget.spent) return CUT;
    const { readBefore } = this.#readings.find((one) => one.resource === resource) ?? {};
    const { ids } = this.#place;
    let isLost = false;
    try {
      for await (const page of pagesOf(this.#context, this.#place, {
        window,
        attempts: this.#bad.attemptsAt(window),
      })) {
        if (lands) await landPage(this.#context, { key: this.#partition, ids, readBefore }, page);
        isLost ||= isDamaged(page);
        await this.#readBelow(window, itemsOf(records(page)));
        if (!isCounted) continue;
        this.#budget.take(() => records(page).length);
        if (page.nextLink !== undefined && this.#budget.spent) return CUT;
      }
    } catch (error) {
      if (!isPageFailure(error, signal)) throw error;
      return error;
    }
    return isLost ? recordLost(way.route) : undefined;
  }

  async #readBelow(window: Window, items: readonly Item[]): Promise<void> {
    const { resource, shows } = this.#context;
    const wanted = this.#due(window).flatMap((one) => (one.resource === resource ? [] : [one.resource]));
    if (wanted.length === 0) return;
    const nameOf = (name: string, { id }: Item) => `${name} ${id}`;
    const unseen = items.filter((item) => wanted.some((name) => !this.#seen.has(nameOf(name, item))));
    const missed = await shows!.read(unseen, wanted);
    if (this.#budget.isCapped) for (const item of unseen) for (const name of wanted) this.#seen.add(nameOf(name, item));
    for (const [name, item] of missed) {
      this.#seen.delete(nameOf(name, item));
      hold(this.#readings, name, startedMs(item, this.#window, window));
    }
  }

  /** Moves the marks behind a window, whether it was read or not. */
  #pass(window: Window, failure: unknown): void {
    const due = this.#due(window);
    if (failure === undefined) this.#isAnyRead = true;
    else {
      this.#bad.add(window, failure);
      // The marks stay before what could not be read: the next run asks for it again.
      for (const one of due) one.heldMs = Math.min(one.heldMs, window.fromMs);
    }
    this.#isAnyNew ||= this.#isNew(window);
    for (const one of due) this.#marks.set(one, positionAfter(one, window, this.#context));
    if (this.#isAnyRead) for (const [one, mark] of this.#marks) this.#advance(one, mark);
  }

  /** Rows of a stretch may be there from its first page on: whoever compares has to know. */
  #beginStretch(): void {
    if (this.#context.untilMs === undefined) return;
    for (const one of this.#readings)
      this.#advance(one, positionAfter(one, { fromMs: one.fromMs, toMs: one.fromMs }, this.#context));
  }

  #advance({ resource }: Reading, mark: Position): void {
    const { load, untilMs } = this.#context;
    load.advance(resource, untilMs === undefined ? this.#partition : stretchPartition(this.#place), mark);
  }

  #stop(): void {
    const { resource, unfinished } = this.#context;
    unfinished({ resource, partition: this.#partition, by: this.#budget.spent! });
    this.#bad.tell(this.#isAnyRead);
  }
}

const namesOf = ({ resource, lands }: Pick<ReadContext, 'resource' | 'lands'>, below: readonly string[] = []) => [
  ...(lands ? [resource] : []),
  ...below,
];

type Known = Pick<Stored, 'positions'> & Pick<ReadContext, 'way' | 'sinceMs' | 'untilMs'>;

/** Where a run ends: now, or with the stretch that it is about. */
const endOf = ({ untilMs = Number.POSITIVE_INFINITY }: Pick<Known, 'untilMs'>, nowMs: number): number =>
  Math.min(untilMs, nowMs);

function readingsOf(
  { positions, way, sinceMs, untilMs }: Known,
  place: Place,
  { names, nowMs }: { readonly names: readonly string[]; readonly nowMs: number },
): readonly Reading[] {
  return names.map((resource) => {
    const key = positionKey(resource, listingName(place));
    const stored = { resource, positions, sinceMs, untilMs };
    const isStretch = untilMs !== undefined;
    const position = isStretch ? undefined : parseWindowsPosition(key, positions.get(key));
    const asked = windowsToRead(way.window!, { position, sinceMs, nowMs });
    const through = isStretch ? stretchWindows(stored, place)?.through : undefined;
    // What goes on reads nothing twice: late versions are for the runs that move marks.
    const edges =
      through === undefined ? asked : { ...asked, fromMs: Date.parse(through), knownMs: Date.parse(through) };
    const readBefore = isStretch || positions.has(key) || hasStretch(stored, place);
    return { resource, ...edges, readBefore, heldMs: Number.POSITIVE_INFINITY };
  });
}

const startOf = (readings: readonly Reading[], endMs: number): number =>
  Math.min(endMs, ...readings.map(({ fromMs }) => fromMs));

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
function positionAfter(
  { since, heldMs }: Reading,
  { toMs }: Window,
  { way, untilMs }: Pick<ReadContext, 'way' | 'untilMs'>,
): Position {
  const position = { version: 1, since: instant(since) };
  if (untilMs !== undefined) return { ...position, through: instant(Math.min(toMs, heldMs)), until: instant(untilMs) };
  return { ...position, through: instant(Math.min(toMs, heldMs + way.window!.lateMs)) };
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
  const endMs = endOf(context, nowMs);
  const windows = windowsFrom(way.window!, { fromMs: startOf(readings, endMs), nowMs: endMs });
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
