import { isRefusedLink } from '../errors/graph-refusals.ts';
import type { Page, PageRequest } from '../graph/types.ts';
import { forEachLimited } from '../runtime/concurrency.ts';
import { Budget } from './budget.ts';
import { ChangeWatch } from './change-watch.ts';
import { FLAT, landPage, type RangesPartition } from './context.ts';
import { recordLost, strategyErrors } from './errors.ts';
import { GAP_ATTEMPTS, isPageFailure } from './gaps.ts';
import { latestSeen, momentOf } from './marks.ts';
import { isUntimed, lostTimes, messagesOf, timesOnPage } from './message-times.ts';
import { digestOf } from './page-digest.ts';
import { pagesFrom } from './pages.ts';
import { instant, msOf, type Range, type RangesPosition } from './position.ts';
import { probe, rangeRequest } from './range-request.ts';
import { Ranges } from './ranges.ts';
import type { ReadContext } from './strategy.ts';
import { endedAt, halve, newRange, openRanges, sliceRange } from './time-slices.ts';
import { halvesToRead, WATCH_MARGIN_MS } from './unsettled.ts';

/** Ranges of one team read side by side. */
const PARALLEL_RANGES = 4;

/** Halving a range this often leaves one millisecond of it. */
const MAX_ROUNDS = 200;

/** Requests of one run that may go into finding what fails in one team. */
const NARROWING_REQUESTS = 600;

/** Whether messages without a time of change, which no range of time asks for, may have been left out. */
export type Untimed = 'none' | 'possible' | 'seen';

export interface ExportResult {
  readonly position: RangesPosition;
  readonly untimed: Untimed;
}

/**
 * Reads all channels of a team with getAllMessages, by ranges of time, the newest first.
 *
 * The service pages by *skip*: a message that is modified while a list of several pages is read leaves its place, the
 * rest moves up, and one message at a page border is missed. So what took several pages is checked against what changed
 * since it was begun, and read again in halves when something may have left it. One page is atomic, and the last request
 * of every read is one page of all that changed since it began.
 *
 * A range that fails while others can be read is halved until only what is bad is left out. Where a cap ends a read,
 * what is left of its range is cut in halves for the next runs, each of which begins with the newest.
 *
 * @param onUntimed - told before what showed it is landed, so that both are stored in one commit
 * @throws SluiceError as the Graph client does; `moving_too_fast` when the ranges never hold still.
 */
export async function readExport(
  context: ReadContext,
  partition: RangesPartition,
  onUntimed: (untimed: Untimed) => void = () => undefined,
): Promise<ExportResult> {
  const team = new ExportRead(context, partition, onUntimed);
  await team.run();
  return { position: team.ranges.position, untimed: team.untimed };
}

class ExportRead {
  untimed: Untimed = 'none';
  readonly ranges: Ranges;
  readonly #onUntimed: (untimed: Untimed) => void;
  readonly #context: ReadContext;
  readonly #partition: RangesPartition;
  readonly #watched: ChangeWatch;
  /** Ranges that are looked at to find what fails. */
  readonly #narrowed = new WeakSet<Range>();
  #narrowing = 0;
  /** Ranges with a record that is no JSON and shows no time of its own. */
  readonly #unplaced = new WeakSet<Range>();
  readonly #topBudget: Budget;
  /** What earlier runs left open is counted for itself: the newest of a busy place would take all. */
  readonly #budget: Budget;
  /** The one that counts what is being read. */
  #counting: Budget;

  constructor(context: ReadContext, partition: RangesPartition, onUntimed: (untimed: Untimed) => void) {
    this.#onUntimed = onUntimed;
    this.#context = context;
    this.#partition = partition;
    this.ranges = new Ranges(context, partition);
    // Also of what is only half read: what left it since would be missed by its further pages.
    this.#watched = new ChangeWatch(this.#unsettledMs());
    this.#topBudget = new Budget(context.caps);
    this.#budget = new Budget(context.caps);
    this.#counting = this.#topBudget;
  }

  async run(): Promise<void> {
    await this.#begin();
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const pending = this.ranges.ready;
      if (pending.length > 0 && this.#budget.spent) return this.#stop();
      if (pending.length > 0) await this.#readAll(pending);
      else if (this.#watched.wholeFromMs === undefined) await this.#watch();
      else this.#settle();
      if (this.#watched.wholeFromMs !== undefined && !this.ranges.isOpen) return this.ranges.nameGaps();
    }
    throw strategyErrors.moving_too_fast({ route: this.#context.way.route, partition: this.#partition.key });
  }

  /** The newest first: what changed since the mark, or, of a team that was never read, a page that may be all of it. */
  async #begin(): Promise<void> {
    if (!this.ranges.begin(this.#context.sinceMs)) return this.#readTop(undefined, { isFirst: true });
    // Of a stretch that goes on only what is open is read: what is newer than its end is no part of it.
    if (this.#context.untilMs !== undefined) return;
    await this.#readTop(
      Math.min(this.ranges.markMs - this.#context.overlapMs, ...this.#unsettledMs().map((ms) => ms - WATCH_MARGIN_MS)),
    );
  }

  /** Reads what changed after `fromMs`, up to now. */
  async #readTop(fromMs: number | undefined, options: { readonly isFirst?: boolean } = {}): Promise<void> {
    this.#counting = this.#topBudget;
    const edgeMs = msOf(this.ranges.position.since);
    const asksForAll = fromMs === undefined || this.ranges.position.seen === undefined;
    const firstMs = edgeMs === undefined ? undefined : edgeMs - 1;
    const startMs = asksForAll ? firstMs : Math.max(fromMs, firstMs ?? Number.NEGATIVE_INFINITY);
    const failed = this.ranges.position.ranges.filter((range) => range.failed !== undefined);
    const [newest, ...others] = endedAt(openRanges(startMs, failed), this.#context.untilMs);
    if (newest === undefined) return;
    this.ranges.position = { ...this.ranges.position, ranges: [newest, ...others, ...this.ranges.position.ranges] };
    this.#watched.wholeFromMs = undefined;
    // Older ones first: what leaves them meanwhile is in the newest.
    for (const range of others) await this.#readRange(range, this.#context.signal);
    const isRead = await this.#readNewest(newest, options.isFirst ?? false);
    const isWhole = isRead && !this.ranges.position.ranges.some((range) => others.includes(range));
    // A stretch of time holds no changes of today.
    if (isWhole && this.#context.untilMs === undefined) this.#watched.wholeFromMs = startMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Looks at what changed since the last look at the newest, or, for a stretch that lies before it, since its reads began. */
  async #watch(): Promise<void> {
    if (this.#context.untilMs === undefined) return this.#readTop(this.ranges.topMs - WATCH_MARGIN_MS);
    const { graph, signal } = this.#context;
    const unsettled = this.ranges.done;
    const fromMs = Math.min(...unsettled.map(({ startedAt }) => Date.parse(startedAt!))) - WATCH_MARGIN_MS;
    if (unsettled.length > 0) {
      const page = await graph.page(this.#request(newRange(fromMs, undefined)), signal).catch((error: unknown) => {
        if (!isPageFailure(error, signal)) throw error;
      });
      if (page) this.#watched.add(page, timesOnPage(page), fromMs);
      const isWhole = page !== undefined && page.nextLink === undefined;
      // What nobody saw is read again.
      if (!isWhole) for (const range of unsettled) this.ranges.replace(range, halvesToRead(range));
    }
    this.#watched.wholeFromMs = Math.min(fromMs, Number.MAX_VALUE);
  }

  /** When reads began that are not known to be whole. */
  #unsettledMs(): readonly number[] {
    return this.ranges.position.ranges.flatMap(({ startedAt }) => (startedAt ? [Date.parse(startedAt)] : []));
  }

  #settle(): void {
    const settled = this.#watched.settled(this.ranges.position.ranges);
    for (const [range, left] of settled) this.ranges.replace(range, left);
  }

  #leftOut(untimed: Untimed): void {
    this.untimed = untimed;
    this.#onUntimed(untimed);
  }

  /** @returns true when one page held the whole range */
  async #readNewest(range: Range, isFirst: boolean): Promise<boolean> {
    const { graph, signal } = this.#context;
    let first: Page;
    try {
      first = await graph.page(this.#request(range), signal);
    } catch (error) {
      if (!isPageFailure(error, signal) || isRefusedLink(error)) throw error;
      const startedMs = momentOf(await probe(this.#context, this.#partition.ids, error), undefined);
      if (isFirst) this.#leftOut('possible');
      this.ranges.moveMark(startedMs);
      if (isFirst) this.ranges.replace(range, this.#slices(range, startedMs));
      else await this.#narrow(range, error, signal);
      return false;
    }
    if (isFirst && first.nextLink !== undefined) {
      this.#leftOut(messagesOf(first).some(isUntimed) ? 'seen' : 'possible');
      const startedMs = Date.parse((await this.#take(range, first)).startedAt!);
      this.ranges.moveMark(startedMs);
      this.ranges.replace(range, this.#slices(range, startedMs));
      return false;
    }
    const next = await this.#take(range, first);
    const startedMs = Date.parse(next.startedAt!);
    this.ranges.moveMark(startedMs);
    const narrowed = this.#unplaced.has(next) ? [newRange(msOf(range.from), startedMs)] : [];
    this.ranges.replace(range, [...(next.done ? [] : [next]), ...narrowed]);
    if (next.done) return narrowed.length === 0;
    await this.#readRange(next, signal);
    this.ranges.moveMark(startedMs);
    this.ranges.save();
    return false;
  }

  #slices({ from }: Range, startedMs: number): readonly Range[] {
    const { untilMs = Number.POSITIVE_INFINITY } = this.#context;
    return endedAt(sliceRange(msOf(from), Math.min(startedMs, untilMs)), this.#context.untilMs);
  }

  async #readAll(ranges: readonly Range[]): Promise<void> {
    this.#watched.wholeFromMs = undefined;
    this.#counting = this.#budget;
    const parallel = this.#budget.isCapped ? 1 : PARALLEL_RANGES;
    await forEachLimited(ranges, parallel, this.#context.signal, (range, signal) => this.#readRange(range, signal));
  }

  /** Reads a range from where it stands. */
  async #readRange(start: Range, signal: AbortSignal): Promise<void> {
    if (this.#counting.spent && (start.pages === 0 || this.ranges.cut(start))) return;
    const { graph } = this.#context;
    const attempts = start.failed ? GAP_ATTEMPTS : this.#narrowed.has(start) && halve(start) ? 1 : undefined;
    let range = start;
    try {
      const request = { ...this.#request(start), attempts };
      for await (const page of pagesFrom(graph, request, signal)) {
        const next = await this.#take(range, page);
        this.ranges.replace(range, next.done && next.pages === 1 ? [] : [next]);
        range = next;
        this.#counting.take(() => messagesOf(page).length);
        if (this.#unplaced.has(next)) throw recordLost(this.#context.way.route);
        if (!next.done && this.#counting.spent && this.ranges.cut(next)) return;
      }
    } catch (error) {
      if (!isPageFailure(error, signal)) throw error;
      const isStale = start.nextLink !== undefined && range === start && isRefusedLink(error);
      if (!isStale) return this.#narrow(range, error, signal);
      const again = newRange(msOf(range.from), msOf(range.to));
      this.ranges.replace(range, [again]);
      await this.#readRange(again, signal);
    }
  }

  /** Lands a page of a range. @returns the range after it */
  async #take(range: Range, page: Page): Promise<Range> {
    const lost = lostTimes(page);
    await this.#land(range, page, lost.length === 0);
    const times = timesOnPage(page);
    const seenMs = latestSeen(msOf(this.ranges.position.seen), times, page);
    const startedMs = momentOf(page, seenMs);
    if (seenMs !== undefined) this.ranges.position = { ...this.ranges.position, seen: instant(seenMs) };
    this.#watched.saw(page, times, startedMs);
    const { failed: _, nextLink: __, ...rest } = range;
    const shown = [...times, ...(range.span ?? []).map((at) => Date.parse(at))];
    const next: Range = {
      ...rest,
      startedAt: range.startedAt ?? instant(startedMs),
      pages: range.pages + 1,
      done: page.nextLink === undefined,
      ...(page.nextLink !== undefined && { nextLink: page.nextLink }),
      ...(shown.length > 0 && { span: [instant(Math.min(...shown)), instant(Math.max(...shown))] }),
    };
    if (lost.some(Number.isNaN)) this.#unplaced.add(next);
    for (const ms of lost) if (!Number.isNaN(ms)) this.ranges.lose(ms, range.failed);
    return next;
  }

  /** Lands a page, but for one that shows the newest and is the one that was landed before. */
  async #land(range: Range, page: Page, isWhole: boolean): Promise<void> {
    const isNewest = range.to === undefined && range.pages === 0 && page.nextLink === undefined;
    const digest = isNewest && isWhole ? digestOf(page) : undefined;
    const { landed, through } = this.ranges.position;
    if (digest !== undefined && digest === landed && through !== undefined) return;
    await landPage(this.#context, this.#partition, page, FLAT);
    if (isNewest) this.ranges.position = { ...this.ranges.position, landed: digest };
  }

  /** Ends a read before its end. What took several pages and is not known to be whole is read again, in halves. */
  async #stop(): Promise<void> {
    if (Number.isFinite(this.ranges.topMs)) this.ranges.moveMark(this.ranges.topMs);
    if (this.ranges.done.length > 0) {
      if (this.#watched.wholeFromMs === undefined) await this.#watch();
      if (this.#watched.wholeFromMs !== undefined) this.#settle();
      for (const range of this.ranges.done) this.ranges.replace(range, halvesToRead(range));
    }
    this.ranges.save();
    const { resource, unfinished } = this.#context;
    unfinished({ resource, partition: this.#partition.key, by: this.#budget.spent! });
    this.ranges.nameGaps();
  }

  /** Halves a range that fails, until only what is bad is left out of what was read. */
  async #narrow(range: Range, error: unknown, signal: AbortSignal): Promise<void> {
    const halves = this.#narrowing > NARROWING_REQUESTS ? undefined : halve(range);
    if (!halves) return this.ranges.fail(range, error);
    await probe(this.#context, this.#partition.ids, error);
    this.#narrowing += 3;
    this.ranges.replace(range, halves);
    for (const half of halves) {
      this.#narrowed.add(half);
      await this.#readRange(half, signal);
    }
  }

  #request(range: Pick<Range, 'from' | 'to' | 'nextLink'>): PageRequest {
    return rangeRequest(this.#context.way, this.#partition.ids, range);
  }
}
