import { isSluiceError } from '../../errors/sluice-error.ts';
import type { PageRequest } from '../../graph/types.ts';
import { channelMessages } from '../../resources/channel-messages.ts';
import { expandRoute } from '../../resources/types.ts';
import { pagesFrom } from '../pages.ts';
import { instant } from '../position.ts';
import {
  advance,
  CLOCK_SKEW_MS,
  channelIds,
  isRefusedLink,
  landFurtherReplies,
  landPage,
  type MessagePartition,
  type ReadContext,
} from './context.ts';
import { readRecent } from './recent.ts';

const read = channelMessages.reads.find(({ strategy }) => strategy === 'delta')!;

const DAY_MS = 86_400_000;

/** A channel that refused delta is asked again after this long. */
const PROBE_AGAIN_MS = 7 * DAY_MS;

/** A link older than this is replaced by a new round from the mark: the life of Teams delta tokens is not published. */
const REFRESH_AFTER_MS = 5 * DAY_MS;

/** Delta serves the last eight months; a mark older than this is read with the list first. */
const HORIZON_MS = 230 * DAY_MS;

export type DeltaOutcome = 'read' | 'refused';

/**
 * Reads one channel through its delta link. Delta reaches back eight months only and may refuse a channel, so the first
 * load, and whatever a lost link leaves open, is read with the list: the mark both keep is the same.
 *
 * @returns `refused` when the service does not serve delta for this channel; it was then read with the list.
 */
export async function readDelta(
  context: ReadContext,
  partition: MessagePartition,
  nowMs: number,
): Promise<DeltaOutcome> {
  const { position } = partition;
  if (position.deltaRefusedAt !== undefined && nowMs - Date.parse(position.deltaRefusedAt) < PROBE_AGAIN_MS) {
    await readRecent(context, partition);
    return 'refused';
  }
  const { delta, through } = position;
  if (through === undefined || nowMs - Date.parse(through) > HORIZON_MS) return readAgain(context, partition, nowMs);
  if (!delta || nowMs - Date.parse(delta.at) > REFRESH_AFTER_MS) return startRound(context, partition, nowMs);
  try {
    await readRound(context, partition, delta.link);
    return 'read';
  } catch (error) {
    if (!isRefusedLink(error)) throw error;
    return readAgain(context, partition, nowMs);
  }
}

/** Reads what is open with the list, then begins a new delta round behind it. */
async function readAgain(context: ReadContext, partition: MessagePartition, nowMs: number): Promise<DeltaOutcome> {
  await readRecent(context, withoutDelta(partition));
  return startRound(context, { ...partition, position: { through: instant(nowMs - CLOCK_SKEW_MS) } }, nowMs);
}

async function startRound(context: ReadContext, partition: MessagePartition, nowMs: number): Promise<DeltaOutcome> {
  const fromMs = Date.parse(partition.position.through!) - context.overlapMs;
  const filter = encodeURIComponent(`lastModifiedDateTime gt ${instant(fromMs)}`);
  try {
    await readRound(context, partition, `${expandRoute(read, channelIds(partition))}&$filter=${filter}`);
    return 'read';
  } catch (error) {
    if (!isSluiceError(error) || error.request?.status !== 400) throw error;
    const refused = { ...withoutDelta(partition).position, deltaRefusedAt: instant(nowMs) };
    await readRecent(context, { ...partition, position: refused });
    return 'refused';
  }
}

async function readRound(context: ReadContext, partition: MessagePartition, url: string): Promise<void> {
  const request: PageRequest = { url, route: read.route, ids: channelIds(partition), delta: true, replies: true };
  let startedMs: number | undefined;
  for await (const page of pagesFrom(context.graph, request, context.signal)) {
    startedMs ??= page.serviceTimeMs;
    await landPage(context, partition, page);
    await landFurtherReplies(context, partition, page);
    const at = instant(page.serviceTimeMs);
    const { through } = partition.position;
    if (page.nextLink !== undefined)
      advance(context, partition, { through: through!, delta: { link: page.nextLink, done: false, at } });
    if (page.deltaLink !== undefined) {
      advance(context, partition, {
        through: instant(startedMs - CLOCK_SKEW_MS),
        delta: { link: page.deltaLink, done: true, at },
      });
    }
  }
}

function withoutDelta(partition: MessagePartition): MessagePartition {
  const { delta: _, ...position } = partition.position;
  return { ...partition, position };
}
