import type { GraphClient } from '../graph/types.ts';
import type { Load, PartitionKey, Position } from '../lake/types.ts';
import { pathTo, type Resource } from '../resources/types.ts';
import { forEachLimited } from '../runtime/concurrency.ts';
import { listingName } from '../strategies/context.ts';
import type { Fallback, Gap, Place, ReadContext } from '../strategies/strategy.ts';
import type { Listings } from './listings.ts';
import type { Places } from './places.ts';
import { type ResourceRead, subjectOf } from './plan.ts';
import { isReadBelow, type Node, placeBelow, readsOf, tenantPlace, treeOf } from './tree.ts';

/** Records of one place that are read side by side. */
const PARALLEL_BELOW = 16;

/** Where a walk names what it meets. */
export interface Outcomes {
  /** Names a partition that could not be read; throws what concerns the whole run. */
  skip(error: unknown, resource: string, partition: string): void;
  gap(gap: Gap): void;
  fallback(error: unknown, fallback: Omit<Fallback, 'code'>): void;
}

export interface WalkOptions {
  readonly graph: GraphClient;
  readonly load: Load;
  readonly listings: Listings;
  readonly places: Places;
  readonly reads: readonly ResourceRead[];
  /** Only some records are read: nothing is deleted. */
  readonly isPart: boolean;
  readonly positions: ReadonlyMap<PartitionKey, Position>;
  readonly overlapMs: number;
  readonly sinceMs?: number | undefined;
  now(): number;
  readonly outcomes: Outcomes;
  /** Records of the tenant that are read side by side: the governor decides what is sent. */
  readonly parallel: number;
  /** So many parts more are to be read, one part is done. */
  readonly progress: { expect(parts: number): void; partitionDone(): void };
}

/** Reads the tree of a run: every level alike, what is below a record as soon as its listing shows it. */
export class Walk {
  readonly #options: WalkOptions;
  readonly #tree: Node;
  /** The ids that were met at the top: what the run was about. */
  readonly tops = new Set<string>();

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#tree = treeOf(options.reads);
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#readTenant(signal);
    if (!this.#options.isPart) await this.#retain();
  }

  async #readTenant(signal: AbortSignal): Promise<void> {
    const { parallel, progress } = this.#options;
    const { reads, below } = this.#tree;
    progress.expect(reads.length);
    const parts = async function* (walk: Walk): AsyncGenerator<(signal: AbortSignal) => Promise<void>> {
      for (const read of reads) yield (inner) => walk.#read(read, tenantPlace, inner);
      for (const node of below) {
        for await (const place of walk.#options.places.below(node.collection!, tenantPlace)) {
          walk.tops.add(place.item.id);
          progress.expect(1);
          yield (inner) => walk.#readPlace(node, place, inner);
        }
      }
    };
    await forEachLimited(parts(this), parallel, signal, async (part, inner) => {
      await part(inner);
      progress.partitionDone();
    });
  }

  /** What is read of a record, one after the other; then what is below it, side by side. */
  async #readPlace(node: Node, place: Place, signal: AbortSignal): Promise<void> {
    for (const read of node.reads) await this.#read(read, place, signal);
    for (const child of node.below) {
      try {
        const places = this.#options.places.below(child.collection!, place);
        await forEachLimited(places, PARALLEL_BELOW, signal, (one, inner) => this.#readPlace(child, one, inner));
      } catch (error) {
        for (const { resource } of readsOf(child))
          this.#options.outcomes.skip(error, resource.name, listingName(place));
      }
    }
  }

  async #read(plan: ResourceRead, place: Place, signal: AbortSignal): Promise<void> {
    if (!isReadBelow(plan.resource, place)) return;
    const reader = await plan.read.strategy.load();
    try {
      await reader.read(this.#context(plan, signal), place);
    } catch (error) {
      // What others are below is missed by all of them.
      if (place === tenantPlace && this.#tree.below.some(({ collection }) => collection === plan.resource)) throw error;
      this.#options.outcomes.skip(error, plan.resource.name, reader.partitionOf(place));
    }
  }

  #context(plan: ResourceRead, signal: AbortSignal): ReadContext {
    const { graph, load, listings, places, positions, overlapMs, sinceMs, now, outcomes } = this.#options;
    const { resource } = plan;
    return {
      ...subjectOf(plan),
      graph,
      load,
      signal,
      positions,
      overlapMs,
      sinceMs,
      now,
      gap: (gap) => outcomes.gap(gap),
      skip: (error, partition) => outcomes.skip(error, resource.name, partition),
      fallback: (error, fallback) => outcomes.fallback(error, { ...fallback, resource: resource.name }),
      listing: (place) => listings.of(resource, place).whole,
      records: (place) => places.all(resource, place),
      below: (place) => places.down(pathTo(resource.of).slice(place.path.length), place),
    };
  }

  /** Deletes what complete listings no longer name. */
  async #retain(): Promise<void> {
    const { load, positions, reads } = this.#options;
    for (const { resource, read } of reads) {
      const level = read.strategy.isListing && (resource.details ? resource : read.per);
      const listed = level && (await this.#listed(pathTo(level)));
      if (listed) await load.retain(resource.name, listed);
      for (const way of resource.reads) {
        const reader = await way.strategy.load();
        const standing = reader.retain && (await this.#listed(pathTo(way.per)));
        if (standing) reader.retain!({ load, positions, resource: resource.name }, standing);
      }
    }
  }

  /** Names of all records of a level; undefined when one of its listings was not complete or is not believed. */
  async #listed(levels: readonly Resource[]): Promise<ReadonlySet<string> | undefined> {
    let places: readonly Place[] = [tenantPlace];
    for (const level of levels) {
      const read = await Promise.allSettled(
        places.map(async (place) => {
          const { items, held } = await this.#options.listings.of(level, place).whole;
          return { held, places: items.map((item) => placeBelow(place, level, item)) };
        }),
      );
      const complete = read.flatMap((one) => (one.status === 'fulfilled' && !one.value.held ? [one.value.places] : []));
      if (complete.length < places.length) return undefined;
      places = complete.flat();
    }
    return levels.length > 0 ? new Set(places.map(listingName)) : undefined;
  }
}
