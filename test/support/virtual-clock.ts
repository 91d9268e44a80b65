import { type Runtime, seededRandom } from '../../src/runtime/runtime.ts';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** A runtime whose time stands still until it is moved: simulated hours take milliseconds. */
export class VirtualClock implements Runtime {
  #nowMs: number;
  /** What somebody set the wall clock by. */
  #setByMs = 0;
  readonly #sleepers = new Set<Sleeper>();
  readonly #random: () => number;
  /** How late a timer may fire, as a busy event loop would make it. */
  readonly #jitterMs: number;
  #ids = 0;

  constructor(options: { startMs?: number; seed?: number; jitterMs?: number } = {}) {
    this.#nowMs = options.startMs ?? 1_800_000_000_000;
    this.#random = seededRandom(options.seed ?? 1);
    this.#jitterMs = options.jitterMs ?? 0;
  }

  now = (): number => this.#nowMs + this.#setByMs;
  monotonic = (): number => this.#nowMs;
  random = (): number => this.#random();
  id = (): string => `id-${++this.#ids}`;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const atMs = this.#nowMs + Math.max(0, ms) + this.#random() * this.#jitterMs;
      const onAbort = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        atMs,
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.add(sleeper);
    });

  /** Sets the wall clock, forwards or back; no timer notices. */
  jump(ms: number): void {
    this.#setByMs += ms;
  }

  /** When the next sleeper is to wake. */
  get earliestMs(): number {
    return this.#earliest()?.atMs ?? this.#nowMs;
  }

  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Moves time from sleeper to sleeper until `untilMs` from now has passed or `done` settles. */
  async run<T>(done: Promise<T>, limitMs = 24 * 3_600_000): Promise<T> {
    let settled = false;
    const mark = () => {
      settled = true;
    };
    done.then(mark, mark);
    const endMs = this.#nowMs + limitMs;
    for (;;) {
      await settle();
      if (settled) return done;
      const next = this.#earliest();
      if (!next || next.atMs > endMs) throw new Error('Nothing left to wake, and the work is not done.');
      this.#wake(next);
    }
  }

  /** Moves time by `ms` at once, and wakes whoever slept until then. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const sleeper of this.#sleepers) if (sleeper.atMs <= this.#nowMs) this.#wake(sleeper);
  }

  /** Lets `ms` pass from sleeper to sleeper, each at its own time. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#earliest(); next && next.atMs <= endMs; next = this.#earliest()) {
      this.#wake(next);
      await settle();
    }
    this.#nowMs = endMs;
  }

  #earliest(): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of this.#sleepers) if (!first || sleeper.atMs < first.atMs) first = sleeper;
    return first;
  }

  #wake(sleeper: Sleeper): void {
    this.#sleepers.delete(sleeper);
    this.#nowMs = Math.max(this.#nowMs, sleeper.atMs);
    sleeper.wake();
  }
}

/** Lets every promise that can settle do so. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
