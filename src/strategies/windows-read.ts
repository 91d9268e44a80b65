import { isCircuitOpen } from '../errors/graph-refusals.ts';
import { BadStretches } from './bad-stretches.ts';
import { Budget } from './budget.ts';
import { landPage, listingName } from './context.ts';
import { recordLost } from './errors.ts';
import { GAP_ATTEMPTS, isPageFailure } from './gaps.ts';
import { itemsOf } from './items.ts';
import { pagesFrom } from './pages.ts';
import { storedPosition } from './position.ts';
import { isDamaged, records } from './records.ts';
import type { Item, Place, ReadContext } from './strategy.ts';
import { stretchPartition } from './stretch.ts';
import { halvesOfWindow, type TimeWindow, type Window, windowUrl } from './time-windows.ts';
import { endOf, namesOf, WindowReading, windowsOf } from './window-reading.ts';

/** A cap ended a window before its end. */
const CUT = Symbol('cut');

/** One run over the windows of a place. */
export class WindowsRead {
  readonly #context: ReadContext;
  readonly #place: Place;
  readonly #partition: string;
  readonly #window: TimeWindow;
  readonly #readings: readonly WindowReading[];
  readonly #endMs: number;
  readonly #bad = new BadStretches();
  readonly #passed = new Set<WindowReading>();
  /** What was read below records of windows that may be read once more. */
  readonly #seen = new Set<string>();
  #budget: Budget;
  #isAnyRead = false;
  /** A window was read that moves a mark further. */
  #isAnyNew = false;
  /** Why the first window that cannot be read cannot. */
  #failure: unknown;

  constructor(context: ReadContext, place: Place) {
    this.#context = context;
    this.#place = place;
    this.#partition = listingName(place);
    this.#window = context.way.window!;
    const nowMs = context.now();
    this.#endMs = endOf(context, nowMs);
    const names = namesOf(context, context.shows?.resources);
    this.#readings = names.map((resource) => new WindowReading(context, { resource, place, nowMs }));
    this.#budget = new Budget(context.caps);
  }

  async run(): Promise<void> {
    const { isCapped } = this.#budget;
    const todo = [...windowsOf(this.#window, this.#readings, { endMs: this.#endMs, isCapped })];
    this.#beginStretch();
    for (let window = todo.shift(); window; window = todo.shift()) {
      const end = await this.#read(window);
      // The first window that the caps hold moves the mark.
      const isTooLarge = end === CUT && !this.#isAnyNew;
      if (isTooLarge) this.#budget = new Budget(this.#context.caps);
      const isNarrowed = end !== undefined && end !== CUT && !isCircuitOpen(end);
      const halves = isTooLarge ? halvesOfWindow(window) : isNarrowed ? this.#bad.halvesOf(window) : undefined;
      if (halves) todo.unshift(...halves);
      else if (end === CUT) return this.#stop();
      else this.#pass(window, end);
    }
    this.#end();
  }

  #due(window: Window): readonly WindowReading[] {
    return this.#readings.filter((one) => one.isDue(window));
  }

  #isNew(window: Window): boolean {
    return this.#due(window).some((one) => one.isNew(window));
  }

  #attemptsAt(window: Window): number | undefined {
    const isRetried = this.#readings.some(({ gaps }) => gaps.failedBefore(window));
    return this.#bad.attemptsAt(window) ?? (isRetried ? GAP_ATTEMPTS : undefined);
  }

  /** Lands a window, and what is below its records. @returns why something of it is missing */
  async #read(window: Window): Promise<unknown> {
    const { resource, graph, way, lands, signal } = this.#context;
    // What was read before is looked at whole, and so is a moment.
    const isCounted = this.#isNew(window) && halvesOfWindow(window) !== undefined;
    if (isCounted && this.#budget.spent) return CUT;
    const { readBefore } = this.#readings.find((one) => one.resource === resource) ?? {};
    const { ids } = this.#place;
    const request = { url: windowUrl(way, ids, window), route: way.route, ids, attempts: this.#attemptsAt(window) };
    let isLost = false;
    try {
      for await (const page of pagesFrom(graph, request, signal)) {
        if (lands) await landPage(this.#context, { key: this.#partition, ids, readBefore }, page);
        isLost ||= isDamaged(page);
        await this.#readBelow(window, itemsOf(records(page)));
        if (!isCounted) continue;
        this.#budget.take(() => records(page).length);
        if (page.nextLink !== undefined && this.#budget.spent) return CUT;
      }
    } catch (error) {
      if (!isPageFailure(error, signal) && !isCircuitOpen(error)) throw error;
      return error;
    }
    return isLost ? recordLost(way.route) : undefined;
  }

  async #readBelow(window: Window, items: readonly Item[]): Promise<void> {
    const { resource, shows, signal } = this.#context;
    const wanted = this.#due(window).filter((one) => one.resource !== resource);
    const isWanted = (one: WindowReading, item: Item) =>
      !this.#seen.has(seenName(one, item)) && !one.gaps.isWaitingBelow(item.id);
    for (const [names, group] of groupedBy(items, (item) => wanted.filter((one) => isWanted(one, item)))) {
      const missed = await shows!.read(
        group,
        names.map((one) => one.resource),
      );
      for (const one of names) {
        for (const item of group) {
          const failure = missed.find((miss) => miss.item === item && miss.resource === one.resource);
          if (failure) one.miss(item.id, startedMs(item, this.#window, window), { error: failure.error, signal });
          else one.gaps.fillBelow(item.id);
          if (!failure && this.#budget.isCapped) this.#seen.add(seenName(one, item));
        }
      }
    }
  }

  /** Moves the marks behind a window, whether it was read or not. */
  #pass(window: Window, failure: unknown): void {
    if (failure === undefined) this.#isAnyRead = true;
    else this.#failure ??= failure;
    this.#isAnyNew ||= this.#isNew(window);
    for (const one of this.#due(window)) {
      one.pass(window, failure);
      this.#passed.add(one);
    }
    if (this.#isAnyRead) for (const one of this.#passed) this.#advance(one);
  }

  /** Rows of a stretch may be there from its first page on: whoever compares has to know. */
  #beginStretch(): void {
    if (this.#context.untilMs !== undefined) for (const one of this.#readings) this.#advance(one);
  }

  #advance({ resource, position }: WindowReading): void {
    const { load, untilMs } = this.#context;
    const partition = untilMs === undefined ? this.#partition : stretchPartition(this.#place);
    load.advance(resource, partition, storedPosition(position));
  }

  #stop(): void {
    const { resource, unfinished } = this.#context;
    unfinished({ resource, partition: this.#partition, by: this.#budget.spent! });
    this.#end();
  }

  /** Names what is left out. @throws the failure where nothing could be read */
  #end(): void {
    if (this.#failure !== undefined && !this.#isAnyRead) throw this.#failure;
    const { resource, gap } = this.#context;
    // What is read below has the same stretches: they are told once, as of what is listed.
    const told = new Set<string>();
    for (const { gaps, resource: name } of this.#readings) {
      for (const stretch of gaps.stretches(resource, this.#partition)) {
        const edges = `${stretch.from} ${stretch.to}`;
        if (!told.has(edges)) gap(stretch);
        told.add(edges);
      }
      for (const record of gaps.below(name, this.#partition)) gap(record);
    }
  }
}

const seenName = ({ resource }: WindowReading, { id }: Item): string => `${resource} ${id}`;

/** Items that the same is wanted of, together. */
function groupedBy(
  items: readonly Item[],
  wantedOf: (item: Item) => readonly WindowReading[],
): readonly (readonly [readonly WindowReading[], readonly Item[]])[] {
  const groups = new Map<string, [readonly WindowReading[], Item[]]>();
  for (const item of items) {
    const wanted = wantedOf(item);
    if (wanted.length === 0) continue;
    const name = wanted.map(({ resource }) => resource).join(' ');
    const group = groups.get(name) ?? [wanted, []];
    group[1].push(item);
    groups.set(name, group);
  }
  return [...groups.values()];
}

/** When a record began; of one that does not say so, the beginning of its window. */
function startedMs(item: Item, { property }: Pick<TimeWindow, 'property'>, { fromMs }: Window): number {
  const ms = Date.parse(String(item[property]));
  return Number.isNaN(ms) ? fromMs : Math.max(ms, fromMs);
}
