import { SluiceError } from '../../errors/sluice-error.ts';
import type { Page, PageRequest } from '../../graph/types.ts';
import { channelMessages } from '../../resources/channel-messages.ts';
import { expandRoute } from '../../resources/types.ts';
import { forEachLimited } from '../concurrency.ts';
import { records } from '../discovery.ts';
import { pagesFrom } from '../pages.ts';
import { instant, type MessagePosition, type SlicePosition } from '../position.ts';
import { EPOCH_MS, halve, openSlice, sliceFilter, sliceRange } from '../time-slices.ts';
import { advance, CLOCK_SKEW_MS, isRefusedLink, landPage, type MessagePartition, type ReadContext } from './context.ts';

const read = channelMessages.reads.find(({ strategy }) => strategy === 'export')!;

/** getAllMessages lists roots and replies alike. */
const FLAT = { nested: false };

/** Slices of one team read side by side. */
const PARALLEL_SLICES = 4;

/** Halving a slice this often leaves one millisecond of it. */
const MAX_ROUNDS = 48;

/** A message that changed while its team was being read. */
interface Change {
  readonly createdMs: number;
  readonly modifiedMs: number;
}

/**
 * Reads all channels of a team with getAllMessages, by time slices.
 *
 * The service pages by *skip*: a message that is modified while a list of several pages is read leaves the slice, the
 * rest moves up, and one message at a page border is missed. So every slice of more than one page is checked against
 * what changed since it was begun, and read again in halves when something left it. One page is atomic.
 *
 * @throws SluiceError as the Graph client does; `moving_too_fast` when the slices never hold still.
 */
export async function readExport(context: ReadContext, partition: MessagePartition, nowMs: number): Promise<void> {
  const team = new ExportRead(context, partition, nowMs);
  await team.run();
}

class ExportRead {
  readonly #context: ReadContext;
  readonly #partition: MessagePartition;
  readonly #nowMs: number;
  #slices: SlicePosition[];
  /** Everything modified before this service time was read: at most the time of the earliest request. */
  #startedAtMs: number;

  constructor(context: ReadContext, partition: MessagePartition, nowMs: number) {
    this.#context = context;
    this.#partition = partition;
    this.#nowMs = nowMs;
    this.#slices = [...(partition.position.slices ?? firstSlices(context, partition.position, nowMs))];
    const started = this.#slices.flatMap(({ startedAt }) => (startedAt ? [Date.parse(startedAt)] : []));
    this.#startedAtMs = Math.min(Number.POSITIVE_INFINITY, ...started);
  }

  async run(): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await this.#readSlices();
      const suspects = this.#slices.filter(({ pages }) => pages > 1);
      if (suspects.length === 0) return this.#finish();
      this.#slices = await this.#unsettled(suspects);
      if (this.#slices.length === 0) return this.#finish();
    }
    throw new SluiceError({
      code: 'moving_too_fast',
      recovery: 'retry',
      surface: 'graph',
      message: `[GET ${read.route}] Messages of team ${this.#partition.teamId} changed faster than they could be read.`,
      hint: 'What was read is kept; the next run goes on.',
    });
  }

  /** Reads the slices that are not done, several at a time. */
  async #readSlices(): Promise<void> {
    const pending = this.#slices.map((slice, index) => ({ slice, index })).filter(({ slice }) => !slice.done);
    await forEachLimited(pending, PARALLEL_SLICES, this.#context.signal, async ({ slice, index }, signal) => {
      for await (const { page, next } of slicePages({ ...this.#context, signal }, this.#partition, slice)) {
        await landPage(this.#context, this.#partition, page, FLAT);
        this.#slices[index] = next;
        this.#startedAtMs = Math.min(this.#startedAtMs, Date.parse(next.startedAt!));
        this.#save();
      }
    });
  }

  /** Of slices that took several pages: those that must be read again, in halves. */
  async #unsettled(suspects: readonly SlicePosition[]): Promise<SlicePosition[]> {
    const sinceMs = Math.min(...suspects.map(({ startedAt }) => Date.parse(startedAt!))) - CLOCK_SKEW_MS;
    let tail = openSlice(sinceMs, Math.max(this.#nowMs, sinceMs));
    const changes: Change[] = [];
    for await (const { page, next } of slicePages(this.#context, this.#partition, tail)) {
      await landPage(this.#context, this.#partition, page, FLAT);
      changes.push(...changesOf(page));
      tail = next;
    }
    // Whatever a tail of several pages missed lies behind the mark of this read, and the next one finds it.
    if (tail.pages > 1) this.#startedAtMs = Math.min(this.#startedAtMs, sinceMs);
    const moved = suspects.filter((slice) => changes.some((change) => mayHaveLeft(slice, change)));
    return moved.flatMap(halvesBeforeStart);
  }

  #save(): void {
    const { through } = this.#partition.position;
    advance(this.#context, this.#partition, { ...(through !== undefined && { through }), slices: [...this.#slices] });
  }

  #finish(): void {
    advance(this.#context, this.#partition, { through: instant(this.#startedAtMs) });
  }
}

function firstSlices(context: ReadContext, position: MessagePosition, nowMs: number): SlicePosition[] {
  if (position.through !== undefined) return [openSlice(Date.parse(position.through) - context.overlapMs, nowMs)];
  return sliceRange(context.sinceMs === undefined ? EPOCH_MS : context.sinceMs - 1, nowMs);
}

/** The pages of a slice from where it stands, each with the position after it. A next link that is too old starts the slice again. */
async function* slicePages(
  context: ReadContext,
  partition: MessagePartition,
  start: SlicePosition,
): AsyncGenerator<{ page: Page; next: SlicePosition }> {
  let slice = start;
  try {
    for await (const page of pagesFrom(context.graph, sliceRequest(partition, slice), context.signal)) {
      slice = afterPage(slice, page);
      yield { page, next: slice };
    }
  } catch (error) {
    if (start.nextLink === undefined || slice !== start || !isRefusedLink(error)) throw error;
    yield* slicePages(context, partition, { from: start.from, to: start.to, pages: 0, done: false });
  }
}

function sliceRequest(partition: MessagePartition, slice: SlicePosition): PageRequest {
  const ids = { 'team-id': partition.teamId };
  const url = slice.nextLink ?? `${expandRoute(read, ids)}&$filter=${encodeURIComponent(sliceFilter(slice))}`;
  return { url, route: read.route, ids };
}

function afterPage(slice: SlicePosition, page: Page): SlicePosition {
  const { nextLink: _, ...rest } = slice;
  return {
    ...rest,
    startedAt: slice.startedAt ?? instant(page.serviceTimeMs),
    pages: slice.pages + 1,
    done: page.nextLink === undefined,
    ...(page.nextLink !== undefined && { nextLink: page.nextLink }),
  };
}

/**
 * The halves of what a slice held when it was begun: messages can only leave that, so halving ends. What was modified
 * since lies behind the mark of this read.
 */
function halvesBeforeStart(slice: SlicePosition): readonly SlicePosition[] {
  const fromMs = Date.parse(slice.from);
  const toMs = Math.min(Date.parse(slice.to), Date.parse(slice.startedAt!));
  if (toMs <= fromMs) return [];
  const closed = { from: slice.from, to: instant(toMs), pages: 0, done: false };
  return halve(closed, Math.floor((fromMs + toMs) / 2)) ?? [closed];
}

function changesOf(page: Page): Change[] {
  return records<{ createdDateTime: string; lastModifiedDateTime: string }>(page).map((record) => ({
    createdMs: Date.parse(record.createdDateTime),
    modifiedMs: Date.parse(record.lastModifiedDateTime),
  }));
}

function mayHaveLeft(slice: SlicePosition, change: Change): boolean {
  const startedMs = Date.parse(slice.startedAt!);
  return (
    change.createdMs <= Date.parse(slice.to) &&
    change.createdMs < startedMs &&
    change.modifiedMs >= startedMs - CLOCK_SKEW_MS
  );
}
