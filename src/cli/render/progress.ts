import type { SyncEvent } from '../../sync/report.ts';
import type { Io } from '../io.ts';
import { bar, count, duration } from './table.ts';

const BAR_WIDTH = 20;

/** Shows a run on a terminal as one line that is redrawn; elsewhere only what it reads. The report says the rest. */
export class LiveProgress {
  readonly #io: Io;
  #drawn = false;
  #skipped = 0;

  constructor(io: Io) {
    this.#io = io;
  }

  show(event: SyncEvent): void {
    if (event.event === 'skipped') this.#skipped += 1;
    const line = describe(event, this.#skipped);
    if (line === undefined) return;
    if (event.event !== 'progress') {
      this.clear();
      this.#io.err(`${line}\n`);
    } else if (this.#io.live) {
      this.#io.err(`\r\u001b[2K${line}`);
      this.#drawn = true;
    }
  }

  clear(): void {
    if (this.#drawn) this.#io.err('\r\u001b[2K');
    this.#drawn = false;
  }
}

function describe(event: SyncEvent, skipped: number): string | undefined {
  switch (event.event) {
    case 'plan':
      return `Reading ${Object.entries(event.strategies)
        .map(([resource, strategy]) => `${resource} (${strategy})`)
        .join(', ')}.`;
    case 'progress': {
      const filled = bar(event.partitionsDone, event.partitions, BAR_WIDTH).padEnd(BAR_WIDTH, '·');
      const eta = event.etaMs === undefined ? '' : `, ${duration(event.etaMs)} left`;
      const throttle = event.stopped
        ? ', waiting for the service'
        : event.throttled > 0
          ? `, ${count(event.throttled)} throttled`
          : '';
      return `${filled} ${count(event.rows)} rows, ${count(event.requests)} requests${throttle}${skipped > 0 ? `, ${count(skipped)} skipped` : ''}, ${duration(event.elapsedMs)}${eta}`;
    }
    default:
      return undefined;
  }
}
