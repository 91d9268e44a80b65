import type { Notification } from '../../messages/types.ts';
import { eachValue, type LookupKey } from './lookup-key.ts';

/** Finds what asks for a value that a notification has: never fewer than what holds for it. */
export class ValueIndex<Entry> {
  readonly #always = new Set<Entry>();
  readonly #places = new Map<string, PlaceIndex<Entry>>();

  /** @param keys - the entry is found by each of them; without any it is found always */
  add(keys: readonly LookupKey[] | undefined, entry: Entry): void {
    if (keys === undefined) this.#always.add(entry);
    for (const key of keys ?? []) {
      if (!this.#places.has(key.place)) this.#places.set(key.place, new PlaceIndex());
      this.#places.get(key.place)!.add(key, entry);
    }
  }

  /** @param keys - those with which it was added */
  remove(keys: readonly LookupKey[] | undefined, entry: Entry): void {
    if (keys === undefined) this.#always.delete(entry);
    for (const key of keys ?? []) this.#places.get(key.place)?.remove(key, entry);
  }

  /** In no order that means anything; each entry once. */
  candidates(notification: Notification): readonly Entry[] {
    const found = [...this.#always];
    eachValue(notification, (place, value) => this.#places.get(place)?.collect(value, found));
    return found.length < 2 ? found : [...new Set(found)];
  }
}

type Bucket<Entry> = Map<string, Set<Entry>>;

/** What asks for a value of one label or field: the whole value, or its beginning of one length. */
class PlaceIndex<Entry> {
  readonly #whole: Bucket<Entry> = new Map();
  readonly #beginnings = new Map<number, Bucket<Entry>>();

  add(key: LookupKey, entry: Entry): void {
    if (!key.whole && !this.#beginnings.has(key.text.length)) this.#beginnings.set(key.text.length, new Map());
    const bucket = this.#bucketOf(key)!;
    if (bucket.has(key.text)) bucket.get(key.text)!.add(entry);
    else bucket.set(key.text, new Set([entry]));
  }

  remove(key: LookupKey, entry: Entry): void {
    const bucket = this.#bucketOf(key);
    const entries = bucket?.get(key.text);
    entries?.delete(entry);
    if (entries?.size === 0) bucket?.delete(key.text);
    if (!key.whole && bucket?.size === 0) this.#beginnings.delete(key.text.length);
  }

  collect(value: string, into: Entry[]): void {
    append(into, this.#whole.get(value));
    for (const [length, bucket] of this.#beginnings) {
      if (length <= value.length) append(into, bucket.get(value.slice(0, length)));
    }
  }

  #bucketOf({ text, whole }: LookupKey): Bucket<Entry> | undefined {
    return whole ? this.#whole : this.#beginnings.get(text.length);
  }
}

function append<Entry>(into: Entry[], entries: ReadonlySet<Entry> | undefined): void {
  if (entries === undefined) return;
  for (const entry of entries) into.push(entry);
}
