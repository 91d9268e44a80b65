import { positionKey, splitKey } from '../lake/log/partition-key.ts';
import type { Load, PartitionKey, Position, RawPage, TableCounts, Version } from '../lake/types.ts';
import { filteredPartition, type PositionsOfFilter, partitionInFilter } from '../strategies/filtered-positions.ts';

export interface FilteredLoadOptions {
  /** What the run reads only a part of; undefined: nothing. */
  readonly filter?: PositionsOfFilter | undefined;
  /** Collections that runs with filters have landed rows of: the lake may have what no mark speaks of. */
  readonly compared: ReadonlySet<string>;
}

/** A load of a lake that is, or was, read with a filter: positions go where they belong, and nothing is deleted for not meeting it. */
export class FilteredLoad implements Load {
  readonly #load: Load;
  readonly #options: FilteredLoadOptions;

  constructor(load: Load, options: FilteredLoadOptions) {
    this.#load = load;
    this.#options = options;
  }

  append(page: RawPage): Promise<void> {
    const { resource } = page;
    const isCompared = this.#isFiltered(resource) || this.#options.compared.has(resource);
    const partition = this.#partition(resource, page.partition);
    return this.#load.append({ ...page, partition, readBefore: isCompared || page.readBefore });
  }

  advance(resource: string, partition: string, position: Position | null): void {
    this.#load.advance(resource, this.#partition(resource, partition), position);
  }

  replace(
    resource: string,
    partition: string,
    pages: readonly RawPage[],
    options: Parameters<Load['replace']>[3] = {},
  ): Promise<void> {
    const keepUnlisted = this.#isFiltered(resource) || options.keepUnlisted;
    return this.#load.replace(resource, partition, pages, { ...options, keepUnlisted });
  }

  retain(resource: string, partitions: ReadonlySet<string>): Promise<void> {
    return this.#load.retain(resource, partitions);
  }

  standing(resource: string): ReturnType<Load['standing']> {
    return this.#load.standing(resource);
  }

  standingIds(...asked: Parameters<Load['standingIds']>): ReturnType<Load['standingIds']> {
    return this.#load.standingIds(...asked);
  }

  commit(): Promise<Version> {
    return this.#load.commit();
  }

  get counts(): Readonly<Record<string, TableCounts>> {
    return this.#load.counts;
  }

  get unreadable(): ReadonlySet<PartitionKey> {
    const plain = [...this.#load.unreadable].map((key) => {
      const { resource, partition } = splitKey(key);
      return positionKey(resource, partitionInFilter(partition) ?? partition);
    });
    return new Set(plain);
  }

  close(): Promise<void> {
    return this.#load.close();
  }

  abandon(): Promise<void> {
    return this.#load.abandon();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#load[Symbol.asyncDispose]() as Promise<void>;
  }

  #isFiltered(resource: string): boolean {
    return this.#options.filter?.resource === resource;
  }

  #partition(resource: string, partition: string): string {
    return this.#isFiltered(resource) ? filteredPartition(this.#options.filter!, partition) : partition;
  }
}
