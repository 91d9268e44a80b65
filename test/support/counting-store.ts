import type { ObjectStore } from '../../src/lake/stores/object-store.ts';

/** What may cost a request of its own at a store that is not of this machine. */
type Counted = 'get' | 'readRange' | 'size' | 'list' | 'localPath';

/** A store that counts what is asked of it; as one elsewhere, unless told. */
export interface CountingStore extends ObjectStore {
  /** How often each was called since {@link forget}. */
  readonly calls: Readonly<Record<Counted, number>>;
  /** The objects that were located since then, each once, in order. */
  readonly located: readonly string[];
  forget(): void;
}

export function countingStore(inner: ObjectStore, { isLocal = false } = {}): CountingStore {
  const none = (): Record<Counted, number> => ({ get: 0, readRange: 0, size: 0, list: 0, localPath: 0 });
  let calls = none();
  const located = new Set<string>();
  return {
    ...inner,
    isLocal,
    get calls() {
      return calls;
    },
    get located() {
      return [...located].sort();
    },
    forget() {
      calls = none();
      located.clear();
    },
    get(key, signal) {
      calls.get += 1;
      return inner.get(key, signal);
    },
    readRange(key, start, end, signal) {
      calls.readRange += 1;
      return inner.readRange(key, start, end, signal);
    },
    size(key, signal) {
      calls.size += 1;
      return inner.size(key, signal);
    },
    list(prefix, options, signal) {
      calls.list += 1;
      return inner.list(prefix, options, signal);
    },
    localPath(key, signal) {
      calls.localPath += 1;
      located.add(key);
      return inner.localPath(key, signal);
    },
  };
}
