import { clientError } from '../errors/client-rules.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import type { GraphClient, Page, PageRequest } from '../graph/types.ts';
import type { Load } from '../lake/types.ts';
import { type Endpoint, expandRoute, type MustHold, type Resource } from '../resources/types.ts';
import { canonicalId } from '../schema/guid.ts';
import { readAll } from './pages.ts';
import { isDamaged, records } from './records.ts';
import { isDoubtful, type ListingFacts, lackingOf, listingShrank } from './shrink.ts';
import type { ReadBefore } from './standing.ts';

/** The one partition of a tenant-wide list. */
export const TENANT = 'tenant';

interface Item {
  readonly id: string;
}

/** A listing read to its end: what it holds, and its pages as received. */
export interface CompleteListing<T = Item> {
  readonly items: readonly T[];
  readonly pages: readonly Page[];
  /** True: it is not believed. What it names lands; what it does not name stays. */
  readonly held: boolean;
}

export interface ListingsOptions {
  readonly graph: GraphClient;
  readonly signal: AbortSignal;
  /** What the listings are compared with; without it every one is believed. */
  readonly load?: Pick<Load, 'standing' | 'standingIds'> | undefined;
  /** What messages were read of before, for lakes that have no rows of teams and channels. */
  readonly readBefore?: ReadBefore | undefined;
  /** Resources whose rows stand below a team; what is known of the teams' listing. */
  readonly byTeam?: readonly string[] | undefined;
  /** Names a listing that is held back. */
  readonly hold?: ((error: unknown, resource: string, partition: string) => void) | undefined;
}

/** Reads listings. One that is doubted is read again, and held back when it still says so. */
export class Listings {
  readonly #options: ListingsOptions;
  readonly #standing = new Map<string, Promise<ReadonlyMap<string, number>>>();
  readonly #ids = new Map<string, Promise<ReadonlyMap<string, readonly string[]>>>();

  constructor(options: ListingsOptions) {
    this.#options = options;
  }

  /** A list whose rows are the records that it names. */
  read<T extends Item>(resource: Resource, partition: string, request: PageRequest): Promise<CompleteListing<T>> {
    return this.#read<T>({ resource, partition, request }, async (items) => {
      const standing = await this.#rows(resource.name);
      const before = standing.get(partition) ?? standing.get('') ?? 0;
      const listed = new Set(items.map(({ id }) => id));
      const lacking =
        lackingOf(resource, items) ?? (await this.#unlistedRecord(resource, { partition, request, listed }));
      return { before, after: listed.size, lacking };
    });
  }

  /** The tenant's teams. What stands is every team that some table has rows of. */
  teams<T extends Item>(resource: Resource, partition: string, request: PageRequest): Promise<CompleteListing<T>> {
    return this.#read<T>({ resource, partition, request }, async (items) => {
      const known = new Set<string>();
      for (const name of this.#options.byTeam ?? []) {
        for (const key of (await this.#rows(name)).keys()) known.add(key.split('/')[0]!);
      }
      if (known.size === 0) for (const id of this.#options.readBefore?.teams ?? []) known.add(id);
      const listed = new Set(items.map(({ id }) => id));
      return { before: known.size, after: [...known].filter((id) => listed.has(id)).length };
    });
  }

  async #read<T extends Item>(
    of: { readonly resource: Resource; readonly partition: string; readonly request: PageRequest },
    compare: (items: readonly Item[]) => Promise<ListingFacts>,
  ): Promise<CompleteListing<T>> {
    const { graph, signal, load, hold } = this.#options;
    const ask = async () => {
      const pages = await readAll(graph, of.request, signal);
      const found = pages.flatMap((page) => records<unknown>(page));
      const items = found.filter(isNamed<T>).map(canonical);
      return { pages, items, isWhole: items.length === found.length && !pages.some(isDamaged) };
    };
    const doubt = async ({ items, isWhole }: Awaited<ReturnType<typeof ask>>) => {
      if (!isWhole) return damaged(of.request);
      const facts = load && (await compare(items));
      return facts && isDoubtful(facts) ? listingShrank(of.request.route, facts) : undefined;
    };
    const first = await ask();
    if ((await doubt(first)) === undefined) return { ...first, held: false };
    const second = await ask();
    const still = await doubt(second);
    if (still !== undefined) hold?.(still, of.resource.name, of.partition);
    return { ...second, held: still !== undefined };
  }

  /**
   * What must be listed, by its id, and is not: asked only when something that stands is not listed. Where the service
   * does not say which record it is, the eldest is held to be it.
   */
  async #unlistedRecord(
    { name, mustHold }: Resource,
    listing: { readonly partition: string; readonly request: PageRequest; readonly listed: ReadonlySet<string> },
  ): Promise<string | undefined> {
    const { partition, request, listed } = listing;
    if (mustHold?.record === undefined) return undefined;
    const stood =
      (await this.#stood(name, mustHold)).get(partition) ?? this.#options.readBefore?.channels.get(partition);
    if (!stood || stood.every((id) => listed.has(id))) return undefined;
    const named = (await this.#named(mustHold.record, request.ids ?? {})) ?? stood[0]!;
    return listed.has(named) ? undefined : mustHold.what;
  }

  /** The id of the one record that an endpoint answers with; undefined: it does not answer. */
  async #named(endpoint: Endpoint, ids: Readonly<Record<string, string>>): Promise<string | undefined> {
    const { graph, signal } = this.#options;
    const request: PageRequest = {
      url: expandRoute(endpoint, ids),
      route: endpoint.route,
      ids,
      shape: 'single',
      attempts: 2,
    };
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

/** What has no id can be neither read nor told apart; no id has a blank in it, and what has one may be anybody's words. */
const isNamed = <T extends Item>(item: unknown): item is T => {
  const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
  return typeof id === 'string' && /^\S+$/.test(id);
};

/** An item under the id that it is known by. */
const canonical = <T extends Item>(item: T): T => ({ ...item, id: canonicalId(item.id) });

const damaged = ({ route }: PageRequest) => clientError('page_invalid', { method: 'GET', route }, { surface: 'graph' });
