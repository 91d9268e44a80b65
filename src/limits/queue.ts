import type { Runtime } from '../runtime/runtime.ts';
import type { Bucket } from './bucket.ts';

export interface Claim {
  readonly bucket: Bucket;
  readonly cost: number;
}

interface Waiter {
  readonly claims: readonly Claim[];
  readonly start: () => void;
}

/**
 * Requests that wait for their turn. The oldest one whose buckets are all ready goes first: fair within a class, and a
 * channel that has to wait holds nobody else up.
 */
export class Queue {
  readonly #runtime: Runtime;
  readonly #maxInFlight: number;
  /** In order of arrival; a Set removes from its middle in constant time. */
  readonly #waiters = new Set<Waiter>();
  #inFlight = 0;
  #alarm: { readonly atMs: number; readonly controller: AbortController } | undefined;

  constructor(options: { readonly runtime: Runtime; readonly maxInFlight: number }) {
    this.#runtime = options.runtime;
    this.#maxInFlight = options.maxInFlight;
  }

  /** Resolves at the turn; call the result when the request is done. */
  wait(claims: readonly Claim[], signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#waiters.delete(waiter);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        claims,
        start: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve(() => {
            this.#inFlight--;
          });
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.pump();
    });
  }

  /** Takes the claims if they are ready, whoever waits. */
  takeNow(claims: readonly Claim[]): boolean {
    const nowMs = this.#runtime.now();
    if (readyAtMs(claims) > nowMs) return false;
    for (const { bucket, cost } of claims) bucket.take(cost, nowMs);
    return true;
  }

  /** Starts everyone whose turn it is and sets the alarm for the next one. */
  pump(): void {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const waiter of this.#waiters) {
      if (this.#inFlight >= this.#maxInFlight) return;
      if (this.takeNow(waiter.claims)) {
        this.#waiters.delete(waiter);
        this.#inFlight++;
        waiter.start();
      } else nextMs = Math.min(nextMs, readyAtMs(waiter.claims));
    }
    this.#setAlarm(nextMs);
  }

  dispose(): void {
    this.#alarm?.controller.abort();
    this.#alarm = undefined;
  }

  #setAlarm(atMs: number): void {
    if (this.#alarm && this.#alarm.atMs <= atMs) return;
    this.dispose();
    if (atMs === Number.POSITIVE_INFINITY) return;
    const alarm = { atMs, controller: new AbortController() };
    this.#alarm = alarm;
    this.#runtime.sleep(Math.max(0, Math.ceil(atMs - this.#runtime.now())), alarm.controller.signal).then(
      () => {
        if (this.#alarm === alarm) this.#alarm = undefined;
        this.pump();
      },
      () => {},
    );
  }
}

function readyAtMs(claims: readonly Claim[]): number {
  let atMs = 0;
  for (const { bucket } of claims) atMs = Math.max(atMs, bucket.readyAtMs());
  return atMs;
}
