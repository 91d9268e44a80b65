import { isFailureOfAPage, isRefusedLink } from '../errors/graph-refusals.ts';
import type { Page, PageRequest } from '../graph/types.ts';
import { Budget } from './budget.ts';
import { advance, type ListPartition, landPage, listOf } from './context.ts';
import { strategyErrors } from './errors.ts';
import { isKnownFront, withFront } from './front.ts';
import { failureOf, GAP_ATTEMPTS, gapOf, isDue, isPageFailure } from './gaps.ts';
import { listRequest } from './list-read.ts';
import { withLost } from './lost-records.ts';
import { CLOCK_SKEW_MS, latestSeen, markOf, momentOf } from './marks.ts';
import { activityMs, type Chain, lostTimes, messagesOf, ownMs, repliesOf } from './message-times.ts';
import { digestOf } from './page-digest.ts';
import { endMs, leading, reachesDownTo } from './page-ends.ts';
import { pagesFrom } from './pages.ts';
import { instant, isWider, type ListPosition, type ListRest, laterInstant, msOf, type ThreadGap } from './position.ts';
import { type HiddenReplies, hiddenReplies, landReplies } from './replies.ts';
import type { ReadContext, Way } from './strategy.ts';

/** Reads of the front until it fits one page: each covers only the time of the one before. */
const MAX_ROUNDS = 48;

/** Pages of a list that fails at once, each smaller than the one before: what stands in front of a bad message is new. */
const SMALLER_PAGES = [10, 1];

/** `whole`: one page, the channel as it stood at one moment. `cut`: a cap ended it. `broken`: a page after the first failed; `failed`: the first. */
type Front = 'whole' | 'paged' | 'cut' | 'broken' | 'failed';

/** One read of a list: its front, what earlier reads left open, and the front again while it moves. */
export class RecentRead {
  position: ListPosition;
  readonly #context: ReadContext;
  readonly #partition: ListPartition;
  readonly #list: Way;
  /** When the front was last read. */
  #frontMs = Number.NEGATIVE_INFINITY;
  readonly #frontBudget: Budget;
  /** What earlier runs left open is counted for itself: the front of a busy place would take all. */
  readonly #budget: Budget;

  constructor(context: ReadContext, partition: ListPartition) {
    this.#context = context;
    this.#partition = partition;
    this.#list = listOf(context);
    this.position = partition.position;
    this.#frontBudget = new Budget(context.caps);
    this.#budget = new Budget(context.caps);
  }

  async run(full: boolean): Promise<void> {
    const { cycle } = this.#context;
    const goesOn = cycle !== undefined && this.position.cycle === cycle;
    const stopMs = this.#begin(full && !goesOn);
    const open = this.position.rest.filter((part) => isDue(part, this.#context.now()));
    const first = await this.#readFront(stopMs);
    // What moved to the front meanwhile is no part of what could not be read.
    let front: Front = first === 'broken' ? 'paged' : first;
    for (const rest of open) {
      if (this.#budget.spent) break;
      if ((await this.#readRest(rest)) && front === 'whole') front = 'paged';
    }
    for (const thread of this.position.threads.filter((gap) => isDue(gap, this.#context.now()))) {
      await this.#readThread(thread);
    }
    for (let round = 0; front === 'paged'; round++) {
      if (round === MAX_ROUNDS)
        throw strategyErrors.moving_too_fast({ route: this.#list.route, partition: this.#partition.key });
      front = await this.#readFront(this.#frontMs - CLOCK_SKEW_MS);
    }
    const place = { resource: this.#context.resource, partition: this.#partition.key };
    const by = this.#frontBudget.spent ?? this.#budget.spent;
    if (by && this.position.rest.some(({ failed }) => failed === undefined)) this.#context.unfinished({ ...place, by });
    for (const part of [...this.position.rest, ...this.position.threads]) {
      if (part.failed) this.#context.gap(gapOf(place, { ...part, failed: part.failed }));
    }
  }

  /** Prepares the position. @returns where the read of the front ends */
  #begin(full: boolean): number | undefined {
    const { overlapMs, sinceMs } = this.#context;
    const listedMs = this.#listedMs(overlapMs);
    if (!full && listedMs !== undefined) {
      this.#widen(sinceMs);
      return listedMs;
    }
    const { rest: _, threads: __, listed: ___, since: ____, landed: _____, ...kept } = this.position;
    const since = sinceMs === undefined ? (full ? undefined : this.position.since) : instant(sinceMs);
    const { cycle } = full ? this.#context : kept;
    this.position = { ...kept, rest: [], threads: [], since, cycle };
    return msOf(since);
  }

  /** An earlier beginning than before: what lies between is read too. */
  #widen(sinceMs: number | undefined): void {
    const { since, rest } = this.position;
    if (sinceMs === undefined || since === undefined || !isWider(sinceMs, since)) return;
    const edge = instant(sinceMs);
    const widened = rest.map((part) => (part.from === since ? { ...part, from: edge } : part));
    this.position = { ...this.position, since: edge, rest: [...widened, { from: edge, to: since }] };
  }

  #listedMs(overlapMs: number): number | undefined {
    const listedMs = msOf(this.position.listed ?? this.position.through);
    return listedMs === undefined ? undefined : Math.min(listedMs, this.#context.now()) - overlapMs;
  }

  /** Reads from the newest chain down. */
  async #readFront(stopMs: number | undefined): Promise<Front> {
    const first = await this.#firstPage(stopMs);
    let rest: ListRest = { from: stopMs === undefined ? undefined : instant(stopMs) };
    let count = 0;
    let isCut = false;
    try {
      for await (const page of this.#pagesAfter(first)) {
        count += 1;
        if (count > 1) this.#frontBudget.take(() => messagesOf(page).length);
        const chains = messagesOf(page);
        const ends = await this.#land(page, chains, { stopMs, isFirst: count === 1 });
        const to = endOf(page, chains);
        if (count === 1) this.#frontMs = momentOf(page, msOf(this.position.seen));
        const isEnd = page.nextLink === undefined || ends;
        const others = this.position.rest.filter((part) => part !== rest);
        const link = rest.nextLink;
        rest = { ...rest, nextLink: page.nextLink, to: to ?? rest.to };
        const lost = { page, link, route: this.#list.route, nowMs: this.#context.now() };
        const { listed, through } = this.position;
        const mark = this.#mark(laterInstant(listed, through));
        this.#save({
          rest: withLost(isEnd ? others : [rest, ...others], lost),
          listed: mark,
          through: isEnd && count === 1 ? mark : through,
        });
        isCut = !isEnd && this.#frontBudget.spent !== undefined;
        if (isEnd || isCut) break;
      }
    } catch (error) {
      if (!isPageFailure(error, this.#context.signal)) throw error;
      this.#fail(rest, error);
      return count === 0 ? 'failed' : 'broken';
    }
    if (isCut) return 'cut';
    return count === 1 ? 'whole' : 'paged';
  }

  /** The first page; in smaller pages when it stays bad. */
  async #firstPage(fromMs: number | undefined): Promise<Page> {
    const { graph, signal } = this.#context;
    try {
      return await graph.page(this.#request({ fromMs }), signal);
    } catch (error) {
      if (!isPageFailure(error, signal) || !isFailureOfAPage(error)) throw error;
      for (const top of SMALLER_PAGES) {
        const request = { ...this.#request({ top, fromMs }), attempts: 1 };
        const page = await graph.page(request, signal).catch(() => undefined);
        if (page) return page;
        signal.throwIfAborted();
      }
      throw error;
    }
  }

  async *#pagesAfter(first: Page): AsyncGenerator<Page> {
    yield first;
    const { graph, signal } = this.#context;
    if (first.nextLink !== undefined) yield* pagesFrom(graph, this.#request({ link: first.nextLink }), signal);
  }

  /** Goes on where a read of the front ended. @returns true when pages were read */
  async #readRest(start: ListRest): Promise<boolean> {
    const { graph, signal } = this.#context;
    const stopMs = msOf(start.from);
    const attempts = start.failed && GAP_ATTEMPTS;
    let rest = start;
    let isRead = false;
    try {
      const request = { ...this.#request({ link: rest.nextLink, fromMs: stopMs, to: rest.to }), attempts };
      for await (const page of pagesFrom(graph, request, signal)) {
        isRead = true;
        const chains = messagesOf(page);
        const isReached = reachesDownTo(chains, msOf(rest.to));
        const ends = isReached && (await this.#land(page, chains, { stopMs, isFirst: false }));
        const isEnd = page.nextLink === undefined || ends;
        const { failed: _, ...open } = rest;
        const to = endOf(page, chains);
        const next = { ...open, nextLink: page.nextLink, to: earlier(open.to, to) };
        this.#replaceRest(rest, isEnd ? [] : [next]);
        const { route } = this.#list;
        const lost = { page, route, link: rest.nextLink, before: rest.failed, nowMs: this.#context.now() };
        this.#save({ rest: withLost(this.position.rest, lost) });
        if (isReached) this.#budget.take(() => chains.length);
        if (isEnd || this.#budget.spent) break;
        rest = next;
      }
    } catch (error) {
      if (!isPageFailure(error, signal)) throw error;
      if (rest === start && start.nextLink !== undefined && isRefusedLink(error)) {
        const walk = { from: rest.from, to: rest.to };
        this.#replaceRest(rest, [walk]);
        return this.#readRest(walk);
      }
      this.#fail(rest, error);
    }
    return isRead;
  }

  #request(part: Parameters<typeof listRequest>[2]): PageRequest {
    return listRequest(this.#list, this.#partition.ids, part);
  }

  #fail(rest: ListRest, error: unknown): void {
    const known = this.position.rest.find((one) => one !== rest && one.failed && one.nextLink === rest.nextLink);
    if (known) this.#replaceRest(rest, []);
    else this.#replaceRest(rest, [{ ...rest, failed: failureOf(error, rest.failed, this.#context.now()) }]);
  }

  #replaceRest(part: ListRest, parts: readonly ListRest[]): void {
    this.#save({ rest: this.position.rest.flatMap((one) => (one === part ? parts : [one])) });
  }

  /**
   * Lands a page and the replies that it hides, of threads that changed since the mark.
   *
   * The list is in the order of change, hidden replies counted: a thread in front of a changed one has changed. Threads
   * with hidden replies at the very front show nothing; they are read again when their order changed, and once a day.
   *
   * @returns true when the page ends below the mark
   */
  async #land(
    page: Page,
    chains: readonly Chain[],
    { stopMs, isFirst }: { readonly stopMs: number | undefined; readonly isFirst: boolean },
  ): Promise<boolean> {
    await this.#landPage(page, isFirst);
    const times = chains.flatMap((chain) => [chain, ...repliesOf(chain)].map(ownMs));
    const seenMs = latestSeen(msOf(this.position.seen), times, page);
    if (seenMs !== undefined) this.position = { ...this.position, seen: instant(seenMs) };
    const hidden = hiddenReplies(page, chains);
    const ids = new Set<unknown>(hidden.map(({ id }) => id));
    const lastNew =
      stopMs === undefined ? chains.length - 1 : chains.findLastIndex((chain) => activityMs(chain) >= stopMs);
    const changed = new Set<unknown>(chains.slice(0, lastNew + 1).map(({ id }) => id));
    const behind = leading(chains.slice(lastNew + 1), ids);
    const nowMs = this.#context.now();
    const isKnown = isFirst && behind.length > 0 && isKnownFront(this.position.front, behind, { changed, nowMs });
    for (const thread of hidden) {
      if (changed.has(thread.id) || (!isKnown && behind.includes(thread.id))) await this.#readThread(thread);
    }
    if (isFirst) this.position = withFront(this.position, leading(chains, ids), { isKnown, nowMs });
    const lastMs = endMs(chains, isKnown ? new Set() : ids);
    return stopMs !== undefined && lastMs !== undefined && lastMs < stopMs;
  }

  /** Lands a page, but for a first one that is the one that was landed before. */
  async #landPage(page: Page, isFirst: boolean): Promise<void> {
    const { since, landed } = this.position;
    const digest = isFirst && lostTimes(page).length === 0 ? digestOf(page, since) : undefined;
    if (digest !== undefined && digest === landed) return;
    await landPage(this.#context, this.#partition, page, { since });
    if (isFirst) this.position = { ...this.position, landed: digest };
  }

  async #readThread(thread: HiddenReplies | ThreadGap): Promise<void> {
    const before = this.position.threads.find(({ id }) => id === thread.id);
    const gap = await landReplies(this.#context, this.#partition, { ...before, ...thread, since: this.position.since });
    if (!gap && !before) return;
    const threads = this.position.threads.filter(({ id }) => id !== thread.id);
    this.#save({ threads: gap ? [...threads, gap] : threads });
  }

  #mark(before: string | undefined): string {
    const { overlapMs } = this.#context;
    const seenMs = msOf(this.position.seen);
    return markOf({ startedMs: this.#frontMs, nowMs: this.#context.now(), seenMs, overlapMs, before });
  }

  #save(change: Partial<ListPosition>): void {
    this.position = { ...this.position, ...change };
    advance(this.#context, this.#partition, this.position);
  }
}

/** Down to when the list was read at the end of a page. */
function endOf(page: Page, chains: readonly Chain[]): string | undefined {
  const ms = endMs(chains, new Set(hiddenReplies(page, chains).map(({ id }) => id)));
  return ms === undefined ? undefined : instant(ms);
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Date.parse(a) <= Date.parse(b) ? a : b;
}
