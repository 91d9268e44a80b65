import { setMaxListeners } from 'node:events';

/** Aborted with the first of them. Every request in flight may listen to it, which is not a leak. */
export function sharedSignal(...signals: readonly AbortSignal[]): AbortSignal {
  const shared = AbortSignal.any([...signals]);
  setMaxListeners(0, shared);
  return shared;
}

/**
 * Runs `work` for every item, at most `limit` at a time, as they come. The first error, of the work or of the items, stops
 * the rest: their signal is aborted, they are waited for, and the error is thrown.
 */
export async function forEachLimited<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const inner = sharedSignal(signal, stop.signal);
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const failures: unknown[] = [];
  const lane = async () => {
    try {
      for (let next = await iterator.next(); !next.done && !inner.aborted; next = await iterator.next())
        await work(next.value, inner);
    } catch (error) {
      failures.push(error);
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
  if (failures.length > 0) throw failures[0];
  signal.throwIfAborted();
}
