/** Records of one kind in the order they came, found by id. What was taken out can come back. */
export class RecordStore<T> {
  readonly #idOf: (item: T) => string;
  readonly #items = new Map<string, T>();
  readonly #gone = new Map<string, T>();
  #list: readonly T[] | undefined;

  constructor(idOf: (item: T) => string) {
    this.#idOf = idOf;
  }

  all(): readonly T[] {
    this.#list ??= [...this.#items.values()];
    return this.#list;
  }

  get(id: string): T | undefined {
    return this.#items.get(id);
  }

  gone(): readonly T[] {
    return [...this.#gone.values()];
  }

  add(item: T): void {
    this.#items.set(this.#idOf(item), item);
    this.#list = undefined;
  }

  /** @throws RangeError when there is no such record */
  take(id: string): T {
    const item = this.#items.get(id);
    if (item === undefined) throw new RangeError(`No record ${id}.`);
    this.#items.delete(id);
    this.#gone.set(id, item);
    this.#list = undefined;
    return item;
  }

  /** Undefined when no such record was taken out. */
  bringBack(id: string): T | undefined {
    const item = this.#gone.get(id);
    if (item === undefined) return undefined;
    this.#gone.delete(id);
    this.add(item);
    return item;
  }
}
