/** Where small collections stand. */
export type PlaceKind = 'team' | 'channel' | 'chat' | 'user';

/** Ids have no blanks: see `line-schema.ts`. */
const key = (kind: PlaceKind, id: string): string => `${kind} ${id}`;

/**
 * Small records that stand in places: apps of a team, tabs of a channel. What stands in a place that is gone is seen by
 * nobody, and is there again when the place comes back.
 */
export class PlaceStore<T extends { readonly id: string }> {
  readonly #places = new Map<string, Map<string, T>>();
  readonly #changed: () => void;

  /** @param changed - is called with every change */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  of(kind: PlaceKind, id: string): readonly T[] {
    return [...(this.#places.get(key(kind, id))?.values() ?? [])];
  }

  /** Adds a record, or puts it in the place of the one with its id. */
  put(kind: PlaceKind, id: string, record: T): void {
    const place = this.#places.get(key(kind, id)) ?? new Map<string, T>();
    this.#places.set(key(kind, id), place.set(record.id, record));
    this.#changed();
  }

  remove(kind: PlaceKind, id: string, recordId: string): void {
    this.#places.get(key(kind, id))?.delete(recordId);
    this.#changed();
  }
}
