/**
 * An array kept in the order of a changing key. Changes only mark it; the next reader pays for one sort, which is
 * linear on the nearly sorted array that a few changes leave.
 */
export class SortedIndex<T> {
  readonly #compare: (a: T, b: T) => number;
  #items: T[] = [];
  #sorted = true;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get items(): readonly T[] {
    if (!this.#sorted) {
      this.#items.sort(this.#compare);
      this.#sorted = true;
    }
    return this.#items;
  }

  add(item: T): void {
    const last = this.#items.at(-1);
    if (last !== undefined && this.#compare(last, item) > 0) this.#sorted = false;
    this.#items.push(item);
  }

  /** Says that the key of some item has changed. */
  touch(): void {
    this.#sorted = false;
  }

  keep(wanted: (item: T) => boolean): void {
    this.#items = this.#items.filter(wanted);
  }
}

/** Index of the first item for which `isAfter` holds, in an array where it holds for all that follow. */
export function firstIndex<T>(items: readonly T[], isAfter: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAfter(items[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Position in `Tenant.teamMessages` of the first message created after `sequence`. */
export function firstAfter(messages: readonly { readonly sequence: number }[], sequence: number): number {
  return firstIndex(messages, (message) => message.sequence > sequence);
}
