import type { Page } from '../graph/types.ts';
import { CLOCK_SKEW_MS } from './marks.ts';
import { createdMs, messagesOf, ownMs } from './message-times.ts';
import type { Range } from './position.ts';
import { halve, newRange } from './time-slices.ts';

const DAY_MS = 86_400_000;

/** A message that changed while its team was being read. */
export interface Change {
  readonly createdMs: number;
  readonly modifiedMs: number;
}

/** What a page shows of changes after an instant. What is dated into the future was dated so by hand: it is no change. */
export function changesSince(page: Page, times: readonly number[], fromMs: number): Change[] {
  if (!times.some((ms) => ms >= fromMs)) return [];
  return messagesOf(page)
    .map((message) => ({ createdMs: createdMs(message), modifiedMs: ownMs(message) }))
    .filter(({ modifiedMs }) => modifiedMs >= fromMs && modifiedMs <= page.receivedAtMs + DAY_MS);
}

/** True when a change may have taken a message out of its place in a range while the range was read. */
export function mayHaveLeft(range: Range, { createdMs: madeMs, modifiedMs }: Change): boolean {
  const startedMs = Date.parse(range.startedAt!);
  if (modifiedMs < startedMs - CLOCK_SKEW_MS) return false;
  const isOlder = Number.isNaN(madeMs) || madeMs < startedMs;
  return isOlder && (range.to === undefined || Number.isNaN(madeMs) || madeMs <= Date.parse(range.to));
}

/**
 * The halves of what a range held when it was begun: messages can only leave that, so halving ends. What was modified
 * since lies behind the mark of this read.
 */
export function halvesToRead(range: Range): readonly Range[] {
  const closed = closedAtBegin(range);
  return closed === undefined ? [] : (halve(closed) ?? [closed]);
}

/**
 * What a range that was begun and is not read on leaves to be read: its halves, since a link grows old and what leaves
 * the range meanwhile would not be noticed. What is dated into the future is no part of any mark and stays open.
 *
 * @returns undefined: the range is too short to cut, and is read to its end
 */
export function halvesLeft(range: Range): readonly Range[] | undefined {
  const started = Date.parse(range.startedAt!);
  if (range.from !== undefined && Date.parse(range.from) >= started) return halve(range);
  const closed = closedAtBegin(range)!;
  const halves = halve(closed);
  const isOpen = range.to === undefined || Date.parse(range.to) > started + DAY_MS;
  if (!isOpen) return halves;
  const future = newRange(started + DAY_MS, range.to === undefined ? undefined : Date.parse(range.to));
  return [future, ...(halves ?? [closed])];
}

/** A range as far as it reached when it was begun; undefined: it began later. */
function closedAtBegin(range: Range): Range | undefined {
  const started = range.startedAt!;
  const to = range.to === undefined || Date.parse(range.to) > Date.parse(started) ? started : range.to;
  if (range.from !== undefined && Date.parse(to) <= Date.parse(range.from)) return undefined;
  return { ...newRange(undefined, Date.parse(to)), from: range.from, span: range.span };
}

/** How long before a read its changes are watched for, ms. */
export const WATCH_MARGIN_MS = CLOCK_SKEW_MS;
