import { clientError } from '../errors/client-rules.ts';
import type { Surface } from '../errors/sluice-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Stage } from './types.ts';

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
  return (next) => async (request, signal) => {
    signal?.throwIfAborted();
    const timeoutMs = request.timeoutMs ?? options.defaultMs;
    const attempt = new AbortController();
    const timer = new AbortController();
    const forward = () => attempt.abort(signal?.reason);
    signal?.addEventListener('abort', forward, { once: true });
    const expired = clientError('timeout', request, { surface: options.surface, details: { timeoutMs } });
    options.runtime.sleep(timeoutMs, timer.signal).then(
      () => attempt.abort(expired),
      () => {},
    );
    try {
      return await next(request, attempt.signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw attempt.signal.aborted ? expired : error;
    } finally {
      timer.abort();
      signal?.removeEventListener('abort', forward);
    }
  };
}
