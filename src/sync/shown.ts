import { type Level, type Resource, showingRead } from '../resources/types.ts';
import { listingName } from '../strategies/context.ts';
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
  readonly #known = new Map<string, Promise<ShownEstimate>>();

  constructor(options: ShownOptions) {
    this.#options = options;
  }

  of(resource: Resource, place = tenantPlace): Promise<ShownEstimate> {
    const key = `${resource.name}/${listingName(place)}`;
    const known = this.#known.get(key) ?? this.#look(resource, place);
    this.#known.set(key, known);
    return known;
  }

  async #look(resource: Resource, place: Place): Promise<ShownEstimate> {
    const read = showingRead(resource)!;
    const reader = await read.strategy.load();
    try {
      return await reader.shown!(this.#options.contextOf({ resource, read, fallbacks: [] }), place);
    } catch (error) {
      this.#options.skip(error, resource, place);
      // A run asks all the same, once.
      const { route } = read;
      return { requests: [{ method: 'GET', route, ids: place.ids, count: 1, isSize: false }], items: [], count: 0 };
    }
  }

  /** What is read below records that are shown: those that were looked at stand for all. */
  async below(
    above: Resource,
    measure: (place: Place) => Promise<readonly EstimatedRequests[]>,
    at = tenantPlace,
  ): Promise<readonly EstimatedRequests[]> {
    const { items, count } = await this.of(above, at);
    const planned = (await Promise.all(items.map((item) => measure(placeBelow(at, above, item))))).flat();
    const [model] = planned;
    if (model === undefined) return [];
    const asked = Math.round((planned.length * count) / items.length);
    return Array.from(
      { length: asked },
      (_, number) => planned[number] ?? { ...model, ids: { ...at.ids, [above.gives!]: `${number}` } },
    );
  }
}
