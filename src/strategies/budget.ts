/** The most that a run reads of one place, beside its look at what is new. */
export interface Caps {
  readonly maxPages?: number | undefined;
  readonly maxRecords?: number | undefined;
}

/** Pages of so many records each that the caps of a run allow beside its look at what is new. */
export function cappedPages({ maxPages, maxRecords }: Caps = {}, pageSize = 1): number {
  const byRecords = maxRecords === undefined ? Number.POSITIVE_INFINITY : Math.ceil(maxRecords / pageSize);
  return Math.min(maxPages ?? Number.POSITIVE_INFINITY, byRecords);
}

/** Which of them ended a read. */
export type CapName = 'max_pages' | 'max_records';

/** A partition of which a cap left something for the next run. */
export interface Unfinished {
  readonly resource: string;
  readonly partition: string;
  readonly by: CapName;
}

/**
 * What a run may still read of one place. A page is read whole: the records of the last one may be more than were left.
 * What looks at the newest is not counted: without it no mark moves.
 */
export class Budget {
  readonly #caps: Caps;
  #pages = 0;
  #records = 0;

  constructor(caps: Caps = {}) {
    this.#caps = caps;
  }

  get isCapped(): boolean {
    return this.#caps.maxPages !== undefined || this.#caps.maxRecords !== undefined;
  }

  /** The cap that was reached; undefined: there is room for a page. */
  get spent(): CapName | undefined {
    const { maxPages, maxRecords } = this.#caps;
    if (maxPages !== undefined && this.#pages >= maxPages) return 'max_pages';
    return maxRecords !== undefined && this.#records >= maxRecords ? 'max_records' : undefined;
  }

  /** Counts a page. @param records - how many it holds; asked for only where they count */
  take(records: () => number): void {
    this.#pages += 1;
    if (this.#caps.maxRecords !== undefined) this.#records += records();
  }
}
