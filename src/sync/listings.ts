import { clientError } from '../errors/client-rules.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import { type Endpoint, expandRoute } from '../graph/endpoint.ts';
import type { GraphClient, Page, PageRequest } from '../graph/types.ts';
import { positionKey } from '../lake/log/partition-key.ts';
import type { Load } from '../lake/types.ts';
import { listingRead, type MustHold, pathTo, type Resource } from '../resources/types.ts';
import { canonicalId } from '../schema/guid.ts';
import { listingName, partitionOf, pathOfListing } from '../strategies/context.ts';
import { isPageFailure } from '../strategies/gaps.ts';
import { innerPages } from '../strategies/inner-pages.ts';
import { isNamed, itemsOf } from '../strategies/items.ts';
import { namedBefore } from '../strategies/named.ts';
import { pagesFrom } from '../strategies/pages.ts';
import type { Positions } from '../strategies/positions.ts';
import { isDamaged, records } from '../strategies/records.ts';
import { filtered } from '../strategies/sent-filter.ts';
import { pathsRead } from '../strategies/standing.ts';
import type { CompleteListing, InnerPage, Item, Place } from '../strategies/strategy.ts';
import { listingErrors } from './errors.ts';
import type { RunFilter } from './filter.ts';
import { topsOf } from './lake-source.ts';
import { idsBelow, type PathTree, treeOfPaths } from './path-tree.ts';
import { isDoubtful, isHeldBack, type ListingFacts, lackingOf, looksLikeIt } from './shrink.ts';

export interface ListingsOptions {
  readonly graph: GraphClient;
  readonly signal: AbortSignal;
  /** Collections whose listings several readers share: each is read once at each place. */
  readonly shared: ReadonlySet<Resource>;
  /** Every collection: what stands below a record tells that it was there. */
  readonly resources: readonly Resource[];
  /** What the listings are compared with; without it every one is believed. */
  readonly load?: Pick<Load, 'standing' | 'standingIds' | 'advance'> | undefined;
  /** Of which collection only a part is listed. */
  readonly filter?: Pick<RunFilter, 'resource' | 'sent'> | undefined;
  /** What was read before, for lakes that have no rows of the records above it. */
  readonly positions?: Positions | undefined;
  /** Names a listing that is held back. */
  readonly hold?: ((error: unknown, resource: string, partition: string) => void) | undefined;
}

/** Reads listings of any collection. One that is doubted is read again, and held back when it still says so. */
export class Listings {
  readonly #options: ListingsOptions;
  readonly #shared = new Map<string, Listing>();
  readonly #standing = new Map<string, Promise<ReadonlyMap<string, number>>>();
  readonly #ids = new Map<string, Promise<ReadonlyMap<string, readonly string[]>>>();
  /** Per collection: the paths below its records that something was read of. Every place asks for a part of them. */
  readonly #readBelow = new Map<Resource, PathTree>();

  constructor(options: ListingsOptions) {
    this.#options = options;
  }

  isShared(resource: Resource): boolean {
    return this.#options.shared.has(resource);
  }

  /** The listing of a collection at a place, begun now or before. */
  of(resource: Resource, place: Place): Listing {
    const key = `${resource.name}/${listingName(place)}`;
    const known = this.#shared.get(key);
    if (known) return known;
    const listing = new Listing((show) => this.#read(resource, place, show));
    if (this.isShared(resource)) this.#shared.set(key, listing);
    return listing;
  }

  /**
   * Of a listing with a record or a page that cannot be read: what was read before and is not named. It may be what cannot
   * be read, and what is below it goes on.
   */
  async unnamed(resource: Resource, place: Place, listing: Listing): Promise<readonly Item[]> {
    if ((await listing.whole).isWhole !== false || resource.shared) return [];
    const { positions = new Map(), load } = this.#options;
    const tops = topsOf(positions).flatMap(({ collection, id }) => (collection === resource ? [id] : []));
    const before = place.path.length === 0 ? tops : this.#readBefore(resource, place.path);
    const known = new Set([...before, ...(load ? await this.#known(resource, place) : [])]);
    const named = new Set(listing.shown.map(({ id }) => id));
    return [...known].filter((id) => id !== '' && !named.has(id)).map((id) => ({ id }));
  }

  async #read(resource: Resource, place: Place, show: (items: readonly Item[]) => void): Promise<CompleteListing> {
    const { graph, signal, load, hold, filter } = this.#options;
    const read = listingRead(resource)!;
    const isPart = filter?.resource === resource.name;
    const query = isPart ? filtered(read.query, filter.sent(read)) : read.query;
    const request = { url: expandRoute({ ...read, query }, place.ids), route: read.route, ids: place.ids };
    const compare = load && !isPart ? await this.#comparison(resource, place) : undefined;
    const ask = async () => {
      const pages: Page[] = [];
      const items: Item[] = [];
      const inner: InnerPage[] = [];
      const asked = { way: read, ids: place.ids, gives: resource.gives };
      let isWhole = true;
      let failure: unknown;
      try {
        for await (const page of pagesFrom(graph, request, signal)) {
          const found = records<unknown>(page);
          const named = itemsOf(found);
          pages.push(page);
          items.push(...named);
          show(named);
          if (named.length < found.length || isDamaged(page)) isWhole = false;
          for await (const further of innerPages(graph, asked, { page, items: named }, signal)) {
            inner.push(further);
            if (isDamaged(further.page)) isWhole = false;
          }
        }
      } catch (error) {
        // What came before a page that fails is read all the same.
        if (pages.length === 0 || !isPageFailure(error, signal)) throw error;
        failure = error;
        isWhole = false;
      }
      return { pages, items, inner, isWhole, failure };
    };
    const doubt = async (
      { items, isWhole, failure }: Awaited<ReturnType<typeof ask>>,
      isDoubted: typeof isHeldBack,
    ) => {
      if (failure !== undefined) return failure;
      if (!isWhole) return damaged(request);
      const facts = await compare?.(items);
      return facts && isDoubted(facts, resource)
        ? listingErrors.listing_shrank({ route: read.route, ...facts })
        : undefined;
    };
    const first = await ask();
    if ((await doubt(first, isDoubtful)) === undefined) return { ...first, held: false };
    // The client has asked for a page that fails again and again.
    const second = first.failure === undefined ? await ask() : first;
    const still = await doubt(second, isHeldBack);
    if (still !== undefined) hold?.(still, resource.name, listingName(place));
    return { ...second, held: still !== undefined };
  }

  /** What stands before anything of the listing has landed, and how a listing is compared with it. */
  async #comparison(resource: Resource, place: Place): Promise<(items: readonly Item[]) => Promise<ListingFacts>> {
    if (resource.shared) {
      const before = namedBefore(this.#options.positions ?? new Map(), resource.name, place) ?? [];
      return async (items) => ({ before: before.length, after: new Set(items.map(({ id }) => id)).size });
    }
    if (resource.details === undefined) {
      return async (items) => {
        const standing = await this.#rows(resource.name);
        const before = standing.get(listingName(place)) ?? standing.get('') ?? 0;
        const listed = new Set(items.map(({ id }) => id));
        const lacking = lackingOf(resource, items) ?? (await this.#unlistedRecord(resource, place, items));
        return { before, after: listed.size, lacking };
      };
    }
    const known = await this.#known(resource, place);
    return async (items) => {
      const listed = new Set(items.map(({ id }) => id));
      const after = [...known].filter((id) => listed.has(id)).length;
      return { before: known.size, after, lacking: lackingOf(resource, items) };
    };
  }

  /** The records whose rows are not their listing: every one that some table has rows of; of a lake without, what was read. */
  async #known(resource: Resource, { path }: Place): Promise<ReadonlySet<string>> {
    const below = this.#options.resources.filter((one) => listingRead(one) && pathTo(one).includes(resource));
    const rows = await Promise.all(below.map(({ name }) => this.#rows(name)));
    const known = idsBelow(path, treeOfPaths(rows.flatMap((partitions) => [...partitions.keys()].map(pathOfListing))));
    return known.size > 0 ? known : this.#readBefore(resource, path);
  }

  /** The records of a collection below a place that something was read of. */
  #readBefore(resource: Resource, path: readonly string[]): ReadonlySet<string> {
    let tree = this.#readBelow.get(resource);
    if (!tree) {
      const { positions = new Map(), resources } = this.#options;
      const below = resources.filter((one) => !listingRead(one) && pathTo(one.of).includes(resource));
      tree = treeOfPaths(below.flatMap(({ name }) => pathsRead(positions, name)));
      this.#readBelow.set(resource, tree);
    }
    return idsBelow(path, tree);
  }

  /**
   * What must be listed, by its id, and is not: asked only when something that stands is not listed, or nothing that is
   * listed looks like it. Where the service does not say which record it is, the eldest that stands is held to be it.
   */
  async #unlistedRecord(resource: Resource, place: Place, items: readonly Item[]): Promise<string | undefined> {
    const { name, mustHold } = resource;
    if (mustHold?.record === undefined) return undefined;
    const { path, ids } = place;
    const { load, positions } = this.#options;
    const listed = new Set(items.map(({ id }) => id));
    const known = positions?.get(positionKey(name, partitionOf(place)))?.['holds'];
    if (typeof known === 'string' && listed.has(known)) return undefined;
    const stood = (await this.#stood(name, mustHold)).get(listingName({ path })) ?? [
      ...this.#readBefore(resource, path),
    ];
    if (stood.every((id) => listed.has(id)) && looksLikeIt(mustHold, items)) return undefined;
    const answered = await this.#named(mustHold.record, ids);
    // It is always the same one: nobody asks again while it is listed.
    if (answered !== undefined && listed.has(answered))
      load?.advance(name, partitionOf(place), { version: 1, holds: answered });
    const named = answered ?? stood[0];
    return named === undefined || listed.has(named) ? undefined : mustHold.what;
  }

  /** The id of the one record that an endpoint answers with; undefined: it does not answer. */
  async #named(endpoint: Endpoint, ids: Readonly<Record<string, string>>): Promise<string | undefined> {
    const { graph, signal } = this.#options;
    const { route } = endpoint;
    const request: PageRequest = { url: expandRoute(endpoint, ids), route, ids, shape: 'single', attempts: 2 };
    try {
      const [record] = records<unknown>(await graph.page(request, signal));
      return isNamed(record) ? canonicalId(record.id) : undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (!isSluiceError(error)) throw error;
      return undefined;
    }
  }

  #stood(resource: string, { values, eldestBy }: MustHold): Promise<ReadonlyMap<string, readonly string[]>> {
    const { load } = this.#options;
    if (!load || eldestBy === undefined) return Promise.resolve(new Map());
    let ids = this.#ids.get(resource);
    if (!ids) {
      ids = load.standingIds(resource, { where: values, eldestBy });
      this.#ids.set(resource, ids);
    }
    return ids;
  }

  /** Rows of each partition as they stood when they were first asked for. */
  #rows(resource: string): Promise<ReadonlyMap<string, number>> {
    let rows = this.#standing.get(resource);
    if (!rows) {
      rows = this.#options.load?.standing(resource) ?? Promise.resolve(new Map());
      this.#standing.set(resource, rows);
    }
    return rows;
  }
}

/** A listing while it is read: its records as its pages come, each once, and the whole at its end. */
export class Listing {
  /** Rejects when nothing of it can be read. */
  readonly whole: Promise<CompleteListing>;
  readonly #found: Item[] = [];
  /** Its records so far, each once. */
  get shown(): readonly Item[] {
    return this.#found;
  }
  #isOver = false;
  #wake: () => void = () => undefined;
  #more: Promise<void>;

  constructor(read: (show: (items: readonly Item[]) => void) => Promise<CompleteListing>) {
    this.#more = this.#next();
    const known = new Set<string>();
    this.whole = read((items) => {
      for (const item of items) {
        if (known.has(item.id)) continue;
        known.add(item.id);
        this.#found.push(item);
      }
      this.#tell();
    }).finally(() => {
      this.#isOver = true;
      this.#tell();
    });
    // Nobody may be waiting for it when it fails.
    this.whole.catch(() => undefined);
  }

  /** @throws what `whole` rejects with, after the records that came before */
  async *items(): AsyncGenerator<Item> {
    for (let at = 0; at < this.#found.length || !this.#isOver; ) {
      const more = this.#more;
      if (at < this.#found.length) yield this.#found[at++]!;
      else await more;
    }
    await this.whole;
  }

  #tell(): void {
    this.#wake();
    this.#more = this.#next();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

const damaged = ({ route }: Pick<PageRequest, 'route'>) =>
  clientError('page_invalid', { method: 'GET', route }, { surface: 'graph' });
