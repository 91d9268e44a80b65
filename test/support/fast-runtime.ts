import { type Runtime, systemRuntime } from '../../src/runtime/runtime.ts';

/** When tests begin: a Tuesday. What they assert must not depend on the day they run. */
export const BEGIN_MS = Date.UTC(2026, 5, 2, 12);

/**
 * A clock that begins at {@link BEGIN_MS} and runs `speed` times as fast as the real one: waits that take a minute take
 * a second. Client and twin must share it, so that their times agree.
 */
export function fastRuntime(speed: number): Runtime {
  const startedMs = Date.now();
  return {
    ...systemRuntime,
    now: () => BEGIN_MS + (Date.now() - startedMs) * speed,
    monotonic: () => (Date.now() - startedMs) * speed,
    sleep: (ms, signal) => systemRuntime.sleep(ms / speed, signal),
  };
}
