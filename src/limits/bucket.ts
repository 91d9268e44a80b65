import type { Runtime } from '../runtime/runtime.ts';
import type { WindowRow } from './graph-limits.ts';
import { type Pace, paceOf } from './pace.ts';

const BACKOFF_BASE_MS = 1000;
const BACKOFF_CAP_MS = 60_000;
/** A learned rate never falls below this share of the published one. */
const FLOOR = 1 / 64;
/** Halving on a 429. */
const DECREASE = 0.5;
/** Below this share of the last ceiling the rate recovers fast. */
const KNEE = 0.9;
/** Seconds from half the ceiling back to the knee. */
const RECOVERY_SECONDS = 5;
/** Growth per second near the ceiling, as a share of it; it doubles with each quiet period. */
const PROBE_PER_SECOND = 0.002;
const QUIET_MS = 20_000;
/** Units of the last while that the load of a bucket is judged by. */
const MEMORY_UNITS = 4;
const MEMORY_MIN_MS = 5000;

/**
 * One window: paces by the generic cell rate algorithm, stops on a 429, and learns a lower rate when the service is
 * stricter than published (additive increase, multiplicative decrease around the remembered ceiling).
 *
 * @see https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export class Bucket {
  readonly row: WindowRow;
  readonly #published: Pace;
  #rate: number;
  #ceiling: number;
  /** When the bucket would be full again, ms. */
  #fullAtMs = 0;
  #stoppedUntilMs = 0;
  #throttledAtMs = Number.NEGATIVE_INFINITY;
  #grownAtMs = 0;
  /** Throttle episodes in a row. */
  #episodes = 0;
  #load = 0;
  #loadAtMs = 0;

  constructor(row: WindowRow, factor?: number) {
    this.row = row;
    this.#published = paceOf(row, factor);
    this.#rate = this.#published.rate;
    this.#ceiling = this.#published.rate;
  }

  /** Units per second it hands out now. */
  get rate(): number {
    return this.#rate;
  }

  get stoppedUntilMs(): number {
    return this.#stoppedUntilMs;
  }

  /** When the next unit may go. */
  readyAtMs(): number {
    return Math.max(this.#stoppedUntilMs, this.#fullAtMs - ((this.#burst() - 1) * 1000) / this.#rate);
  }

  take(cost: number, nowMs: number): void {
    this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + (cost * 1000) / this.#rate;
    this.#load = this.#decayedLoad(nowMs) + cost;
    this.#loadAtMs = nowMs;
  }

  /** How much of the rate was used of late, 0 to about 1, without the unit that was just taken. */
  load(nowMs: number): number {
    return Math.max(0, this.#decayedLoad(nowMs) - 1) / ((this.#rate * this.#memoryMs()) / 1000);
  }

  /** True for the first 429 after a stop: others among the requests sent before it tell nothing new. */
  isNewEpisode(sentAtMs: number): boolean {
    return sentAtMs >= this.#throttledAtMs;
  }

  /** Hands out nothing until `retryAfterMs` has passed, or for a growing random time when the service did not say. */
  stop(retryAfterMs: number | undefined, nowMs: number, runtime: Runtime): void {
    if (nowMs >= this.#stoppedUntilMs) this.#episodes++;
    const bound = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (this.#episodes - 1));
    const pauseMs = retryAfterMs ?? bound * (0.5 + runtime.random() / 2);
    if (retryAfterMs === undefined && nowMs < this.#stoppedUntilMs) return;
    this.#throttledAtMs = nowMs;
    this.#stoppedUntilMs = Math.max(this.#stoppedUntilMs, nowMs + pauseMs);
    // No burst at the end of the stop.
    this.#fullAtMs = Math.max(this.#fullAtMs, this.#stoppedUntilMs + ((this.#burst() - 1) * 1000) / this.#rate);
  }

  slowDown(nowMs: number): void {
    this.#ceiling = this.#rate;
    this.#rate = Math.max(this.#published.rate * FLOOR, this.#rate * DECREASE);
    this.#grownAtMs = nowMs;
  }

  /** An answer that was not throttled: grow while the bucket is in use. */
  succeed(sentAtMs: number, nowMs: number): void {
    if (sentAtMs < this.#throttledAtMs) return;
    this.#episodes = 0;
    if (this.#rate >= this.#published.rate) return;
    const elapsedSeconds = Math.min(1000, nowMs - this.#grownAtMs) / 1000;
    this.#grownAtMs = nowMs;
    const quietPeriods = Math.floor((nowMs - this.#throttledAtMs) / QUIET_MS);
    const perSecond =
      this.#rate < this.#ceiling * KNEE
        ? (this.#ceiling * (KNEE - DECREASE)) / RECOVERY_SECONDS
        : this.#ceiling * PROBE_PER_SECOND * 2 ** Math.min(quietPeriods, 6);
    this.#rate = Math.min(this.#published.rate, this.#rate + perSecond * elapsedSeconds);
  }

  /** Nothing is left to remember: it could be made anew at any time. */
  isIdle(nowMs: number): boolean {
    return this.#rate >= this.#published.rate && this.#fullAtMs < nowMs && this.#stoppedUntilMs < nowMs;
  }

  #burst(): number {
    return this.#rate < this.#published.rate ? 1 : this.#published.burst;
  }

  #memoryMs(): number {
    return Math.max(MEMORY_MIN_MS, (MEMORY_UNITS * 1000) / this.#rate);
  }

  #decayedLoad(nowMs: number): number {
    return this.#load * Math.exp((this.#loadAtMs - nowMs) / this.#memoryMs());
  }
}
