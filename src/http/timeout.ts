import { clientError } from '../errors/client-rules.ts';
import type { Surface } from '../errors/sluice-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Stage } from './types.ts';

interface Deadline {
  readonly atMs: number;
  readonly expire: () => void;
}

/**
 * Ends a request that takes longer than its `timeoutMs` (or the default) in total, however slowly the bytes drip.
 *
 * @throws SluiceError `timeout`, recovery `retry`
 */
export function timeout(options: {
  readonly runtime: Runtime;
  readonly defaultMs: number;
  readonly surface: Surface;
}): Stage {
  const deadlines = createDeadlines(options.runtime);
  return (next) => async (request, signal) => {
    signal?.throwIfAborted();
    const timeoutMs = request.timeoutMs ?? options.defaultMs;
    const attempt = new AbortController();
    const forward = () => attempt.abort(signal?.reason);
    signal?.addEventListener('abort', forward, { once: true });
    const release = deadlines.add(timeoutMs, () =>
      attempt.abort(clientError('timeout', request, { surface: options.surface, details: { timeoutMs } })),
    );
    try {
      return await next(request, attempt.signal);
    } catch (error) {
      attempt.signal.throwIfAborted();
      throw error;
    } finally {
      release();
      signal?.removeEventListener('abort', forward);
    }
  };
}

/** One timer for all requests: a timer of its own, set and cleared, would cost more than the rest of a request. */
function createDeadlines(runtime: Runtime) {
  const active = new Set<Deadline>();
  let wakeAtMs = Number.POSITIVE_INFINITY;

  const wake = () => {
    wakeAtMs = Number.POSITIVE_INFINITY;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const deadline of active) {
      if (deadline.atMs <= runtime.monotonic()) deadline.expire();
      else nextMs = Math.min(nextMs, deadline.atMs);
    }
    if (nextMs < Number.POSITIVE_INFINITY) wakeAt(nextMs);
  };
  const wakeAt = (atMs: number) => {
    if (atMs >= wakeAtMs) return;
    wakeAtMs = atMs;
    void runtime.sleep(Math.ceil(atMs - runtime.monotonic())).then(wake);
  };

  return {
    /** @returns the function that calls the deadline off */
    add(timeoutMs: number, expire: () => void): () => void {
      const deadline = { atMs: runtime.monotonic() + timeoutMs, expire };
      active.add(deadline);
      wakeAt(deadline.atMs);
      return () => active.delete(deadline);
    },
  };
}
