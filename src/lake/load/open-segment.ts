import type { Listing } from '../transform/settle.ts';
import { Segment } from '../transform/spool.ts';
import type { Load, PartitionKey, Position, RawPage, Stretch } from '../types.ts';

/** A segment being filled: pages, the positions that hold after them, and which listings are complete. */
export class OpenSegment {
  readonly segment: Segment;
  readonly positions = new Map<PartitionKey, Position | null>();
  /** Resources with pages of partitions that were read before. */
  readonly revisited = new Set<string>();
  readonly #listings = new Map<
    string,
    {
      pages: Map<string, number[]>;
      superseded: number[];
      unsure: Set<string>;
      within: Map<string, readonly Stretch[]>;
      retained?: readonly string[];
      kept?: readonly string[];
    }
  >();
  readonly #timer: NodeJS.Timeout;

  /** @param options.overdue - called once, `afterMs` later, unless disarmed */
  constructor(options: {
    folder: string;
    innerLists: (resource: string) => readonly string[];
    overdue: () => void;
    afterMs: number;
  }) {
    this.segment = new Segment(options.folder, options.innerLists);
    this.#timer = setTimeout(options.overdue, options.afterMs).unref();
  }

  disarm(): void {
    clearTimeout(this.#timer);
  }

  async append(page: RawPage, revisited: boolean): Promise<void> {
    await this.segment.append(page);
    if (revisited) this.revisited.add(page.resource);
  }

  async replace(
    resource: string,
    partition: string,
    pages: readonly RawPage[],
    options: NonNullable<Parameters<Load['replace']>[3]>,
  ): Promise<void> {
    const numbers: number[] = [];
    for (const page of pages) numbers.push((await this.segment.append({ ...page, resource, partition })).n);
    const listing = this.#listing(resource);
    const before = listing.pages.get(partition) ?? [];
    if (!options.isPart) listing.superseded.push(...before);
    listing.pages.set(partition, options.isPart ? [...before, ...numbers] : numbers);
    if (options.keepUnlisted || options.isPart) listing.unsure.add(partition);
    else listing.unsure.delete(partition);
    if (options.within) listing.within.set(partition, options.within);
    else listing.within.delete(partition);
  }

  retain(resource: string, partitions: ReadonlySet<string>): void {
    const listing = this.#listing(resource);
    for (const [partition, numbers] of listing.pages) {
      if (partitions.has(partition)) continue;
      listing.superseded.push(...numbers);
      listing.pages.delete(partition);
    }
    listing.retained = [...partitions];
  }

  /** Of a resource whose rows are one partition: only rows with these keys stay. */
  keep(resource: string, keys: ReadonlySet<string>): void {
    this.#listing(resource).kept = [...keys];
  }

  /** What the snapshot resources of this segment list. */
  listings(): ReadonlyMap<string, Listing> {
    return new Map(
      [...this.#listings].map(([resource, { pages, superseded, unsure, within, retained, kept }]) => {
        const replaced = [...pages.keys()];
        return [
          resource,
          {
            replaced,
            superseded,
            unsure: [...unsure],
            within,
            kept,
            retained: retained && [...new Set([...retained, ...replaced])],
          },
        ];
      }),
    );
  }

  /** No more pages. */
  async seal(): Promise<void> {
    await this.segment.seal();
  }

  #listing(resource: string) {
    let listing = this.#listings.get(resource);
    if (!listing) {
      listing = { pages: new Map(), superseded: [], unsure: new Set(), within: new Map() };
      this.#listings.set(resource, listing);
    }
    return listing;
  }
}
