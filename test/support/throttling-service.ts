import type { HttpRequest, HttpResponse } from '../../src/http/types.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';

interface Window {
  readonly limit: number;
  readonly ms: number;
}

const EMPTY = new Uint8Array();

/** A deliberately simple service with sliding windows, written without the code it judges. */
export class ThrottlingService {
  readonly accepted: number[] = [];
  throttled = 0;
  /** Requests that came before a Retry-After that was given had passed. */
  early = 0;
  readonly #runtime: Runtime;
  readonly #windows: readonly Window[];
  readonly #keyOf: (request: HttpRequest) => readonly string[];
  readonly #times = new Map<string, number[]>();
  readonly #stops = new Map<string, number>();
  readonly #silent: number;
  readonly #latencyMs: number;

  constructor(options: {
    runtime: Runtime;
    windows: readonly Window[];
    /** The things a request is counted per. */
    keyOf?: (request: HttpRequest) => readonly string[];
    /** Share of the 429s without Retry-After. */
    silent?: number;
    latencyMs?: number;
  }) {
    this.#runtime = options.runtime;
    this.#windows = options.windows;
    this.#keyOf = options.keyOf ?? (() => ['all']);
    this.#silent = options.silent ?? 0;
    this.#latencyMs = options.latencyMs ?? 50;
  }

  send = async (request: HttpRequest): Promise<HttpResponse> => {
    const keys = this.#keyOf(request);
    const { answer, stopMs } = this.#answer(keys);
    const answeredAtMs = this.#runtime.now();
    await this.#runtime.sleep(this.#latencyMs);
    // The client cannot know of a stop before the answer has arrived.
    if (stopMs) for (const key of keys) this.#stops.set(key, answeredAtMs + stopMs);
    return answer;
  };

  #answer(keys: readonly string[]): { answer: HttpResponse; stopMs?: number } {
    const nowMs = this.#runtime.now();
    if (keys.some((key) => nowMs < (this.#stops.get(key) ?? 0))) this.early++;
    for (const key of keys) {
      const times = this.#times.get(key) ?? [];
      for (const { limit, ms } of this.#windows) {
        const inside = times.filter((time) => time > nowMs - ms);
        if (inside.length < limit) continue;
        this.throttled++;
        if (this.#runtime.random() < this.#silent) return { answer: { status: 429, headers: {}, body: EMPTY } };
        const waitSeconds = Math.max(1, Math.ceil((inside[inside.length - limit]! + ms - nowMs) / 1000));
        return {
          answer: { status: 429, headers: { 'retry-after': String(waitSeconds) }, body: EMPTY },
          stopMs: waitSeconds * 1000,
        };
      }
    }
    for (const key of keys) this.#times.set(key, [...(this.#times.get(key) ?? []).slice(-5000), nowMs]);
    this.accepted.push(nowMs);
    return { answer: { status: 200, headers: {}, body: EMPTY } };
  }
}
