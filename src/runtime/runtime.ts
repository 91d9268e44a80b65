import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Everything that is not a function of its inputs: time, chance, identity. Passed in, never imported, so that tests
 * and the simulator own them.
 */
export interface Runtime {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Milliseconds since some instant of this process. Never set by anybody: for waits and durations within a process. */
  monotonic(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** A new identifier, unique in the world. */
  id(): string;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted. The timer does not keep the process alive. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The runtime of a real process. */
export const systemRuntime: Runtime = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  id: () => randomUUID(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, { ref: false, signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};

/** A small, fast, seeded generator (mulberry32): the same seed gives the same numbers on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
