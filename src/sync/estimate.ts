import type { GraphClient } from '../graph/types.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import { lowerBound } from '../limits/lower-bound.ts';
import { resources as allResources } from '../resources/index.ts';
import { type Level, listingRead, pathTo, type Resource } from '../resources/types.ts';
import { sharedSignal } from '../runtime/concurrency.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { TableShape } from '../schema/column.ts';
import { listingName } from '../strategies/context.ts';
import { topsRead } from '../strategies/positions.ts';
import type {
  EstimateContext,
  EstimatedRequests,
  Place,
  PlannedRequests,
  StrategyName,
} from '../strategies/strategy.ts';
import { Listings } from './listings.ts';
import { skippedPartition } from './outcomes.ts';
import { Places } from './places.ts';
import { type Doubt, planReads, type ResourceRead, subjectOf } from './plan.ts';
import type { SkippedPartition } from './report.ts';
import { type Asked, type AskedNames, askedOf } from './scope.ts';
import { depthOf, isReadBelow, levelsOf, tenantPlace } from './tree.ts';

/** Top records looked at to estimate what all of them hold. */
const SAMPLE = 5;

/** How sure a number is: listed = counted just now; sampled = extrapolated from a part; at least = more if more changed. */
export type EstimateBasis = 'listed' | 'sampled' | 'at least';

export interface ResourceEstimate {
  readonly resource: string;
  readonly tables: readonly string[];
  readonly strategy: StrategyName;
  readonly requests: number;
  readonly lowerBoundMs: number;
  readonly basis: EstimateBasis;
}

export interface RunEstimate {
  /** How many records of the tenant are read, by collection. */
  readonly records: Readonly<Record<string, number>>;
  readonly requests: number;
  readonly lowerBoundMs: number;
  readonly resources: readonly ResourceEstimate[];
  /** What the token does not seem to allow; Graph decides in the run. */
  readonly doubts: readonly Doubt[];
  readonly skipped: readonly SkippedPartition[];
}

export interface EstimateOptions extends AskedNames {
  readonly graph: GraphClient;
  readonly runtime: Runtime;
  readonly tables: readonly TableShape[];
  readonly positions: ReadonlyMap<PartitionKey, Position>;
  readonly strategy?: string | undefined;
  readonly sinceMs?: number | undefined;
}

/**
 * Predicts the requests of a run: the same tree, asked of the same strategies. Costs the listing of the top records, the
 * listings below each sampled one, and for a first load some requests more for each of them. A record that cannot be read
 * is in `skipped`, as it would be after a run.
 */
export async function estimateRun(options: EstimateOptions, outer: AbortSignal): Promise<RunEstimate> {
  const signal = sharedSignal(outer);
  const { graph, tables, strategy } = options;
  const permissions = await graph.permissions(signal);
  const asked = askedOf(options);
  const { reads, doubts } = planReads({ tables, permissions, strategy, asked });
  const listings = new Listings({ graph, signal, shared: levelsOf(reads), resources: allResources });
  const estimator = new Estimator(options, { asked, listings, places: new Places(listings, asked) }, signal);
  const resources: ResourceEstimate[] = [];
  const all: PlannedRequests[] = [];
  for (const plan of reads) {
    const { planned, basis } = await estimator.estimate(plan);
    all.push(...planned);
    resources.push({
      resource: plan.resource.name,
      tables: plan.tables.map(({ name }) => name),
      strategy: plan.read.strategy.name,
      requests: total(planned),
      lowerBoundMs: Math.ceil(lowerBound(planned)),
      basis,
    });
  }
  return {
    records: estimator.records,
    requests: total(all),
    lowerBoundMs: Math.ceil(lowerBound(all)),
    resources,
    doubts,
    skipped: estimator.skipped,
  };
}

interface Planned {
  readonly planned: readonly PlannedRequests[];
  readonly basis: EstimateBasis;
}

/** The requests for what is read of one place. */
type Measure = (place: Place) => Promise<readonly EstimatedRequests[]>;

interface Known {
  readonly asked: Asked;
  readonly listings: Listings;
  readonly places: Places;
}

class Estimator {
  readonly skipped: SkippedPartition[] = [];
  readonly records: Record<string, number> = {};
  readonly #options: EstimateOptions;
  readonly #known: Known;
  readonly #signal: AbortSignal;
  /** Listings that several resources share, and that one of them has counted. */
  readonly #counted = new Set<Resource>();

  constructor(options: EstimateOptions, known: Known, signal: AbortSignal) {
    this.#options = options;
    this.#known = known;
    this.#signal = signal;
  }

  async estimate(plan: ResourceRead): Promise<Planned> {
    const { resource, read } = plan;
    const planned: PlannedRequests[] = [];
    for (const level of levelsOf([plan])) planned.push(...(await this.#listing(level)));
    const isShared = this.#known.listings.isShared(resource);
    if (isShared) planned.push(...(await this.#listing(resource)));
    if (!isShared || resource.details)
      planned.push(...(await this.#over(plan.resource, read.per, await this.#measure(plan))));
    return { planned, basis: await this.#basis(plan, planned) };
  }

  async #basis(
    { resource, read }: ResourceRead,
    planned: readonly Partial<EstimatedRequests>[],
  ): Promise<EstimateBasis> {
    if (!read.strategy.isListing) return planned.some(({ isSize }) => isSize) ? 'sampled' : 'at least';
    const [top, ...deeper] = pathTo(read.per);
    if (top === undefined) return this.#known.listings.isShared(resource) ? 'listed' : 'at least';
    const tops = await this.#tops(top);
    return deeper.length > 0 && this.#sampleOf(tops).length < tops.length ? 'sampled' : 'listed';
  }

  async #measure(plan: ResourceRead): Promise<Measure> {
    const { resource, read } = plan;
    const { graph, runtime, positions, sinceMs } = this.#options;
    const { places } = this.#known;
    const reader = await read.strategy.load();
    const context: EstimateContext = {
      ...subjectOf(plan),
      graph,
      signal: this.#signal,
      positions,
      sinceMs,
      now: () => runtime.now(),
      random: () => runtime.random(),
      records: (place) => places.all(resource, place),
      below: (place) => places.down(pathTo(resource.of).slice(depthOf(place)), place),
    };
    return async (place) => (isReadBelow(resource, place) ? reader.estimate(context, place) : []);
  }

  /** The requests for a listing that others are below, once: whoever needs it first counts it. */
  async #listing(collection: Resource): Promise<readonly PlannedRequests[]> {
    if (this.#counted.has(collection)) return [];
    this.#counted.add(collection);
    const { route } = listingRead(collection)!;
    if (pathTo(collection).length > 1)
      return this.#over(collection, collection.of, async ({ ids }) => [{ ...ONCE, route, ids }]);
    await this.#tops(collection);
    if (!this.#known.places.isListed(collection, tenantPlace)) return [];
    const { pages } = await this.#known.listings.of(collection, tenantPlace).whole;
    return [{ method: 'GET', route, count: pages.length }];
  }

  /** What a resource needs of all records of a level. Below the top it is looked at in a sample, unless that costs no request. */
  async #over(resource: Resource, level: Level, measure: Measure): Promise<readonly EstimatedRequests[]> {
    const [top, ...deeper] = pathTo(level);
    if (top === undefined) return measure(tenantPlace);
    const tops = await this.#tops(top);
    const met = new Set<string>();
    const below: Measure = async (place) => {
      const places = firstOf(await this.#known.places.down(deeper, place), met);
      return (await Promise.all(places.map(measure))).flat();
    };
    const isListing = listingRead(resource) !== undefined;
    if (isListing && deeper.length === 0) return (await Promise.all(tops.map(below))).flat();
    if (isListing) return this.#extrapolate(resource, tops, below);
    // What was read before and what was not cost differently.
    const before = topsRead(this.#options.positions);
    const groups = [tops.filter(({ item }) => !before.has(item.id)), tops.filter(({ item }) => before.has(item.id))];
    const planned: EstimatedRequests[] = [];
    for (const group of groups) planned.push(...(await this.#extrapolate(resource, group, below)));
    return planned;
  }

  /** What the sampled records need. Each of the others stands for one of them, in turn. */
  async #extrapolate(resource: Resource, tops: readonly Place[], measure: Measure): Promise<EstimatedRequests[]> {
    const sample = this.#sampleOf(tops);
    const measured = new Map<Place, readonly EstimatedRequests[]>();
    await Promise.all(
      sample.map(async (place) => {
        try {
          measured.set(place, await measure(place));
        } catch (error) {
          this.skipped.push(skippedPartition(error, resource.name, listingName(place), this.#signal));
        }
      }),
    );
    const models = [...measured.values()];
    const others = tops.filter((place) => !sample.includes(place));
    return [
      ...models.flat(),
      ...others.flatMap((place, index) => (models.length > 0 ? asOf(place, models[index % models.length]!) : [])),
    ];
  }

  /** Some records from all over the listing; all of them when some of those below were asked for: nobody knows whose they are. */
  #sampleOf(tops: readonly Place[]): readonly Place[] {
    const asksBelow = [...this.#known.asked.keys()].some((name) => tops[0] !== undefined && !(name in tops[0].ids));
    if (asksBelow) return tops;
    const step = Math.max(1, Math.floor(tops.length / SAMPLE));
    return tops.filter((_, index) => index % step === 0).slice(0, SAMPLE);
  }

  async #tops(collection: Resource): Promise<readonly Place[]> {
    const tops = await this.#known.places.all(collection, tenantPlace);
    this.records[collection.name] = tops.length;
    return tops;
  }
}

/** What several places list is read once: below the first that shows it. */
function firstOf(places: readonly Place[], met: Set<string>): readonly Place[] {
  return places.filter((place) => {
    const isListedOften = place.path.length < depthOf(place);
    const name = listingName(place);
    if (isListedOften && met.has(name)) return false;
    met.add(name);
    return true;
  });
}

const ONCE = { method: 'GET', count: 1, isSize: false } as const;

/** The requests of one record as those of another: limits are counted for each record and for what is below it. */
function asOf({ ids, item }: Place, model: readonly EstimatedRequests[]): EstimatedRequests[] {
  return model.map((request) => ({
    ...request,
    ids: Object.fromEntries(
      Object.entries(request.ids ?? {}).map(([name, id]) => [name, ids[name] ?? `${item.id} ${id}`]),
    ),
  }));
}

const total = (planned: readonly PlannedRequests[]) => planned.reduce((sum, { count }) => sum + count, 0);
