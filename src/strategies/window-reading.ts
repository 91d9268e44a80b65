import { positionKey } from '../lake/log/partition-key.ts';
import { listingName } from './context.ts';
import { isPageFailure } from './gaps.ts';
import { instant, parseWindowsPosition, type WindowsPosition } from './position.ts';
import type { Place, ReadContext, Stored } from './strategy.ts';
import { hasStretch, stretchWindows } from './stretch.ts';
import { type TimeWindow, type Window, windowsToRead } from './time-windows.ts';
import { WindowGaps, windowsAround } from './window-gaps.ts';

type Known = Pick<Stored, 'positions'> & Pick<ReadContext, 'way' | 'sinceMs' | 'untilMs' | 'cycle'>;

/** A collection that is read in windows: the one that is listed, or one below its records. Where it stands, and what it lacks. */
export class WindowReading {
  readonly resource: string;
  /** Where this run begins, ms. */
  readonly fromMs: number;
  /** What begins before it was read before, ms: it is looked at again. */
  readonly knownMs: number;
  readonly readBefore: boolean;
  readonly gaps: WindowGaps;
  readonly #known: Known;
  /** Lower edge of all that was ever asked for, ms. */
  readonly #since: number;
  #throughMs: number;
  /** Where the mark has to stay, for what was refused below a record. */
  #heldMs = Number.POSITIVE_INFINITY;

  constructor(
    known: Known,
    { resource, place, nowMs }: { readonly resource: string; readonly place: Place; readonly nowMs: number },
  ) {
    const { positions, way, sinceMs, untilMs, cycle } = known;
    const key = positionKey(resource, listingName(place));
    const stored = { resource, positions, sinceMs, untilMs, cycle };
    const isStretch = untilMs !== undefined;
    const position = isStretch ? undefined : parseWindowsPosition(key, positions.get(key));
    const asked = windowsToRead(way.window!, { position, sinceMs, nowMs });
    const stretch = isStretch ? stretchWindows(stored, place) : undefined;
    // What goes on reads nothing twice: late versions are for the runs that move marks.
    const onMs = stretch && Date.parse(stretch.through);
    this.resource = resource;
    this.fromMs = onMs ?? asked.fromMs;
    this.knownMs = onMs ?? asked.knownMs;
    this.readBefore = isStretch || positions.has(key) || hasStretch(stored, place);
    this.#known = known;
    this.#since = asked.since;
    this.#throughMs = this.knownMs;
    const gaps = asked.isAhead ? undefined : (stretch ?? position)?.gaps;
    this.gaps = new WindowGaps(gaps, { nowMs, keptFromMs: nowMs - way.window!.keptMs });
  }

  /** True when a window is to be read for it: it is new, late, or was missing, and its time has come. */
  isDue(window: Window): boolean {
    return (this.fromMs < window.toMs || this.gaps.touches(window)) && !this.gaps.isWaiting(window);
  }

  isNew(window: Window): boolean {
    return this.knownMs < window.toMs;
  }

  /** A window was read to its end, or cannot be read. */
  pass(window: Window, failure: unknown): void {
    if (failure === undefined) this.gaps.fill(window);
    else this.gaps.fail(window, failure);
    this.#throughMs = Math.max(this.#throughMs, window.toMs);
  }

  /** What is below a record cannot be read: it is a gap, or the mark stays before it. */
  miss(id: string, startedMs: number, failure: { readonly error: unknown; readonly signal: AbortSignal }): void {
    const isGap = isPageFailure(failure.error, failure.signal) && this.gaps.failBelow(id, startedMs, failure.error);
    if (!isGap) this.#heldMs = Math.min(this.#heldMs, startedMs);
  }

  /** Where it stands. The next run goes back so far behind its mark that it begins with what is held. */
  get position(): WindowsPosition {
    const { way, untilMs, cycle } = this.#known;
    const stands = { version: 1, since: instant(this.#since), gaps: this.gaps.stored } as const;
    if (untilMs === undefined)
      return { ...stands, through: instant(Math.min(this.#throughMs, this.#heldMs + way.window!.lateMs)) };
    const through = instant(Math.min(this.#throughMs, this.#heldMs));
    return { ...stands, through, until: instant(untilMs), cycle };
  }
}

/** The collections that are read in the windows of another: it and those below it, as far as they are wanted. */
export const namesOf = (
  { resource, lands }: Pick<ReadContext, 'resource' | 'lands'>,
  below: readonly string[] = [],
) => [...(lands ? [resource] : []), ...below];

/** Where a run ends: now, or with the stretch that it is about. */
export const endOf = ({ untilMs = Number.POSITIVE_INFINITY }: Pick<Known, 'untilMs'>, nowMs: number): number =>
  Math.min(untilMs, nowMs);

/**
 * The windows of a run: those that were missing and are due, then those from where the earliest begins.
 *
 * @param options.isCapped - no window holds both what is known and what is new
 */
export function windowsOf(
  window: TimeWindow,
  readings: readonly WindowReading[],
  { endMs, isCapped = false }: { readonly endMs: number; readonly isCapped?: boolean },
): readonly Window[] {
  const fromMs = Math.min(endMs, ...readings.map((one) => one.fromMs));
  const edgesMs = isCapped ? readings.map(({ knownMs }) => knownMs) : [];
  const gaps = readings.map((one) => one.gaps);
  return windowsAround(window, { fromMs, toMs: endMs }, { gaps, edgesMs }).filter((one) =>
    readings.some((reading) => reading.isDue(one)),
  );
}
