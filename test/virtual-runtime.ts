import type { Runtime } from '../src/runtime/runtime.ts';
import { seededRandom } from '../src/runtime/runtime.ts';

/** A runtime whose time stands still until it is told to move. */
export class VirtualRuntime implements Runtime {
  readonly #random: () => number;
  readonly #sleepers = new Set<{ atMs: number; resolve: () => void }>();
  #nowMs: number;
  #setByMs = 0;
  #ids = 0;

  constructor(seed: number, startMs = 1_800_000_000_000) {
    this.#nowMs = startMs;
    this.#random = seededRandom(seed);
  }

  now(): number {
    return this.#nowMs + this.#setByMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  random(): number {
    return this.#random();
  }

  id(): string {
    this.#ids += 1;
    return `id-${this.#ids}`;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { atMs: this.#nowMs + ms, resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        if (this.#sleepers.delete(sleeper)) reject(signal.reason);
      });
    });
  }

  /** Sets the wall clock, forwards or back; no timer notices. */
  jump(ms: number): void {
    this.#setByMs += ms;
  }

  /** Moves time, and wakes whoever slept until then. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.atMs > this.#nowMs) continue;
      this.#sleepers.delete(sleeper);
      sleeper.resolve();
    }
  }
}
