import { type Level, type Resource, showingRead } from '../resources/types.ts';
import type { EstimateContext, EstimatedRequests, Place, ShownEstimate } from '../strategies/strategy.ts';
import type { ResourceRead } from './plan.ts';
import { placeBelow, tenantPlace } from './tree.ts';

interface ShownOptions {
  readonly contextOf: (plan: Omit<ResourceRead, 'tables'>) => EstimateContext;
  /** Names a collection that could not be looked at. */
  readonly skip: (error: unknown, resource: Resource, place: Place) => void;
}

/** A level whose records are shown as they are read. */
export const shownLevel = (level: Level): Resource | undefined =>
  level.of !== undefined && showingRead(level) ? level : undefined;

/** What an estimate knows of records that a run will show: each collection is looked at once. */
export class ShownRecords {
  readonly #options: ShownOptions;
  readonly #known = new Map<Resource, Promise<ShownEstimate>>();

  constructor(options: ShownOptions) {
    this.#options = options;
  }

  of(resource: Resource): Promise<ShownEstimate> {
    const known = this.#known.get(resource) ?? this.#look(resource);
    this.#known.set(resource, known);
    return known;
  }

  async #look(resource: Resource): Promise<ShownEstimate> {
    const read = showingRead(resource)!;
    const reader = await read.strategy.load();
    try {
      return await reader.shown!(this.#options.contextOf({ resource, read, fallbacks: [] }), tenantPlace);
    } catch (error) {
      this.#options.skip(error, resource, tenantPlace);
      // A run asks all the same, once.
      const { route } = read;
      return { requests: [{ method: 'GET', route, count: 1, isSize: false }], items: [], count: 0 };
    }
  }

  /** What is read below records that are shown: those that were looked at stand for all. */
  async below(
    above: Resource,
    measure: (place: Place) => Promise<readonly EstimatedRequests[]>,
  ): Promise<readonly EstimatedRequests[]> {
    const { items, count } = await this.of(above);
    const planned = (await Promise.all(items.map((item) => measure(placeBelow(tenantPlace, above, item))))).flat();
    const [model] = planned;
    if (model === undefined) return [];
    const asked = Math.round((planned.length * count) / items.length);
    return Array.from({ length: asked }, (_, at) => planned[at] ?? { ...model, ids: { [above.gives!]: `${at}` } });
  }
}
