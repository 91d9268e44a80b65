import type { Runtime } from '../../runtime/runtime.ts';
import type { ProgressEvent, SyncEvent } from '../../sync/report.ts';
import type { Io } from '../io.ts';
import { bar, clip, count, duration } from './table.ts';
import { clearLines } from './terminal.ts';

const BAR_WIDTH = 20;

export interface ProgressOptions {
  readonly runtime: Pick<Runtime, 'monotonic'>;
  /** How often a line is written where nothing can be redrawn, ms. 0: never. */
  readonly heartbeatMs: number;
}

/**
 * Shows a run on stderr while it goes on: on a terminal one line for each table and one for the whole, redrawn in place;
 * elsewhere a line now and then. The report says the rest.
 */
export class LiveProgress {
  readonly #io: Io;
  readonly #options: ProgressOptions;
  #drawn = 0;
  #skipped = 0;
  #lastBeatMs: number;

  constructor(io: Io, options: ProgressOptions) {
    this.#io = io;
    this.#options = options;
    this.#lastBeatMs = options.runtime.monotonic();
  }

  show(event: SyncEvent): void {
    if (event.event === 'plan') this.#say(describePlan(event.strategies));
    if (event.event === 'skipped') this.#skipped += 1;
    if (event.event !== 'progress') return;
    if (this.#io.live) this.#draw(event);
    else this.#beat(event);
  }

  /** Takes the redrawn lines away. */
  clear(): void {
    if (this.#drawn > 0) this.#io.err(clearLines(this.#drawn));
    this.#drawn = 0;
  }

  #say(line: string): void {
    this.clear();
    this.#io.err(`${line}\n`);
  }

  /** Lines are narrower than the terminal: one that wraps could not be taken back. */
  #draw(event: ProgressEvent): void {
    this.clear();
    const lines = [...tableLines(event.tables), progressLine(event, this.#skipped)];
    this.#io.err(lines.map((line) => `${clip(line, Math.max(1, this.#io.columns - 1))}\n`).join(''));
    this.#drawn = lines.length;
  }

  #beat(event: ProgressEvent): void {
    const { runtime, heartbeatMs } = this.#options;
    if (heartbeatMs === 0 || runtime.monotonic() - this.#lastBeatMs < heartbeatMs) return;
    this.#lastBeatMs = runtime.monotonic();
    this.#io.err(`${statusOf(event, this.#skipped)}\n`);
  }
}

function describePlan(strategies: Readonly<Record<string, string>>): string {
  const reads = Object.entries(strategies).map(([resource, strategy]) => `${resource} (${strategy})`);
  return `Reading ${reads.join(', ')}.`;
}

function tableLines(tables: Readonly<Record<string, number>>): string[] {
  const width = Math.max(0, ...Object.keys(tables).map(({ length }) => length));
  return Object.entries(tables).map(([name, rows]) => `  ${name.padEnd(width)}  ${count(rows).padStart(12)} rows`);
}

function progressLine(event: ProgressEvent, skipped: number): string {
  const filled = bar(event.partitionsDone, event.partitions, BAR_WIDTH).padEnd(BAR_WIDTH, '·');
  return `${filled} ${statusOf(event, skipped)}`;
}

function statusOf(event: ProgressEvent, skipped: number): string {
  const parts = [
    `${count(event.rows)} rows`,
    `${count(event.requests)} requests`,
    ...throttling(event),
    ...(skipped > 0 ? [`${count(skipped)} skipped`] : []),
    duration(event.elapsedMs),
    ...(event.etaMs === undefined ? [] : [`${duration(event.etaMs)} left`]),
  ];
  return parts.join(', ');
}

function throttling({ stopped, throttled }: ProgressEvent): string[] {
  if (stopped) return ['waiting for the service'];
  return throttled > 0 ? [`${count(throttled)} throttled`] : [];
}
