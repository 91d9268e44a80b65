import { type Runtime, systemRuntime } from '../../src/runtime/runtime.ts';

/**
 * A real clock that runs `speed` times as fast: waits that take a minute take a second. Client and twin must share it,
 * so that their times agree.
 */
export function fastRuntime(speed: number): Runtime {
  const startedMs = Date.now();
  return {
    ...systemRuntime,
    now: () => startedMs + (Date.now() - startedMs) * speed,
    sleep: (ms, signal) => systemRuntime.sleep(ms / speed, signal),
  };
}
