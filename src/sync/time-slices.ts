import { instant, type SlicePosition } from './position.ts';

const DAY_MS = 86_400_000;

/** Teams was announced on 2016-11-02: no message is older. https://news.microsoft.com/2016/11/02/microsoft-teams/ */
export const EPOCH_MS = Date.UTC(2016, 10, 1);

/** How far before now the slices of a first load begin, days. Recent ones are short: most changes meet recent messages. */
const AGES_DAYS = [3, 30, 180, 730];

/** An open range ends in the future, so that what changes while it is read stays inside it. */
const OPEN_END_MS = DAY_MS;

/**
 * Cuts a time range into slices that can be read side by side: one list of pages is sequential, several are not.
 *
 * @param fromMs - exclusive start
 * @param nowMs - the service's time; the last slice ends one day later
 */
export function sliceRange(fromMs: number, nowMs: number): SlicePosition[] {
  const cuts = AGES_DAYS.map((days) => nowMs - days * DAY_MS).filter((cut) => cut > fromMs);
  const ends = [fromMs, ...cuts.reverse(), nowMs + OPEN_END_MS];
  return ends.slice(1).map((to, index) => newSlice(ends[index]!, to));
}

/** The one slice of an incremental read. */
export function openSlice(fromMs: number, nowMs: number): SlicePosition {
  return newSlice(fromMs, nowMs + OPEN_END_MS);
}

/** Two halves around `middleMs`, or undefined when the slice is too short to cut. */
export function halve(slice: SlicePosition, middleMs: number): readonly [SlicePosition, SlicePosition] | undefined {
  const [from, to] = [Date.parse(slice.from), Date.parse(slice.to)];
  const middle = middleMs > from && middleMs < to ? middleMs : Math.floor((from + to) / 2);
  return middle > from && middle < to ? [newSlice(from, middle), newSlice(middle, to)] : undefined;
}

/**
 * `$filter` for a slice. Graph's `gt` and `lt` are both exclusive; a slice owns (from, to], so its end is asked for one
 * millisecond later.
 */
export function sliceFilter(slice: SlicePosition): string {
  const to = instant(Date.parse(slice.to) + 1);
  return `lastModifiedDateTime gt ${slice.from} and lastModifiedDateTime lt ${to}`;
}

function newSlice(fromMs: number, toMs: number): SlicePosition {
  return { from: instant(fromMs), to: instant(toMs), pages: 0, done: false };
}
