import { isRefusal, mayBeOfOneListing } from '../errors/graph-refusals.ts';
import type { GraphClient } from '../graph/types.ts';
import { positionKey } from '../lake/log/partition-key.ts';
import type { LakeContents, Load, PartitionKey, Position } from '../lake/types.ts';
import { pathTo, type Resource, showingRead } from '../resources/types.ts';
import { forEachLimited } from '../runtime/concurrency.ts';
import type { Caps } from '../strategies/budget.ts';
import { listingName } from '../strategies/context.ts';
import { partitionName } from '../strategies/position-key.ts';
import { pathsBelow } from '../strategies/positions.ts';
import type { Item, Missed, Place, ReadContext, RunSlot } from '../strategies/strategy.ts';
import type { Listings } from './listings.ts';
import type { Places } from './places.ts';
import { type ResourceRead, subjectOf } from './plan.ts';
import { retain } from './retain.ts';
import type { Outcomes } from './run-outcomes.ts';
import { depthOf, isReadBelow, type Node, placeBelow, readsOf, tenantPlace, treeOf } from './tree.ts';

/** Records of one place that are read side by side. */
const PARALLEL_BELOW = 16;

const isShowing = ({ collection }: Node): boolean => showingRead(collection!) !== undefined;

/** What is read of the records of a node itself: what shows others is read with them. */
const aloneOf = ({ reads, below }: Node): readonly ResourceRead[] =>
  reads.filter(({ resource }) => !below.some((node) => isShowing(node) && node.collection === resource));

export interface WalkOptions {
  readonly graph: GraphClient;
  readonly load: Load;
  readonly contents: LakeContents;
  readonly contentLimitBytes: number;
  readonly listings: Listings;
  readonly places: Places;
  readonly reads: readonly ResourceRead[];
  /** Only some records are read: nothing is deleted. */
  readonly isPart: boolean;
  /** Of some only the rows that meet a filter: nothing is deleted neither. */
  readonly isFiltered?: boolean | undefined;
  /** True for ids of which all are asked for where some are. */
  readonly isAsked: (ids: Readonly<Record<string, string>>) => boolean;
  readonly positions: ReadonlyMap<PartitionKey, Position>;
  readonly overlapMs: number;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly caps?: Caps | undefined;
  readonly cycle?: string | undefined;
  now(): number;
  /** Whose data is read, when that is known. */
  readonly tenantId?: string | undefined;
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
  /** What the rows of the others name. */
  readonly #afterwards: readonly ResourceRead[];
  /** The ids that were met where paths begin, at the top and of what several places list: what the run was about. */
  readonly tops = new Set<string>();
  /** What several places list and was met: it is read below the first of them. */
  readonly #met = new Map<Resource, Set<string>>();
  /** Names of the records that were shown, by collection: those that a run reads below. */
  readonly #shown = new Map<Resource, Set<string>>();
  /** Collections of the tenant that could not be read, and why. */
  readonly #missed = new Map<Resource, unknown>();
  readonly #once = new Map<string, Promise<unknown>>();
  readonly #slots = new Map<RunSlot<unknown>, unknown>();
  /** Ids of shown records that were read before, by the place that they are below. */
  readonly #known = new Map<Node, Map<string, Set<string>>>();

  constructor(options: WalkOptions) {
    this.#options = options;
    const isAfterwards = ({ read }: ResourceRead) => read.strategy.isAfterwards === true;
    this.#tree = treeOf(options.reads.filter((read) => !isAfterwards(read)));
    this.#afterwards = options.reads.filter(isAfterwards);
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#readTenant(signal);
    for (const read of this.#afterwards) await this.#read(read, tenantPlace, signal);
    if (!this.#options.isPart && !this.#options.isFiltered) await retain({ ...this.#options, shown: this.#shown });
  }

  async #readTenant(signal: AbortSignal): Promise<void> {
    const { parallel, progress } = this.#options;
    const { reads, below } = this.#tree;
    const shown = below.filter(isShowing);
    const alone = aloneOf(this.#tree);
    progress.expect(alone.length + shown.length);
    const parts = async function* (walk: Walk): AsyncGenerator<(signal: AbortSignal) => Promise<unknown>> {
      for (const read of alone) yield (inner) => walk.#read(read, tenantPlace, inner);
      for (const node of shown) yield (inner) => walk.#readShown(walk.#tree, node, tenantPlace, inner);
      for (const node of below) {
        if (shown.includes(node)) continue;
        try {
          for await (const place of walk.#options.places.below(node.collection!, tenantPlace)) {
            walk.tops.add(place.item.id);
            progress.expect(1);
            yield (inner) => walk.#readPlace(node, place, inner);
          }
        } catch (error) {
          walk.#missTop(node, error);
        }
      }
    };
    await forEachLimited(parts(this), parallel, signal, async (part, inner) => {
      await part(inner);
      progress.partitionDone();
    });
    const [[, error] = []] = this.#missed;
    const wanted = [...reads.map(({ resource }) => resource), ...below.map(({ collection }) => collection!)];
    if (below.length > 0 && wanted.every((resource) => this.#missed.has(resource))) throw error;
  }

  /** Names everything below a listing of the tenant that cannot be read. @throws what others would meet too */
  #missTop(node: Node, error: unknown): void {
    if (!mayBeOfOneListing(error)) throw error;
    this.#missed.set(node.collection!, error);
    for (const { resource } of readsOf(node))
      this.#options.outcomes.skip(error, resource.name, listingName(tenantPlace));
  }

  /** Reads a collection that is not listed as a whole, and what is below its records as they come. */
  async #readShown(above: Node, node: Node, place: Place, signal: AbortSignal): Promise<void> {
    const resource = node.collection!;
    const own = above.reads.find((read) => read.resource === resource);
    const plan = own ?? { resource, read: showingRead(resource)!, tables: [], fallbacks: [] };
    const resources = readsOf(node).map((read) => read.resource.name);
    const shows = {
      resources,
      known: (at: Place) => this.#readBefore(node, at),
      read: (items: readonly Item[], due: readonly string[]) =>
        this.#readBelowShown(node, place, { items, due }, signal),
    };
    const reader = await plan.read.strategy.load();
    try {
      await reader.read({ ...this.contextOf(plan, signal), shows, lands: own !== undefined }, place);
    } catch (error) {
      if (place === tenantPlace) {
        if (!mayBeOfOneListing(error)) throw error;
        this.#missed.set(resource, error);
        this.#shown.delete(resource);
      }
      for (const name of own ? [resource.name, ...resources] : resources)
        this.#options.outcomes.skip(error, name, reader.partitionOf(place));
    }
  }

  /** Ids of the records of a collection below a place that something was read of in earlier runs. */
  #readBefore(node: Node, { path }: Place): readonly string[] {
    let known = this.#known.get(node);
    if (!known) {
      const depth = pathTo(node.collection!).length;
      const paths = readsOf(node).flatMap(({ resource: { name } }) => pathsBelow(this.#options.positions, name, depth));
      known = new Map();
      for (const one of paths) {
        const above = listingName({ path: one.slice(0, -1) });
        known.set(above, (known.get(above) ?? new Set()).add(one.at(-1)!));
      }
      this.#known.set(node, known);
    }
    return [...(known.get(listingName({ path })) ?? [])];
  }

  async #readBelowShown(
    node: Node,
    above: Place,
    { items, due }: { readonly items: readonly Item[]; readonly due: readonly string[] },
    signal: AbortSignal,
  ): Promise<readonly Missed[]> {
    const collection = node.collection!;
    const shown = this.#shown.get(collection) ?? new Set();
    if (above === tenantPlace) this.#shown.set(collection, shown);
    const missed: Missed[] = [];
    const parallel = above === tenantPlace ? this.#options.parallel : PARALLEL_BELOW;
    await forEachLimited(items, parallel, signal, async (item, inner) => {
      const place = placeBelow(above, collection, item);
      shown.add(listingName(place));
      for (const read of node.reads) {
        const { name } = read.resource;
        const failed = due.includes(name) ? await this.#read(read, place, inner) : undefined;
        if (failed) missed.push({ resource: name, item, error: failed.error });
      }
      await this.#readBelow(node, place, inner);
    });
    return missed;
  }

  /** What is read of a record, one after the other; then what is below it, side by side. */
  async #readPlace(node: Node, place: Place, signal: AbortSignal): Promise<void> {
    for (const read of aloneOf(node)) await this.#read(read, place, signal);
    await this.#readBelow(node, place, signal);
  }

  async #readBelow(node: Node, place: Place, signal: AbortSignal): Promise<void> {
    for (const child of node.below) {
      if (isShowing(child)) {
        await this.#readShown(node, child, place, signal);
        continue;
      }
      try {
        const places = this.#unmet(child.collection!, this.#options.places.below(child.collection!, place));
        await forEachLimited(places, PARALLEL_BELOW, signal, (one, inner) => this.#readPlace(child, one, inner));
      } catch (error) {
        for (const { resource } of readsOf(child))
          this.#options.outcomes.skip(error, resource.name, listingName(place));
      }
    }
  }

  /** Of what several places list, the records that nobody has met. */
  async *#unmet(collection: Resource, places: AsyncGenerator<Place>): AsyncGenerator<Place> {
    if (!collection.shared) return yield* places;
    const met = this.#met.get(collection) ?? new Set();
    this.#met.set(collection, met);
    for await (const place of places) {
      if (met.has(place.item.id)) continue;
      met.add(place.item.id);
      this.tops.add(place.item.id);
      yield place;
    }
  }

  /** Whoever asks for a place that is being read, or was, waits for that. */
  #readOnce<T>(subject: ResourceRead, place: Place, read: () => Promise<T>): Promise<T> {
    const { kind, path } = place;
    const key = positionKey(subject.resource.name, partitionName(kind, ...path));
    const known = this.#once.get(key) as Promise<T> | undefined;
    if (known) return known;
    const begun = read();
    this.#once.set(key, begun);
    return begun;
  }

  #shared<T>(slot: RunSlot<T>): T {
    if (!this.#slots.has(slot)) this.#slots.set(slot, slot.make());
    return this.#slots.get(slot) as T;
  }

  /** @returns why it could not be read, which is named; undefined: it was */
  async #read(plan: ResourceRead, place: Place, signal: AbortSignal): Promise<{ readonly error: unknown } | undefined> {
    if (!isReadBelow(plan.resource, place)) return undefined;
    const reader = await plan.read.strategy.load();
    try {
      await reader.read(this.contextOf(plan, signal), place);
      return undefined;
    } catch (error) {
      // What others are below is missed by all of them.
      const isAbove = place === tenantPlace && this.#tree.below.some(({ collection }) => collection === plan.resource);
      if (isAbove && !mayBeOfOneListing(error)) throw error;
      if (isAbove || (place === tenantPlace && !isRefusal(error))) this.#missed.set(plan.resource, error);
      this.#options.outcomes.skip(error, plan.resource.name, reader.partitionOf(place));
      return { error };
    }
  }

  /** What a collection is read with. */
  contextOf(plan: ResourceRead, signal: AbortSignal): ReadContext {
    const { graph, load, listings, places, positions, overlapMs, sinceMs, untilMs, now, outcomes } = this.#options;
    const { contents, contentLimitBytes, tenantId, caps, cycle } = this.#options;
    const { resource } = plan;
    return {
      ...subjectOf(plan),
      graph,
      load,
      signal,
      positions,
      overlapMs,
      sinceMs,
      untilMs,
      caps,
      cycle,
      now,
      tenantId,
      gap: (gap) => outcomes.gap(gap),
      unfinished: (unfinished) => outcomes.unfinished(unfinished),
      skip: (error, partition) => outcomes.skip(error, resource.name, partition),
      fallback: (error, fallback) => outcomes.fallback(error, { ...fallback, resource: resource.name }),
      listing: (place) => listings.of(resource, place).whole,
      records: (place) => places.all(resource, place),
      shared: (slot) => this.#shared(slot),
      once: (place, read) => this.#readOnce(plan, place, read),
      below: (place) => places.down(pathTo(resource.of).slice(depthOf(place)), place),
      lands: true,
      contents,
      contentLimitBytes,
      isMeant: (ids) => this.#isMeant(ids),
    };
  }

  /** True for ids that the run is about: asked for, and of records that it met. */
  #isMeant(ids: Readonly<Record<string, string>>): boolean {
    const { isPart, isAsked } = this.#options;
    return !isPart || (isAsked(ids) && Object.values(ids).some((id) => this.tops.has(id)));
  }
}
