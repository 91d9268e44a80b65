import { failureOf, type Gap, gapOf, isDue } from './gaps.ts';
import { type Failure, instant, type WindowGap } from './position.ts';
import { type TimeWindow, type Window, windowsBetween, windowsFrom } from './time-windows.ts';

/** So many records may be waited for below; with more of them the mark stays before the first. */
const MOST_BELOW = 100;

/** What could not be read of a collection that is read by windows: stretches of time, and what is below single records. */
export class WindowGaps {
  #gaps: readonly WindowGap[];
  readonly #before: readonly WindowGap[];
  /** Of a time that the service has forgotten: nobody will read them. */
  readonly #expired: readonly WindowGap[];
  readonly #nowMs: number;
  /** Records that were tried in this run, which named them. */
  readonly #tried = new Set<string>();

  /** @param options.keptFromMs - the service has nothing from before; default: it has all */
  constructor(
    stored: readonly WindowGap[] | undefined,
    { nowMs, keptFromMs = Number.NEGATIVE_INFINITY }: { readonly nowMs: number; readonly keptFromMs?: number },
  ) {
    const isKept = ({ to }: WindowGap) => Date.parse(to) > keptFromMs;
    this.#before = (stored ?? []).filter(isKept);
    this.#expired = (stored ?? []).filter((gap) => !isKept(gap));
    this.#gaps = this.#before;
    this.#nowMs = nowMs;
  }

  /** As they are stored; undefined: there are none. */
  get stored(): readonly WindowGap[] | undefined {
    return this.#gaps.length > 0 ? this.#gaps : undefined;
  }

  /** The stretches, and of records the moments, that are tried now. */
  get due(): readonly Window[] {
    return this.#before.filter((gap) => isDue(gap, this.#nowMs)).map(windowOf);
  }

  /** Edges of stretches: no window has one inside. */
  get edgesMs(): readonly number[] {
    return this.#before.filter(isStretch).flatMap((gap) => [Date.parse(gap.from), Date.parse(gap.to)]);
  }

  /** True when a window touches what could not be read. */
  touches(window: Window): boolean {
    return this.#before.some((gap) => overlaps(windowOf(gap), window));
  }

  /** True when a window is a part of a stretch that is not tried yet. */
  isWaiting(window: Window): boolean {
    return this.#before.some((gap) => isStretch(gap) && !isDue(gap, this.#nowMs) && holds(windowOf(gap), window));
  }

  /** True when what is below a record is not tried yet. */
  isWaitingBelow(id: string): boolean {
    return this.#before.some((gap) => gap.id === id && !isDue(gap, this.#nowMs));
  }

  /** True when a window was tried before, and failed. */
  failedBefore(window: Window): boolean {
    return this.#stretchBefore(window) !== undefined;
  }

  /** A window was read to its end. */
  fill(window: Window): void {
    this.#gaps = this.#gaps.flatMap((gap) => (isStretch(gap) ? without(gap, window) : gap));
  }

  /** A window cannot be read. */
  fail(window: Window, error: unknown): void {
    const failed = failureOf(error, this.#stretchBefore(window)?.failed, this.#nowMs);
    this.fill(window);
    const stretch: WindowGap = { from: instant(window.fromMs), to: instant(window.toMs), failed };
    this.#gaps = [
      ...joined([...this.#gaps.filter(isStretch), stretch]),
      ...this.#gaps.filter((gap) => !isStretch(gap)),
    ];
  }

  /** What is below a record was read. */
  fillBelow(id: string): void {
    this.#gaps = this.#gaps.filter((gap) => gap.id !== id);
  }

  /** What is below a record cannot be read. @returns false: there are too many of them */
  failBelow(id: string, startedMs: number, error: unknown): boolean {
    this.#tried.add(id);
    const before = this.#before.find((gap) => gap.id === id);
    if (before === undefined && this.#gaps.filter((gap) => !isStretch(gap)).length >= MOST_BELOW) return false;
    const failed = failureOf(error, before?.failed, this.#nowMs);
    this.fillBelow(id);
    this.#gaps = [...this.#gaps, { from: instant(startedMs), to: instant(startedMs + 1), id, failed }];
    return true;
  }

  /** The stretches that are missing, and those that the service has forgotten meanwhile. */
  stretches(resource: string, partition: string): readonly Gap[] {
    return [...this.#expired, ...this.#gaps].filter(isStretch).map((gap) => windowGapOf(resource, partition, gap));
  }

  /** The same of records, but for those that this run has named. */
  below(resource: string, partition: string): readonly Gap[] {
    const unnamed = [...this.#expired, ...this.#gaps].filter(({ id }) => id !== undefined && !this.#tried.has(id));
    return unnamed.map((gap) => windowGapOf(resource, partition, gap));
  }

  #stretchBefore(window: Window): { readonly failed: Failure } | undefined {
    return this.#before.find((gap) => isStretch(gap) && overlaps(windowOf(gap), window));
  }
}

/** The windows of a stretch of time, none of which is a gap in part, behind those that are older, were missing and are due. */
export function windowsAround(
  window: Pick<TimeWindow, 'longestMs'>,
  { fromMs, toMs }: Window,
  { gaps, edgesMs = [] }: { readonly gaps: readonly WindowGaps[]; readonly edgesMs?: readonly number[] },
): readonly Window[] {
  const missing = gaps.flatMap(({ due }) => due).filter((one) => one.fromMs < fromMs);
  const older = missing.flatMap((one) =>
    windowsFrom(window, { fromMs: one.fromMs, nowMs: Math.min(one.toMs, fromMs) }),
  );
  const each = new Map(older.map((one) => [`${one.fromMs} ${one.toMs}`, one]));
  const edges = [...edgesMs, ...gaps.flatMap((one) => one.edgesMs)].filter((ms) => fromMs < ms && ms < toMs);
  return [
    ...[...each.values()].sort((a, b) => a.fromMs - b.fromMs),
    ...windowsBetween(window, [fromMs, ...edges, toMs]),
  ];
}

/** What a report says of one. What is below a record is a partition of its own. */
export const windowGapOf = (resource: string, partition: string, { from, to, id, failed }: WindowGap): Gap =>
  id === undefined
    ? gapOf({ resource, partition }, { from, to, failed })
    : gapOf({ resource, partition: id }, { whole: true, failed });

const isStretch = ({ id }: WindowGap): boolean => id === undefined;

const windowOf = ({ from, to }: WindowGap): Window => ({ fromMs: Date.parse(from), toMs: Date.parse(to) });

const overlaps = (a: Window, b: Window): boolean => a.fromMs < b.toMs && b.fromMs < a.toMs;

const holds = (outer: Window, { fromMs, toMs }: Window): boolean => outer.fromMs <= fromMs && toMs <= outer.toMs;

/** The parts of a gap that a window does not cover. */
function without(gap: WindowGap, window: Window): readonly WindowGap[] {
  const { fromMs, toMs } = windowOf(gap);
  if (!overlaps({ fromMs, toMs }, window)) return [gap];
  const before = fromMs < window.fromMs ? [{ ...gap, to: instant(window.fromMs) }] : [];
  const after = window.toMs < toMs ? [{ ...gap, from: instant(window.toMs) }] : [];
  return [...before, ...after];
}

/** Stretches in order; neighbours that failed alike are one. */
function joined(gaps: readonly WindowGap[]): readonly WindowGap[] {
  const result: WindowGap[] = [];
  for (const gap of gaps.toSorted((a, b) => Date.parse(a.from) - Date.parse(b.from))) {
    const last = result.at(-1);
    const isNext = last?.to === gap.from;
    if (last && isNext && last.failed.code === gap.failed.code && last.failed.tries === gap.failed.tries)
      result[result.length - 1] = { ...last, to: gap.to };
    else result.push(gap);
  }
  return result;
}
