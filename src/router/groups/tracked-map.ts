/** What became of one entry since the last settled change; `undefined`: it is gone. */
export interface Change<V> {
  readonly key: string;
  readonly value: V | undefined;
}

/**
 * A map that knows what has changed since it was last stored, so that only that is written; and that can be put back as
 * it was when the write failed. Values are never changed in place.
 */
export class TrackedMap<V> {
  readonly #entries: Map<string, V>;
  /** What the changed entries were before. */
  readonly #before = new Map<string, V | undefined>();

  constructor(entries: Iterable<readonly [string, V]> = []) {
    this.#entries = new Map(entries);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  values(): IterableIterator<V> {
    return this.#entries.values();
  }

  set(key: string, value: V): void {
    if (!this.#before.has(key)) this.#before.set(key, this.#entries.get(key));
    this.#entries.set(key, value);
  }

  delete(key: string): void {
    if (!this.#entries.has(key)) return;
    if (!this.#before.has(key)) this.#before.set(key, this.#entries.get(key));
    this.#entries.delete(key);
  }

  /** Entries that are not as they were stored. */
  changes(): Change<V>[] {
    return [...this.#before]
      .map(([key, before]) => ({ key, before, value: this.#entries.get(key) }))
      .filter(({ before, value }) => before !== value);
  }

  /** The changes are stored. */
  commit(): void {
    this.#before.clear();
  }

  /** The changes could not be stored: they were never made. */
  rollback(): void {
    for (const [key, before] of this.#before) {
      if (before === undefined) this.#entries.delete(key);
      else this.#entries.set(key, before);
    }
    this.#before.clear();
  }
}
