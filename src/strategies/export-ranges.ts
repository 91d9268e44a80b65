import { isRefusedLink } from '../errors/graph-refusals.ts';
import { type Endpoint, expandRoute } from '../graph/endpoint.ts';
import type { Page, PageRequest } from '../graph/types.ts';
import { forEachLimited } from '../runtime/concurrency.ts';
import { Budget } from './budget.ts';
import { advance, FLAT, landPage, type RangesPartition } from './context.ts';
import { recordLost, strategyErrors } from './errors.ts';
import { failureOf, GAP_ATTEMPTS, gapOf, isDue, isPageFailure } from './gaps.ts';
import { latestSeen, markOf, momentOf } from './marks.ts';
import { isUntimed, lostTimes, messagesOf, timesOnPage } from './message-times.ts';
import { pagesFrom } from './pages.ts';
import { type Failure, instant, msOf, type Range, type RangesPosition } from './position.ts';
import type { ReadContext } from './strategy.ts';
import { endedAt, halve, newRange, openRanges, rangeFilter, sliceRange } from './time-slices.ts';
import { type Change, changesSince, halvesLeft, halvesToRead, mayHaveLeft, WATCH_MARGIN_MS } from './unsettled.ts';

/** Ranges of one team read side by side. */
const PARALLEL_RANGES = 4;

/** Halving a range this often leaves one millisecond of it. */
const MAX_ROUNDS = 200;

/** Requests of one run that may go into finding what fails in one team. */
const NARROWING_REQUESTS = 600;

/** Nothing is dated there: a request that must succeed when the service works. */
const NOWHERE: Pick<Range, 'from' | 'to'> = { from: '9999-12-31T00:00:00.000Z', to: '9999-12-31T00:00:00.001Z' };

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
  return { position: team.position, untimed: team.untimed };
}

export function rangeRequest(
  read: Pick<Endpoint, 'route' | 'query'>,
  ids: Readonly<Record<string, string>>,
  range: Pick<Range, 'from' | 'to' | 'nextLink'>,
): PageRequest {
  const filter = rangeFilter(range);
  const first = `${expandRoute(read, ids)}${filter === undefined ? '' : `&$filter=${encodeURIComponent(filter)}`}`;
  return { url: range.nextLink ?? first, route: read.route, ids };
}

class ExportRead {
  position: RangesPosition;
  untimed: Untimed = 'none';
  readonly #onUntimed: (untimed: Untimed) => void;
  readonly #context: ReadContext;
  readonly #partition: RangesPartition;
  /** What was seen to change since the earliest read that is not settled. */
  readonly #changes: Change[] = [];
  #watchedFromMs = Number.POSITIVE_INFINITY;
  /** When the newest was last asked for. */
  #topMs = Number.NEGATIVE_INFINITY;
  /** Start of the time that the last request covers in one page; undefined: something was read after it. */
  #wholeFromMs: number | undefined;
  /** Ranges that failed in this run. */
  readonly #failedNow = new Set<Range>();
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
    this.position = partition.position;
    this.#topBudget = new Budget(context.caps);
    this.#budget = new Budget(context.caps);
    this.#counting = this.#topBudget;
  }

  async run(): Promise<void> {
    await this.#begin();
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const pending = this.position.ranges.filter((range) => this.#isReady(range));
      if (pending.length > 0 && this.#budget.spent) return this.#stop();
      if (pending.length > 0) await this.#readAll(pending);
      else if (this.#wholeFromMs === undefined) await this.#watch();
      else this.#settle();
      if (this.#isFinished()) return this.#nameGaps();
    }
    throw strategyErrors.moving_too_fast({ route: this.#context.way.route, partition: this.#partition.key });
  }

  /** The newest first: what changed since the mark, or, of a team that was never read, a page that may be all of it. */
  async #begin(): Promise<void> {
    const { through, ranges, since } = this.position;
    const { sinceMs } = this.#context;
    // Also of what is only half read: what left it since would be missed by its further pages.
    const unsettledMs = ranges.flatMap(({ startedAt }) => (startedAt ? [Date.parse(startedAt)] : []));
    this.#watchedFromMs = Math.min(Number.POSITIVE_INFINITY, ...unsettledMs) - WATCH_MARGIN_MS;
    if (through === undefined) {
      const { again, ...position } = this.position;
      this.position = { ...position, since: again ? earlierEdge(since, sinceMs) : edgeOf(sinceMs, since) };
      return this.#readTop(undefined, { isFirst: true });
    }
    if (sinceMs !== undefined && since !== undefined && sinceMs < Date.parse(since)) {
      const earlier = newRange(sinceMs - 1, Date.parse(since) - 1);
      this.position = { ...this.position, since: instant(sinceMs), ranges: [...ranges, earlier] };
    }
    await this.#readTop(
      Math.min(this.#markMs() - this.#context.overlapMs, ...unsettledMs.map((ms) => ms - WATCH_MARGIN_MS)),
    );
  }

  /** Reads what changed after `fromMs`, up to now. */
  async #readTop(fromMs: number | undefined, options: { readonly isFirst?: boolean } = {}): Promise<void> {
    this.#counting = this.#topBudget;
    const edgeMs = msOf(this.position.since);
    const asksForAll = fromMs === undefined || this.position.seen === undefined;
    const firstMs = edgeMs === undefined ? undefined : edgeMs - 1;
    const startMs = asksForAll ? firstMs : Math.max(fromMs, firstMs ?? Number.NEGATIVE_INFINITY);
    const failed = this.position.ranges.filter((range) => range.failed !== undefined);
    const [newest, ...others] = endedAt(openRanges(startMs, failed), this.#context.untilMs);
    if (newest === undefined) return;
    this.position = { ...this.position, ranges: [newest, ...others, ...this.position.ranges] };
    this.#wholeFromMs = undefined;
    // Older ones first: what leaves them meanwhile is in the newest.
    for (const range of others) await this.#readRange(range, this.#context.signal);
    const isRead = await this.#readNewest(newest, options.isFirst ?? false);
    const isWhole = isRead && !this.position.ranges.some((range) => others.includes(range));
    // A stretch of time holds no changes of today.
    if (isWhole && this.#context.untilMs === undefined) this.#wholeFromMs = startMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Looks at what changed since the last look at the newest, or, for a stretch that lies before it, since its reads began. */
  async #watch(): Promise<void> {
    if (this.#context.untilMs === undefined) return this.#readTop(this.#topMs - WATCH_MARGIN_MS);
    const { graph, signal } = this.#context;
    const unsettled = this.position.ranges.filter(({ done }) => done);
    const fromMs = Math.min(...unsettled.map(({ startedAt }) => Date.parse(startedAt!))) - WATCH_MARGIN_MS;
    if (unsettled.length > 0) {
      const page = await graph.page(this.#request(newRange(fromMs, undefined)), signal).catch((error: unknown) => {
        if (!isPageFailure(error, signal)) throw error;
      });
      this.#changes.push(...(page ? changesSince(page, timesOnPage(page), fromMs) : []));
      const isWhole = page !== undefined && page.nextLink === undefined;
      // What nobody saw is read again.
      if (!isWhole) for (const range of unsettled) this.#replace(range, halvesToRead(range));
    }
    this.#wholeFromMs = Math.min(fromMs, Number.MAX_VALUE);
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
      const startedMs = momentOf(await this.#probe(error), undefined);
      if (isFirst) this.#leftOut('possible');
      this.#moveMark(startedMs);
      if (isFirst) this.#replace(range, this.#slices(range, startedMs));
      else await this.#narrow(range, error, signal);
      return false;
    }
    if (isFirst && first.nextLink !== undefined) {
      this.#leftOut(messagesOf(first).some(isUntimed) ? 'seen' : 'possible');
      const startedMs = Date.parse((await this.#take(range, first)).startedAt!);
      this.#moveMark(startedMs);
      this.#replace(range, this.#slices(range, startedMs));
      return false;
    }
    const next = await this.#take(range, first);
    const startedMs = Date.parse(next.startedAt!);
    this.#moveMark(startedMs);
    const narrowed = this.#unplaced.has(next) ? [newRange(msOf(range.from), startedMs)] : [];
    this.#replace(range, [...(next.done ? [] : [next]), ...narrowed]);
    if (next.done) return narrowed.length === 0;
    await this.#readRange(next, signal);
    this.#moveMark(startedMs);
    this.#save();
    return false;
  }

  #slices({ from }: Range, startedMs: number): readonly Range[] {
    const { untilMs = Number.POSITIVE_INFINITY } = this.#context;
    return endedAt(sliceRange(msOf(from), Math.min(startedMs, untilMs)), this.#context.untilMs);
  }

  async #readAll(ranges: readonly Range[]): Promise<void> {
    this.#wholeFromMs = undefined;
    this.#counting = this.#budget;
    const parallel = this.#budget.isCapped ? 1 : PARALLEL_RANGES;
    await forEachLimited(ranges, parallel, this.#context.signal, (range, signal) => this.#readRange(range, signal));
  }

  /** Reads a range from where it stands. */
  async #readRange(start: Range, signal: AbortSignal): Promise<void> {
    if (this.#counting.spent && (start.pages === 0 || this.#cut(start))) return;
    const { graph } = this.#context;
    const attempts = start.failed ? GAP_ATTEMPTS : this.#narrowed.has(start) && halve(start) ? 1 : undefined;
    let range = start;
    try {
      const request = { ...this.#request(start), attempts };
      for await (const page of pagesFrom(graph, request, signal)) {
        const next = await this.#take(range, page);
        this.#replace(range, next.done && next.pages === 1 ? [] : [next]);
        range = next;
        this.#counting.take(() => messagesOf(page).length);
        if (this.#unplaced.has(next)) throw recordLost(this.#context.way.route);
        if (!next.done && this.#counting.spent && this.#cut(next)) return;
      }
    } catch (error) {
      if (!isPageFailure(error, signal)) throw error;
      const isStale = start.nextLink !== undefined && range === start && isRefusedLink(error);
      if (!isStale) return this.#narrow(range, error, signal);
      const again = newRange(msOf(range.from), msOf(range.to));
      this.#replace(range, [again]);
      await this.#readRange(again, signal);
    }
  }

  /** Lands a page of a range. @returns the range after it */
  async #take(range: Range, page: Page): Promise<Range> {
    await landPage(this.#context, this.#partition, page, FLAT);
    const times = timesOnPage(page);
    const seenMs = latestSeen(msOf(this.position.seen), times, page);
    const startedMs = momentOf(page, seenMs);
    if (seenMs !== undefined) this.position = { ...this.position, seen: instant(seenMs) };
    this.#watchedFromMs = Math.min(this.#watchedFromMs, startedMs - WATCH_MARGIN_MS);
    this.#changes.push(...changesSince(page, times, this.#watchedFromMs));
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
    const lost = lostTimes(page);
    if (lost.some(Number.isNaN)) this.#unplaced.add(next);
    for (const ms of lost) if (!Number.isNaN(ms)) this.#lose(ms, range.failed);
    return next;
  }

  /** A message of a landed page is no JSON: the moment of its change is a gap. */
  #lose(ms: number, before: Failure | undefined): void {
    const moment = newRange(ms - 1, ms);
    const isMoment = ({ from, to, failed }: Range) => failed !== undefined && from === moment.from && to === moment.to;
    const known = this.position.ranges.find((range) => isMoment(range));
    if (known && (this.#failedNow.has(known) || before === undefined)) return;
    const gap: Range = {
      ...moment,
      failed: failureOf(recordLost(this.#context.way.route), before, this.#context.now()),
    };
    this.#failedNow.add(gap);
    this.position = { ...this.position, ranges: [...this.position.ranges.filter((range) => range !== known), gap] };
  }

  /** Ranges that took several pages are whole when nothing left them meanwhile; otherwise they are read again in halves. */
  #settle(): void {
    const unsettled = this.position.ranges
      .filter(({ done }) => done)
      .sort((a, b) => Date.parse(b.startedAt!) - Date.parse(a.startedAt!));
    for (const range of unsettled) {
      const fromMs = Date.parse(range.startedAt!) - WATCH_MARGIN_MS;
      const later = this.position.ranges.filter((one) => mayHoldChanges(one, range, fromMs));
      const isWatched = this.#wholeFromMs! <= fromMs;
      if (!isWatched && later.some((one) => one.failed === undefined)) return;
      const isBlind = later.some((one) => one.failed !== undefined);
      const mustRead = isBlind || this.#changes.some((change) => mayHaveLeft(range, change));
      this.#replace(range, mustRead ? halvesToRead(range) : []);
    }
  }

  /** Leaves the rest of a range to the next run. @returns false: it is too short to cut, and goes on */
  #cut(range: Range): boolean {
    const parts = halvesLeft(range);
    if (parts === undefined) return false;
    const isKnown = this.position.ranges.some((one) => one !== range && one.to === undefined);
    this.#replace(
      range,
      parts.filter(({ to }) => to !== undefined || !isKnown),
    );
    return true;
  }

  /** Ends a read before its end. What took several pages and is not known to be whole is read again, in halves. */
  async #stop(): Promise<void> {
    if (Number.isFinite(this.#topMs)) this.#moveMark(this.#topMs);
    if (this.position.ranges.some(({ done }) => done)) {
      if (this.#wholeFromMs === undefined) await this.#watch();
      if (this.#wholeFromMs !== undefined) this.#settle();
      for (const range of this.position.ranges.filter(({ done }) => done)) this.#replace(range, halvesToRead(range));
    }
    this.#save();
    const { resource, unfinished } = this.#context;
    unfinished({ resource, partition: this.#partition.key, by: this.#budget.spent! });
    this.#nameGaps();
  }

  /** Halves a range that fails, until only what is bad is left out of what was read. */
  async #narrow(range: Range, error: unknown, signal: AbortSignal): Promise<void> {
    const halves = this.#narrowing > NARROWING_REQUESTS ? undefined : halve(range);
    if (!halves) return this.#fail(range, error);
    await this.#probe(error);
    this.#narrowing += 3;
    this.#replace(range, halves);
    for (const half of halves) {
      this.#narrowed.add(half);
      await this.#readRange(half, signal);
    }
  }

  /** A request that must succeed when the service works. @throws the failure that is looked into, when it does not */
  async #probe(failure: unknown): Promise<Page> {
    const { graph, signal } = this.#context;
    try {
      return await graph.page({ ...this.#request(NOWHERE), attempts: GAP_ATTEMPTS }, signal);
    } catch {
      signal.throwIfAborted();
      throw failure;
    }
  }

  #request(range: Pick<Range, 'from' | 'to' | 'nextLink'>): PageRequest {
    return rangeRequest(this.#context.way, this.#partition.ids, range);
  }

  #fail(range: Range, error: unknown): void {
    const { from, to } = range;
    const failed = failureOf(error, range.failed, this.#context.now());
    const gap: Range = { ...newRange(msOf(from), msOf(to)), failed };
    this.#failedNow.add(gap);
    this.#replace(range, [gap]);
  }

  #isReady(range: Range): boolean {
    return !range.done && !this.#failedNow.has(range) && isDue(range, this.#context.now());
  }

  #isFinished(): boolean {
    const isOpen = this.position.ranges.some((range) => range.done || this.#isReady(range));
    return this.#wholeFromMs !== undefined && !isOpen;
  }

  #nameGaps(): void {
    const place = { resource: this.#context.resource, partition: this.#partition.key };
    for (const range of this.position.ranges) {
      if (range.failed) this.#context.gap(gapOf(place, { ...range, failed: range.failed }));
    }
  }

  #markMs(): number {
    return Math.min(Date.parse(this.position.through!), this.#context.now());
  }

  #moveMark(startedMs: number): void {
    const { seen, through } = this.position;
    const { overlapMs } = this.#context;
    this.#topMs = startedMs;
    const mark = { startedMs, nowMs: this.#context.now(), seenMs: msOf(seen), overlapMs, before: through };
    this.position = { ...this.position, through: markOf(mark) };
  }

  #replace(range: Range, ranges: readonly Range[]): void {
    this.position = {
      ...this.position,
      ranges: this.position.ranges.flatMap((one) => (one === range ? ranges : [one])),
    };
    this.#save();
  }

  #save(): void {
    if (this.position.through !== undefined) advance(this.#context, this.#partition, this.position);
  }
}

const edgeOf = (sinceMs: number | undefined, since: string | undefined) =>
  sinceMs === undefined ? since : instant(sinceMs);

/** The lower edge of what was read before, or an earlier one that is asked for now. */
function earlierEdge(since: string | undefined, sinceMs: number | undefined): string | undefined {
  if (since === undefined || sinceMs === undefined) return since;
  return instant(Math.min(Date.parse(since), sinceMs));
}

/** True when a range that is not known to be whole may hold changes of after `fromMs`, when `range` was being read. */
function mayHoldChanges(one: Range, range: Range, fromMs: number): boolean {
  if (one === range || (one.to !== undefined && Date.parse(one.to) <= fromMs)) return false;
  return !one.done || Date.parse(one.startedAt!) > Date.parse(range.startedAt!);
}
