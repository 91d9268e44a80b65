/** The tenant's time. It runs beside the real one: moved, or faster. */
export interface TwinClock {
  /** Milliseconds since 1970. */
  now(): number;
  readonly rate: number;
  advance(ms: number): void;
  set(ms: number): void;
  /** 1 is real time, 60 is a minute a second, 0 stands still. */
  setRate(rate: number): void;
}

/** @param real - the time it runs beside */
export function createClock(real: { now(): number }): TwinClock {
  let startedAtMs = real.now();
  let startMs = startedAtMs;
  let rate = 1;
  const now = () => startMs + (real.now() - startedAtMs) * rate;
  const restart = (ms: number) => {
    startMs = ms;
    startedAtMs = real.now();
  };
  return {
    now: () => Math.floor(now()),
    get rate() {
      return rate;
    },
    advance: (ms) => restart(now() + ms),
    set: restart,
    setRate: (next) => {
      restart(now());
      rate = next;
    },
  };
}
