import { advance, type RangesPartition } from './context.ts';
import { recordLost } from './errors.ts';
import { failureOf, gapOf, isDue } from './gaps.ts';
import { markOf } from './marks.ts';
import { type Failure, instant, msOf, type Range, type RangesPosition } from './position.ts';
import type { ReadContext } from './strategy.ts';
import { newRange } from './time-slices.ts';
import { halvesLeft } from './unsettled.ts';

/** Where an export stands: its ranges and its mark. Every change is stored with the pages that it follows from. */
export class Ranges {
  position: RangesPosition;
  /** When the newest was last asked for. */
  topMs = Number.NEGATIVE_INFINITY;
  readonly #context: ReadContext;
  readonly #partition: RangesPartition;
  /** Those that failed in this run. */
  readonly #failedNow = new Set<Range>();

  constructor(context: ReadContext, partition: RangesPartition) {
    this.#context = context;
    this.#partition = partition;
    this.position = partition.position;
  }

  /** Read, and not yet known to be whole. */
  get done(): readonly Range[] {
    return this.position.ranges.filter(({ done }) => done);
  }

  /** What is to be read now. */
  get ready(): readonly Range[] {
    return this.position.ranges.filter((range) => this.#isReady(range));
  }

  get isOpen(): boolean {
    return this.position.ranges.some((range) => range.done || this.#isReady(range));
  }

  get markMs(): number {
    return Math.min(Date.parse(this.position.through!), this.#context.now());
  }

  /** Takes the beginning that is asked for. @returns false: nothing was read to its end before */
  begin(sinceMs: number | undefined): boolean {
    const { through, ranges, since } = this.position;
    if (through === undefined) {
      const { again, ...position } = this.position;
      const edge = sinceMs === undefined ? since : instant(sinceMs);
      this.position = { ...position, since: again ? earlierEdge(since, sinceMs) : edge };
      return false;
    }
    if (sinceMs !== undefined && since !== undefined && sinceMs < Date.parse(since)) {
      const earlier = newRange(sinceMs - 1, Date.parse(since) - 1);
      this.position = { ...this.position, since: instant(sinceMs), ranges: [...ranges, earlier] };
    }
    return true;
  }

  moveMark(startedMs: number): void {
    const { seen, through } = this.position;
    const { overlapMs } = this.#context;
    this.topMs = startedMs;
    const mark = { startedMs, nowMs: this.#context.now(), seenMs: msOf(seen), overlapMs, before: through };
    this.position = { ...this.position, through: markOf(mark) };
  }

  replace(range: Range, ranges: readonly Range[]): void {
    this.position = {
      ...this.position,
      ranges: this.position.ranges.flatMap((one) => (one === range ? ranges : [one])),
    };
    this.save();
  }

  /** Leaves the rest of a range to the next run. @returns false: it is too short to cut, and goes on */
  cut(range: Range): boolean {
    const parts = halvesLeft(range);
    if (parts === undefined) return false;
    const isKnown = this.position.ranges.some((one) => one !== range && one.to === undefined);
    this.replace(
      range,
      parts.filter(({ to }) => to !== undefined || !isKnown),
    );
    return true;
  }

  save(): void {
    if (this.position.through !== undefined) advance(this.#context, this.#partition, this.position);
  }

  /** A range becomes a gap. */
  fail(range: Range, error: unknown): void {
    const failed = failureOf(error, range.failed, this.#context.now());
    const gap: Range = { ...newRange(msOf(range.from), msOf(range.to)), failed };
    this.#failedNow.add(gap);
    this.replace(range, [gap]);
  }

  /** A message of a landed page is no JSON: the moment of its change is a gap. */
  lose(ms: number, before: Failure | undefined): void {
    const moment = newRange(ms - 1, ms);
    const isMoment = ({ from, to, failed }: Range) => failed !== undefined && from === moment.from && to === moment.to;
    const known = this.position.ranges.find((range) => isMoment(range));
    if (known && (this.#failedNow.has(known) || before === undefined)) return;
    const failed = failureOf(recordLost(this.#context.way.route), before, this.#context.now());
    const gap: Range = { ...moment, failed };
    this.#failedNow.add(gap);
    this.position = { ...this.position, ranges: [...this.position.ranges.filter((range) => range !== known), gap] };
  }

  nameGaps(): void {
    const place = { resource: this.#context.resource, partition: this.#partition.key };
    for (const range of this.position.ranges) {
      if (range.failed) this.#context.gap(gapOf(place, { ...range, failed: range.failed }));
    }
  }

  #isReady(range: Range): boolean {
    return !range.done && !this.#failedNow.has(range) && isDue(range, this.#context.now());
  }
}

/** The lower edge of what was read before, or an earlier one that is asked for now. */
function earlierEdge(since: string | undefined, sinceMs: number | undefined): string | undefined {
  if (since === undefined || sinceMs === undefined) return since;
  return instant(Math.min(Date.parse(since), sinceMs));
}
