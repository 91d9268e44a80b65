import type { Page } from '../graph/types.ts';
import type { Range, RangesPosition } from './position.ts';
import { type Change, changesSince, halvesToRead, mayHaveLeft, WATCH_MARGIN_MS } from './unsettled.ts';

/** What was seen to change while ranges of several pages were read, and so may have left them at a page border. */
export class ChangeWatch {
  readonly #changes: Change[] = [];
  /** Before the earliest read that is not settled. */
  #fromMs: number;
  /** Start of the time that the last request covers in one page; undefined: something was read after it. */
  wholeFromMs: number | undefined;

  constructor(unsettledMs: readonly number[]) {
    this.#fromMs = Math.min(Number.POSITIVE_INFINITY, ...unsettledMs) - WATCH_MARGIN_MS;
  }

  /** A page of a read that began at `startedMs`. */
  saw(page: Page, times: readonly number[], startedMs: number): void {
    this.#fromMs = Math.min(this.#fromMs, startedMs - WATCH_MARGIN_MS);
    this.add(page, times, this.#fromMs);
  }

  add(page: Page, times: readonly number[], fromMs: number): void {
    this.#changes.push(...changesSince(page, times, fromMs));
  }

  /**
   * Ranges that took several pages are whole when nothing left them meanwhile; otherwise they are read again in halves.
   *
   * @returns what takes the place of each range that can be judged now
   */
  settled(ranges: RangesPosition['ranges']): ReadonlyMap<Range, readonly Range[]> {
    const settled = new Map<Range, readonly Range[]>();
    const standing = () => ranges.flatMap((one) => settled.get(one) ?? [one]);
    const unsettled = ranges
      .filter(({ done }) => done)
      .sort((a, b) => Date.parse(b.startedAt!) - Date.parse(a.startedAt!));
    for (const range of unsettled) {
      const fromMs = Date.parse(range.startedAt!) - WATCH_MARGIN_MS;
      const later = standing().filter((one) => mayHoldChanges(one, range, fromMs));
      const isWatched = this.wholeFromMs! <= fromMs;
      if (!isWatched && later.some((one) => one.failed === undefined)) break;
      const isBlind = later.some((one) => one.failed !== undefined);
      const mustRead = isBlind || this.#changes.some((change) => mayHaveLeft(range, change));
      settled.set(range, mustRead ? halvesToRead(range) : []);
    }
    return settled;
  }
}

/** True when a range that is not known to be whole may hold changes of after `fromMs`, when `range` was being read. */
function mayHoldChanges(one: Range, range: Range, fromMs: number): boolean {
  if (one === range || (one.to !== undefined && Date.parse(one.to) <= fromMs)) return false;
  return !one.done || Date.parse(one.startedAt!) > Date.parse(range.startedAt!);
}
