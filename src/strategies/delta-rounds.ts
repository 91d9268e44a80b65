import { allowsOtherRead } from '../errors/graph-error.ts';
import { isBadRequest, isRefusedLink } from '../errors/graph-refusals.ts';
import { expandRoute } from '../graph/endpoint.ts';
import type { Page, PageRequest } from '../graph/types.ts';
import { Budget } from './budget.ts';
import { advance, type Partition } from './context.ts';
import { gapOf, isPageFailure } from './gaps.ts';
import { markOf, momentOf } from './marks.ts';
import { messagesOf } from './message-times.ts';
import { pagesFrom } from './pages.ts';
import { type Failure, instant, isWider, type ListPosition, msOf, type RangesPosition } from './position.ts';
import type { EstimateContext, EstimatedRequests, ReadContext } from './strategy.ts';

const DAY_MS = 86_400_000;

/** A place that refused delta is asked again after this long. */
const PROBE_AGAIN_MS = 7 * DAY_MS;

/** A link older than this is replaced by a new round from the mark: the life of Teams delta tokens is not published. */
const REFRESH_AFTER_MS = 5 * DAY_MS;

/** `beside`: it was read beside the delta instead. */
export interface DeltaOutcome {
  readonly outcome: 'read' | 'beside';
  /** Why, when it is not that the service serves no delta here. */
  readonly error?: unknown;
}

const READ: DeltaOutcome = { outcome: 'read' };
const REFUSED: DeltaOutcome = { outcome: 'beside' };

/** A part of a place that is still to be read. */
interface Part {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly id?: string;
  readonly failed?: Failure | undefined;
}

/** What stands beside a delta: it reads what no round gives, and knows what a page of one holds. */
export interface Beside<P> {
  /** What a position names as not read. */
  openParts(position: P): readonly Part[];
  /** True when something of the place is only found beside the delta. */
  isOpen(position: P): boolean;
  /** Reads a first load and what is open. @returns where reading stands now */
  catchUp(position: P): Promise<P>;
  /** Lands a page of a round. @returns the position with what was seen, and what was lost */
  land(position: P, page: Page): Promise<P>;
  /** The position after a whole round. */
  reach(position: P, mark: string): P;
}

/**
 * Reads a place through its delta link. Delta reaches back eight months only and may refuse a place, so the first load,
 * and whatever a lost link leaves open, is read beside it: a round begins at the mark that was earned there. A page of a
 * round that stays bad cannot be passed by: what is new is read beside it, in every run until it heals.
 */
export async function readDelta<P extends ListPosition | RangesPosition>(
  context: ReadContext,
  partition: Partition<P>,
  beside: Beside<P>,
): Promise<DeltaOutcome> {
  if (isRefusedLately(partition.position, context.now())) {
    await beside.catchUp(partition.position);
    return REFUSED;
  }
  const link = usableLink(context, partition.position, beside);
  if (link === undefined) return readAgain(context, partition, beside);
  try {
    await readRound(context, partition, link, beside);
    return READ;
  } catch (error) {
    if (!isRefusedLink(error) && !isReadBeside(error, context.signal)) throw error;
    return readAgain(context, partition, beside);
  }
}

/** The requests of {@link readDelta}: the next round alone, or what stands beside it and a new round. */
export async function estimateDelta<P extends ListPosition | RangesPosition>(
  context: EstimateContext,
  { position, ids }: Pick<Partition<P>, 'position' | 'ids'>,
  beside: Pick<Beside<P>, 'isOpen'> & { readonly estimate: () => Promise<readonly EstimatedRequests[]> },
): Promise<EstimatedRequests[]> {
  const round = { method: 'GET', route: context.way.route, ids, count: 1, isSize: false } as const;
  if (isRefusedLately(position, context.now())) return [...(await beside.estimate())];
  if (usableLink(context, position, beside) !== undefined) return [round];
  const read = await beside.estimate();
  // What caps leave open is read before a round begins.
  return read.some(({ isCut }) => isCut) ? [...read] : [...read, round];
}

type Link = NonNullable<ListPosition['delta']>;

const isRefusedLately = ({ deltaRefusedAt }: Pick<ListPosition, 'deltaRefusedAt'>, nowMs: number): boolean =>
  deltaRefusedAt !== undefined && Math.abs(nowMs - Date.parse(deltaRefusedAt)) < PROBE_AGAIN_MS;

/** The link of the next round, or of the next page of one; undefined: something is to be read that it does not lead to. */
function usableLink<P extends ListPosition | RangesPosition>(
  { sinceMs, now }: Pick<ReadContext, 'sinceMs' | 'now'>,
  position: P,
  { isOpen }: Pick<Beside<P>, 'isOpen'>,
): Link | undefined {
  const { through, since, delta } = position;
  if (through === undefined || delta === undefined || isOpen(position) || isWider(sinceMs, since)) return undefined;
  return Math.abs(now() - Date.parse(delta.at)) > REFRESH_AFTER_MS ? undefined : delta;
}

/** True for what another way may read: a page that fails, or a delta that is refused as such. */
const isReadBeside = (error: unknown, signal: AbortSignal): boolean =>
  isPageFailure(error, signal) || allowsOtherRead(error);

/** Reads what is open beside the delta, then begins a new round behind it. */
async function readAgain<P extends ListPosition | RangesPosition>(
  context: ReadContext,
  partition: Partition<P>,
  beside: Beside<P>,
): Promise<DeltaOutcome> {
  const position = await beside.catchUp({ ...partition.position, delta: undefined });
  // What has a gap at its front has earned no mark to begin at; what caps left open is read first.
  const isCut = context.caps !== undefined && beside.openParts(position).some(({ failed }) => failed === undefined);
  if (position.through === undefined || isCut) return READ;
  const fromMs = Math.min(Date.parse(position.through), context.now()) - context.overlapMs;
  const filter = encodeURIComponent(`lastModifiedDateTime gt ${instant(fromMs)}`);
  const link = `${expandRoute(context.way, partition.ids)}&$filter=${filter}`;
  try {
    await readRound(context, { ...partition, position }, { link }, beside);
    return READ;
  } catch (error) {
    if (isBadRequest(error)) {
      advance(context, partition, { ...position, deltaRefusedAt: instant(context.now()) });
      return REFUSED;
    }
    if (!isReadBeside(error, context.signal)) throw error;
    // A new round in the next run: what this one has shown is read beside it too.
    advance(context, partition, position);
    return { outcome: 'beside', error };
  }
}

async function readRound<P extends ListPosition | RangesPosition>(
  context: ReadContext,
  partition: Partition<P>,
  from: Pick<Link, 'link' | 'startedAt'> & Partial<Link>,
  beside: Beside<P>,
): Promise<void> {
  const { key, ids } = partition;
  const request: PageRequest = { url: from.link, route: context.way.route, ids, delta: true, replies: true };
  let { position } = partition;
  const budget = new Budget(context.caps);
  // A round that goes on began where it began.
  let startedAt = from.done ? undefined : from.startedAt;
  for await (const page of pagesFrom(context.graph, request, context.signal)) {
    position = await beside.land(position, page);
    const at = instant(momentOf(page, msOf(position.seen)));
    startedAt ??= at;
    const link = page.nextLink ?? page.deltaLink!;
    const done = page.deltaLink !== undefined;
    const mark = markOf({
      startedMs: Date.parse(startedAt),
      nowMs: context.now(),
      seenMs: msOf(position.seen),
      overlapMs: context.overlapMs,
      before: position.through,
    });
    position = { ...(done ? beside.reach(position, mark) : position), delta: { link, done, at, startedAt } };
    advance(context, partition, position);
    budget.take(() => messagesOf(page).length);
    const by = done ? undefined : budget.spent;
    if (by) context.unfinished({ resource: context.resource, partition: key, by });
    if (by) break;
  }
  const known = new Set<unknown>(beside.openParts(partition.position));
  // What was open before the round was named by what read it.
  for (const part of beside.openParts(position)) {
    if (part.failed && !known.has(part))
      context.gap(gapOf({ resource: context.resource, partition: key }, { ...part, failed: part.failed }));
  }
}
