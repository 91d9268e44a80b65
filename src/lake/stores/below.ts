import type { ObjectStore } from './object-store.ts';

/** What lies in a folder of a store, as a store of its own. @param folder - without a slash at its end */
export function storeBelow(store: ObjectStore, folder: string): ObjectStore {
  const key = (name: string) => `${folder}/${name}`;
  return {
    description: `${store.description}/${folder}`,
    isLocal: store.isLocal,
    get: (name, signal) => store.get(key(name), signal),
    readRange: (name, start, end, signal) => store.readRange(key(name), start, end, signal),
    size: (name, signal) => store.size(key(name), signal),
    put: (name, bytes, signal) => store.put(key(name), bytes, signal),
    putIfAbsent: (name, bytes, signal) => store.putIfAbsent(key(name), bytes, signal),
    putFile: (name, localPath, signal) => store.putFile(key(name), localPath, signal),
    copy: (from, to, signal) => store.copy(key(from), key(to), signal),
    show: (shown, names, signal) => store.show(key(shown), names.map(key), signal),
    async *list(prefix, { startAfter } = {}, signal) {
      const after = startAfter === undefined ? {} : { startAfter: key(startAfter) };
      for await (const found of store.list(key(prefix), after, signal)) {
        yield { ...found, key: found.key.slice(folder.length + 1) };
      }
    },
    folders: (inside, signal) => store.folders(inside === undefined ? folder : key(inside), signal),
    delete: (names, signal) => store.delete(names.map(key), signal),
    localPath: (name, signal) => store.localPath(key(name), signal),
    letGo: (names) => store.letGo(names.map(key)),
  };
}
