import type { Runtime } from '../runtime/runtime.ts';

/** What hands out turns. */
export interface Turns {
  /** When the next one may go; infinite: as soon as another is given back. */
  readyAtMs(): number;
  take(cost: number, nowMs: number): void;
  giveBack?(): void;
}

export interface Claim {
  readonly turns: Turns;
  /** Name of what is claimed. */
  readonly key: string;
  readonly cost: number;
}

interface Waiter {
  readonly claims: readonly Claim[];
  /** Order of arrival. */
  readonly number: number;
  readonly start: () => void;
  readonly refuse: (reason: unknown) => void;
}

/** Those who wait for the same buckets, in order of arrival. */
type Lane = Set<Waiter>;

/**
 * Requests that wait for their turn. Of the first ones of each lane, the oldest whose buckets are all ready goes first:
 * fair within a class, and a channel that has to wait holds nobody else up.
 */
export class Queue {
  readonly #runtime: Runtime;
  readonly #maxInFlight: number;
  readonly #lanes = new Map<string, Lane>();
  #arrivals = 0;
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
        this.#leave(waiter);
        reject(signal?.reason);
      };
      const start = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve(() => {
          this.#inFlight--;
          for (const { turns } of claims) turns.giveBack?.();
        });
      };
      const refuse = (reason: unknown) => {
        signal?.removeEventListener('abort', onAbort);
        this.#leave(waiter);
        reject(reason);
      };
      const waiter: Waiter = { claims, number: ++this.#arrivals, start, refuse };
      signal?.addEventListener('abort', onAbort, { once: true });
      const key = laneOf(claims);
      const lane = this.#lanes.get(key);
      // Behind others of its lane it cannot be its turn.
      if (lane) lane.add(waiter);
      else {
        this.#lanes.set(key, new Set([waiter]));
        this.pump();
      }
    });
  }

  /** Takes the claims if they are ready. */
  #takeNow(claims: readonly Claim[]): boolean {
    const nowMs = this.#runtime.monotonic();
    if (readyAtMs(claims) > nowMs) return false;
    for (const { turns, cost } of claims) turns.take(cost, nowMs);
    return true;
  }

  /** Starts everyone whose turn it is and sets the alarm for the next one. */
  pump(): void {
    let started: boolean;
    do {
      started = false;
      for (const waiter of this.#firstOfEachLane()) {
        if (this.#inFlight >= this.#maxInFlight) return;
        if (!this.#takeNow(waiter.claims)) continue;
        started = true;
        this.#leave(waiter);
        this.#inFlight++;
        waiter.start();
      }
    } while (started);
    this.#setAlarm(Math.min(...this.#firstOfEachLane().map(({ claims }) => readyAtMs(claims))));
  }

  /** Sends everyone away who waits for these turns. */
  refuse(turns: Turns, reason: unknown): void {
    for (const waiter of [...this.#lanes.values()].flatMap((lane) => [...lane])) {
      if (waiter.claims.some((claim) => claim.turns === turns)) waiter.refuse(reason);
    }
  }

  dispose(): void {
    this.#alarm?.controller.abort();
    this.#alarm = undefined;
  }

  #firstOfEachLane(): Waiter[] {
    const first: Waiter[] = [];
    for (const [waiter] of this.#lanes.values()) if (waiter) first.push(waiter);
    return first.sort((a, b) => a.number - b.number);
  }

  #leave(waiter: Waiter): void {
    const key = laneOf(waiter.claims);
    const lane = this.#lanes.get(key);
    lane?.delete(waiter);
    if (lane?.size === 0) this.#lanes.delete(key);
  }

  #setAlarm(atMs: number): void {
    if (this.#alarm && this.#alarm.atMs <= atMs) return;
    this.dispose();
    if (atMs === Number.POSITIVE_INFINITY) return;
    const alarm = { atMs, controller: new AbortController() };
    this.#alarm = alarm;
    this.#runtime.sleep(Math.max(0, Math.ceil(atMs - this.#runtime.monotonic())), alarm.controller.signal).then(
      () => {
        if (this.#alarm === alarm) this.#alarm = undefined;
        this.pump();
      },
      () => {},
    );
  }
}

const laneOf = (claims: readonly Claim[]) => claims.map(({ key }) => key).join('|');

function readyAtMs(claims: readonly Claim[]): number {
  let atMs = 0;
  for (const { turns } of claims) atMs = Math.max(atMs, turns.readyAtMs());
  return atMs;
}
