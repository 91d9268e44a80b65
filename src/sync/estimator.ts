import { isUnlicensed, mayBeOfOneListing } from '../errors/graph-refusals.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import { parametersOf } from '../graph/endpoint.ts';
import { listingRead, pathTo, type Read, type Resource, showingRead } from '../resources/types.ts';
import { listingName } from '../strategies/context.ts';
import { topsRead } from '../strategies/positions.ts';
import type { EstimateContext, EstimatedRequests, Place, PlannedRequests } from '../strategies/strategy.ts';
import type { EstimateBasis, EstimateOptions } from './estimated.ts';
import type { Grantable } from './not-permitted.ts';
import { skippedPartition } from './outcomes.ts';
import { type ResourceRead, subjectOf } from './plan.ts';
import type { SkippedPartition } from './report.ts';
import { isOfSeveral, type Known, type Root, Roots, rootOf, seenOf, spread } from './roots.ts';
import { ShownRecords, shownLevel } from './shown.ts';
import { depthOf, isReadBelow, levelsOf, tenantPlace } from './tree.ts';

/** Records looked at to estimate what all of them hold: at the top, with all that is below each; or of what several places list. */
const SAMPLE = 5;
const SAMPLE_OF_SHARED = 40;

/** The requests for a collection, and what they were taken from. */
export interface Planned {
  readonly planned: readonly (PlannedRequests & { readonly isCut?: boolean | undefined })[];
  readonly basis: EstimateBasis;
}

/** The requests for what is read of one place. */
type Measure = (place: Place) => Promise<readonly EstimatedRequests[]>;

type Estimating = EstimateOptions & {
  readonly grantable: Grantable | undefined;
  readonly tenantId: string | undefined;
  readonly cycle: string | undefined;
};

/** Asks the strategies of a plan what they would ask for. */
export class Estimator {
  readonly skipped: SkippedPartition[] = [];
  readonly absent: SkippedPartition[] = [];
  readonly #options: Estimating;
  readonly #known: Known & { readonly reads: readonly ResourceRead[] };
  readonly #roots: Roots;
  readonly #shown: ShownRecords;
  readonly #signal: AbortSignal;
  /** Listings that several resources share, and that one of them has counted. */
  readonly #counted = new Set<Resource>();

  /** Collections whose places nobody could see, and why. */
  readonly #missed = new Map<Resource, unknown>();
  /** Routes that a run asks once and is refused. */
  readonly #refused = new Set<string>();

  constructor(options: Estimating, known: Known & { readonly reads: readonly ResourceRead[] }, signal: AbortSignal) {
    this.#options = options;
    this.#known = known;
    this.#roots = new Roots(known);
    this.#signal = signal;
    this.#shown = new ShownRecords({
      contextOf: (plan) => this.#context(plan),
      skip: (error, resource, place) => this.#skip(error, resource, place),
    });
  }

  get records(): Readonly<Record<string, number>> {
    return this.#roots.counts;
  }

  /** Why nothing can be read at all; undefined: something can. */
  get nothing(): unknown {
    const [first] = this.#missed.values();
    return this.#missed.size === this.#known.reads.length ? first : undefined;
  }

  /** What a run asks: of what it would leave out, once. */
  async estimate(plan: ResourceRead): Promise<Planned> {
    const { resource } = plan;
    const { grantable } = this.#options;
    const found = await this.#listedOrMissed(plan);
    const above = grantable?.refusalAbove(resource);
    if (above !== undefined) {
      this.#skip(above, resource, tenantPlace);
      return { planned: [], basis: 'at least' };
    }
    const refused = grantable?.refusedRoutes(resource) ?? [];
    if (refused.length > 0) return { planned: refused.flatMap((route) => this.#once(route)), basis: 'at least' };
    return grantable?.isDoubted(plan) ? { planned: found.planned.slice(0, 1), basis: 'at least' } : found;
  }

  /** The requests of a collection whose places are read once more, in another way than in the run; of some places none. */
  async again(
    plan: ResourceRead,
    as: Partial<EstimateContext>,
    isMeant: (place: Place) => boolean,
  ): Promise<readonly EstimatedRequests[]> {
    const measure = await this.#measure(plan, as);
    return this.#over(plan, async (place) => (isMeant(place) ? measure(place) : []));
  }

  /** A list of the tenant that cannot be read costs what is below it, and nothing else. */
  async #listedOrMissed(plan: ResourceRead): Promise<Planned> {
    const { resource } = plan;
    try {
      return await this.#estimate(plan);
    } catch (error) {
      if (!mayBeOfOneListing(error)) throw error;
      this.#missed.set(resource, error);
      this.#skip(error, resource, tenantPlace);
      const route = isSluiceError(error) ? error.request?.route : undefined;
      return { planned: route === undefined ? [] : this.#once(route), basis: 'at least' };
    }
  }

  #once(route: string): readonly PlannedRequests[] {
    if (this.#refused.has(route)) return [];
    this.#refused.add(route);
    return [{ ...ONCE, route }];
  }

  async #estimate(plan: ResourceRead): Promise<Planned> {
    const { resource } = plan;
    const planned: PlannedRequests[] = [];
    for (const level of levelsOf([plan])) planned.push(...(await this.#listing(level)));
    if (showingRead(resource)) planned.push(...(await this.#listing(resource)));
    const above = shownLevel(plan.read.per);
    if (above) {
      const measure = await this.#measure(plan);
      const below: Measure = (place) => this.#shown.below(above, measure, place);
      planned.push(
        ...(await (isTop(above) ? below(tenantPlace) : this.#over({ resource, read: showingRead(above)! }, below))),
      );
    }
    if (above || showingRead(resource)) return { planned, basis: await this.#basis(plan, planned) };
    const isShared = this.#known.listings.isShared(resource);
    if (isShared) planned.push(...(await this.#listing(resource)));
    if (!isShared || resource.details) planned.push(...(await this.#over(plan, await this.#measure(plan))));
    return { planned, basis: await this.#basis(plan, planned) };
  }

  async #basis(
    { resource, read }: ResourceRead,
    planned: readonly Partial<EstimatedRequests>[],
  ): Promise<EstimateBasis> {
    if (!read.strategy.isListing || shownLevel(read.per))
      return planned.some(({ isSize }) => isSize) ? 'sampled' : 'at least';
    const { root, deeper } = rootOf(read.per);
    if (root === undefined) return this.#known.listings.isShared(resource) ? 'listed' : 'at least';
    const { roots } = await this.#roots.of(root);
    const isSeen = roots.every(({ place, like }) => place === like);
    const isLookedAt = deeper.length === 0 || this.#sampleOf(roots).length === roots.length;
    return isSeen && isLookedAt ? 'listed' : 'sampled';
  }

  /** @param as - what is other than in the run */
  async #measure(plan: ResourceRead, as: Partial<EstimateContext> = {}): Promise<Measure> {
    const reader = await plan.read.strategy.load();
    const context = { ...this.#context(plan), ...as };
    return async (place) => (isReadBelow(plan.resource, place) ? reader.estimate(context, place) : []);
  }

  #context(plan: Omit<ResourceRead, 'tables'>): EstimateContext {
    const { resource } = plan;
    const { graph, runtime, positions, sinceMs, untilMs, maxPages, maxRecords, cycle, tenantId } = this.#options;
    const { places, reads } = this.#known;
    return {
      ...subjectOf(plan),
      graph,
      signal: this.#signal,
      positions,
      sinceMs,
      untilMs,
      caps: maxPages === undefined && maxRecords === undefined ? undefined : { maxPages, maxRecords },
      cycle,
      tenantId,
      now: () => runtime.now(),
      random: () => runtime.random(),
      records: (place) => places.all(resource, place),
      below: (place) => places.down(pathTo(resource.of).slice(depthOf(place)), place),
      lands: reads.some((one) => one.resource === resource),
      unkept: this.#options.unkept ?? (async () => []),
      shownTo: reads.filter(({ read }) => read.per === resource).map((one) => one.resource.name),
    };
  }

  /** The requests for a listing that others are below, once: whoever needs it first counts it. */
  async #listing(collection: Resource): Promise<readonly PlannedRequests[]> {
    if (this.#counted.has(collection)) return [];
    this.#counted.add(collection);
    const showing = showingRead(collection);
    if (showing) {
      const shown: Measure = async (place) => (await this.#shown.of(collection, place)).requests;
      return isTop(collection) ? shown(tenantPlace) : this.#over({ resource: collection, read: showing }, shown);
    }
    const read = listingRead(collection)!;
    const pages = async (place: Place) => [
      { ...ONCE, route: read.route, ids: place.ids, count: await this.#pagesOf(collection, place) },
    ];
    if (isTop(collection)) {
      await this.#roots.of(collection);
      return this.#known.places.isListed(collection, tenantPlace) ? pages(tenantPlace) : [];
    }
    return this.#over({ resource: collection, read }, pages);
  }

  /** Of a listing that the estimate reads itself, the pages that it has; of another, one. */
  async #pagesOf(collection: Resource, place: Place): Promise<number> {
    if (!isTop(collection) && !collection.shared) return 1;
    return (await this.#known.listings.of(collection, place).whole).pages.length;
  }

  /** What a resource needs of all records of a level. Below the roots it is looked at in a sample, unless that costs no request. */
  async #over(plan: Pick<ResourceRead, 'resource' | 'read'>, measure: Measure): Promise<readonly EstimatedRequests[]> {
    const { resource, read } = plan;
    const { root, deeper } = rootOf(read.per);
    if (root === undefined) return measure(tenantPlace);
    const { roots, refused } = await this.#roots.of(root);
    for (const { place, error } of refused) this.#skip(error, resource, place);
    const below: Measure = async (place) =>
      (await Promise.all((await this.#known.places.down(deeper, place)).map(measure))).flat();
    if (listingRead(resource) !== undefined) {
      const sample = deeper.length === 0 ? seenOf(roots) : this.#sampleOf(roots);
      return this.#extrapolate(plan, { roots, sample }, below);
    }
    // What was read before and what was not cost differently.
    const before = topsRead(this.#options.positions);
    const isRead = ({ like }: Root) => before.has(like.item.id);
    const planned: EstimatedRequests[] = [];
    for (const group of [roots.filter((one) => !isRead(one)), roots.filter(isRead)])
      planned.push(...(await this.#extrapolate(plan, { roots: group, sample: this.#sampleOf(group) }, below)));
    return planned;
  }

  /** What the sampled records need. Each of the others stands for one of them, in turn. */
  async #extrapolate(
    { resource, read }: Pick<ResourceRead, 'resource' | 'read'>,
    { roots, sample }: { readonly roots: readonly Root[]; readonly sample: readonly Place[] },
    measure: Measure,
  ): Promise<EstimatedRequests[]> {
    const measured = new Map<Place, readonly EstimatedRequests[]>();
    const refused: EstimatedRequests[] = [];
    await Promise.all(
      sample.map(async (place) => {
        try {
          measured.set(place, await measure(place));
        } catch (error) {
          this.#skip(error, resource, place);
          // A run asks all the same, once.
          if (isAsked(error, read) && parametersOf(read.route).every((name) => name in place.ids))
            refused.push({ ...ONCE, route: read.route, ids: place.ids });
        }
      }),
    );
    const models = [...measured.values()];
    const others = roots.filter(({ place }) => !sample.includes(place));
    return [
      ...models.flat(),
      ...refused,
      ...others.flatMap(({ place, like }, index) => {
        const model = measured.get(like) ?? models[index % Math.max(1, models.length)];
        return model ? asOf(place, model) : [];
      }),
    ];
  }

  /** Some records from all over; all of them when some of those below were asked for: nobody knows whose they are. */
  #sampleOf(roots: readonly Root[]): readonly Place[] {
    const seen = seenOf(roots);
    const [first] = seen;
    if (first === undefined) return [];
    const asksBelow = [...this.#known.asked.keys()].some((name) => !(name in first.ids));
    return asksBelow ? seen : spread(seen, isOfSeveral(first) ? SAMPLE_OF_SHARED : SAMPLE);
  }

  #skip(error: unknown, { name }: Resource, place: Place): void {
    const skipped = skippedPartition(error, name, listingName(place), this.#signal);
    if (isUnlicensed(error)) this.absent.push(skipped);
    else if (!this.#options.grantable?.keep(error, skipped)) this.skipped.push(skipped);
  }
}

/** True for a collection of the tenant itself. */
const isTop = (collection: Resource): boolean => pathTo(collection).length === 1;

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

/** True when a run asks for a place all the same: not where nothing is, once that was said. */
const isAsked = (error: unknown, { route }: Read): boolean =>
  !isUnlicensed(error) || (isSluiceError(error) && error.request?.route === route);
