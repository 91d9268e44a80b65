import type { Load } from '../lake/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { ProgressEvent } from './report.ts';
import type { CountingGraph } from './request-plan.ts';

const INTERVAL_MS = 500;
/** Of the partitions: with fewer done the rest cannot be judged. */
const LEAST_SHARE = 0.05;

/** Says twice a second how far the run is. */
export class ProgressReporter {
  readonly #options: {
    graph: CountingGraph;
    runtime: Runtime;
    startedAtMs: number;
    emit: (event: ProgressEvent) => void;
  };
  readonly #stop = new AbortController();
  #load: Load | undefined;
  #partitions = 0;
  #done = 0;
  readonly #beganMs: number;
  #lastDoneMs = 0;

  constructor(options: {
    graph: CountingGraph;
    runtime: Runtime;
    startedAtMs: number;
    emit: (event: ProgressEvent) => void;
  }) {
    this.#options = options;
    this.#beganMs = options.runtime.monotonic();
  }

  start(load: Load): void {
    this.#load = load;
    void this.#tick();
  }

  stop(): void {
    this.#stop.abort();
  }

  /** So many partitions more are to be read. */
  expect(partitions: number): void {
    this.#partitions += partitions;
  }

  partitionDone(): void {
    this.#done += 1;
    this.#lastDoneMs = this.#options.runtime.monotonic();
  }

  async #tick(): Promise<void> {
    const { runtime } = this.#options;
    while (!this.#stop.signal.aborted) {
      await runtime.sleep(INTERVAL_MS, this.#stop.signal).catch(() => undefined);
      if (!this.#stop.signal.aborted) this.#options.emit(this.#event());
    }
  }

  /**
   * Judged by the share of partitions at the end of the last one: it falls while the next one is read, and is gone when
   * that takes longer than those before.
   */
  #timeLeft(): { etaMs?: number } {
    const share = this.#partitions > 0 ? this.#done / this.#partitions : 0;
    if (share <= LEAST_SHARE || share >= 1) return {};
    const took = this.#lastDoneMs - this.#beganMs;
    const etaMs = Math.round(took / share - (this.#options.runtime.monotonic() - this.#beganMs));
    return etaMs > 0 ? { etaMs } : {};
  }

  #event(): ProgressEvent {
    const { graph, runtime, startedAtMs } = this.#options;
    const elapsedMs = Math.round(runtime.now() - startedAtMs);
    const tables = landedRows(this.#load);
    const rows = Object.values(tables).reduce((sum, count) => sum + count, 0);
    const { stopped } = graph.stats;
    return {
      event: 'progress',
      rows,
      tables,
      requests: graph.counts.requests,
      throttled: graph.counts.throttled,
      stopped,
      partitionsDone: this.#done,
      partitions: this.#partitions,
      elapsedMs,
      ...(rows > 0 && !stopped && this.#timeLeft()),
    };
  }
}

function landedRows(load: Load | undefined): Readonly<Record<string, number>> {
  const counts = Object.entries(load?.counts ?? {}).map(([table, { rows }]) => [table, rows] as const);
  return Object.fromEntries(counts.filter(([, rows]) => rows > 0));
}
