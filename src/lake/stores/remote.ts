import { type FileHandle, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { systemRuntime } from '../../runtime/runtime.ts';
import { writeError } from '../engine/write-error.ts';
import { storeErrors } from '../store-errors.ts';
import { type AttemptOptions, attempts, type Outcome } from './attempts.ts';
import { localCopies } from './copies.ts';
import { isKey, isShownFile } from './key.ts';
import type { ObjectStore } from './object-store.ts';
import { PRIVATE_FILE } from './private-files.ts';
import type { ObjectClient, ObjectFacts, ObjectPart } from './remote-client.ts';
import type { OpenStoreOptions } from './store-kind.ts';
import { BLOCK_BYTES, BLOCKS_AT_ONCE, range, severalAtOnce, upload } from './uploads.ts';

const COPIES_AT_ONCE = 8;
/** An object that was replaced while it was read is begun anew so often. */
const READS = 4;
/** Keys that were written of late: that one of them is not there is asked again. */
const MOST_WRITTEN = 4_096;
const NOT_THERE_YET = { found: 'absent', times: 3 } as const;

/**
 * A store of a service elsewhere. Whatever a request is, it is repeated until it is answered, and its answer has one
 * meaning; bytes go through memory in blocks; what DuckDB reads is copied into a private folder of bounded size.
 *
 * @throws SluiceError `store_denied`, `store_container_missing`, `store_unavailable`, `store_refused`, `lake_key_invalid`,
 * `lake_object_missing`, `store_unconditional`
 */
export function remoteStore(client: ObjectClient, options: OpenStoreOptions = {}): ObjectStore {
  const { scratchDir = tmpdir(), copiesBytes: maxBytes, onFetch, runtime = systemRuntime } = options;
  const lake = client.description;
  const attempt = attempts(client, runtime);
  const written = recentKeys();
  let isProven = client.isConditional;

  const nameOf = (key: string): string => {
    if (!isKey(key)) throw storeErrors.lake_key_invalid({ lake });
    return `${client.prefix}${key}`;
  };
  const reading = (name: string): AttemptOptions =>
    written.has(name) ? { what: 'to read', doubts: NOT_THERE_YET } : { what: 'to read' };

  const facts = async (name: string, signal?: AbortSignal): Promise<ObjectFacts | undefined> =>
    answered(await attempt(reading(name), (inner) => client.facts(name, inner), signal));

  const part = (
    name: string,
    range: { readonly start: number; readonly end: number; readonly etag?: string | undefined },
    signal?: AbortSignal,
  ): Promise<Outcome<ObjectPart>> => attempt(reading(name), (inner) => client.read(name, range, inner), signal);

  /** The whole object, block after block, of one state of it. Undefined: it is not there. */
  async function whole(
    name: string,
    take: (bytes: Uint8Array, at: number) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<{ readonly size: number; readonly etag: string } | undefined> {
    for (let tries = 1; ; tries += 1) {
      const first = await part(name, { start: 0, end: BLOCK_BYTES }, signal);
      if ('found' in first) {
        if (first.found !== 'beyond') return undefined;
        const found = await facts(name, signal);
        if (!found) return undefined;
        if (found.size === 0) return found;
        continue;
      }
      const { bytes, size, etag } = first.value;
      await take(bytes, 0);
      const starts = range(bytes.length, size, BLOCK_BYTES);
      let isSame = true;
      const takeNext = async (start: number, inner: AbortSignal) => {
        const next = await part(name, { start, end: Math.min(size, start + BLOCK_BYTES), etag }, inner);
        if ('found' in next) isSame = false;
        else await take(next.value.bytes, start);
      };
      await severalAtOnce(starts, BLOCKS_AT_ONCE, takeNext, signal);
      if (isSame) return { size, etag };
      if (tries === READS)
        throw storeErrors.store_unavailable({ lake, attempts: tries, reason: 'it changes while it is read' });
    }
  }

  const put = async (name: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> => {
    const writing = (inner: AbortSignal) =>
      client.write(name, bytes, { writeId: runtime.id(), ifAbsent: false }, inner);
    const outcome = await attempt({ what: 'to write' }, writing, signal);
    if ('found' in outcome) throw storeErrors.store_refused({ lake, reason: outcome.found });
  };

  async function create(name: string, bytes: Uint8Array, signal?: AbortSignal): Promise<boolean> {
    const writeId = runtime.id();
    const writing = (inner: AbortSignal) => client.write(name, bytes, { writeId, ifAbsent: true }, inner);
    const outcome = await attempt({ what: 'to write' }, writing, signal);
    if ('value' in outcome) return true;
    // Somebody else made it, or an attempt of ours whose answer was lost.
    return outcome.isRepeated && (await facts(name, signal))?.writeId === writeId;
  }

  const copies = localCopies({ scratchDir, maxBytes, fetch: fetchCopy });

  async function fetchCopy(key: string, path: string): Promise<number | undefined> {
    let file: FileHandle | undefined;
    try {
      const found = await whole(nameOf(key), async (bytes, at) => {
        file ??= await open(path, 'wx', PRIVATE_FILE);
        await file.write(bytes, 0, bytes.length, at);
      });
      if (!found) return undefined;
      file ??= await open(path, 'wx', PRIVATE_FILE);
      await file.truncate(found.size);
      onFetch?.(key);
      return found.size;
    } catch (error) {
      await rm(path, { force: true });
      throw writeError(error, path);
    } finally {
      await file?.close();
    }
  }

  /** What is at the key is another object from here on. */
  async function changed(key: string): Promise<void> {
    written.add(nameOf(key));
    await copies.forget(key);
  }

  async function* listed(prefix: string, startAfter: string | undefined, signal?: AbortSignal) {
    const after = startAfter === undefined ? undefined : `${client.prefix}${startAfter}`;
    for (let from: string | undefined; ; ) {
      const page: Awaited<ReturnType<ObjectClient['list']>> = await listPage(
        prefix,
        { startAfter: after, isFlat: true, from },
        signal,
      );
      for (const found of page.objects) {
        const key = found.key.slice(client.prefix.length);
        // What others laid there under names that are no keys is not of the lake.
        if (isKey(key) && (startAfter === undefined || key > startAfter)) yield { ...found, key };
      }
      if (page.next === undefined) return;
      from = page.next;
    }
  }

  async function listPage(prefix: string, listOptions: Parameters<ObjectClient['list']>[1], signal?: AbortSignal) {
    const outcome = await attempt(
      { what: 'to list' },
      (inner) => client.list(`${client.prefix}${prefix}`, listOptions, inner),
      signal,
    );
    if ('value' in outcome) return outcome.value;
    throw storeErrors.store_refused({ lake, reason: outcome.found });
  }

  async function copy(from: string, to: string, signal?: AbortSignal): Promise<void> {
    const [source, target] = [nameOf(from), nameOf(to)];
    const outcome = await attempt(
      { ...reading(source), what: 'to write' },
      (inner) => client.copy(source, target, inner),
      signal,
    );
    if ('found' in outcome) throw storeErrors.lake_object_missing({ key: from, lake });
    await changed(to);
  }

  async function remove(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    const names = keys.map(nameOf);
    for (const key of keys) {
      written.delete(nameOf(key));
      await copies.forget(key);
    }
    const groups = range(0, names.length, client.deletesAtOnce).map((at) => names.slice(at, at + client.deletesAtOnce));
    for (const group of groups) await attempt({ what: 'to delete' }, (inner) => client.delete(group, inner), signal);
  }

  return {
    description: lake,
    isLocal: false,
    async get(key, signal) {
      const parts = new Map<number, Uint8Array>();
      const found = await whole(nameOf(key), async (bytes, at) => void parts.set(at, bytes), signal);
      if (!found) return undefined;
      const ordered = [...parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
      return { bytes: Buffer.concat(ordered, found.size), etag: found.etag };
    },
    async readRange(key, start, end, signal) {
      const name = nameOf(key);
      const pieces: Uint8Array[] = [];
      for (let at = start; at < end; at += BLOCK_BYTES) {
        const piece = await part(name, { start: at, end: Math.min(end, at + BLOCK_BYTES) }, signal);
        if ('found' in piece && piece.found === 'absent') return undefined;
        if ('found' in piece) break;
        pieces.push(piece.value.bytes);
        if (at + BLOCK_BYTES >= piece.value.size) break;
      }
      if (pieces.length === 0 && end <= start && !(await facts(name, signal))) return undefined;
      return Buffer.concat(pieces);
    },
    size: async (key, signal) => (await facts(nameOf(key), signal))?.size,
    async put(key, bytes, signal) {
      await put(nameOf(key), Uint8Array.from(bytes), signal);
      await changed(key);
    },
    async putIfAbsent(key, bytes, signal) {
      const name = nameOf(key);
      const mine = Uint8Array.from(bytes);
      if (!(await create(name, mine, signal))) return false;
      written.add(name);
      // The same bytes: where they are written again, nothing is lost, and the service is known for what it is.
      if (!isProven && (await create(name, mine, signal))) throw storeErrors.store_unconditional({ lake });
      isProven = true;
      return true;
    },
    async putFile(key, localPath, signal) {
      await upload(nameOf(key), localPath, { client, attempt, id: runtime.id, put, facts }, signal);
      await changed(key);
      await rm(localPath);
    },
    copy,
    async show(folder, keys, signal) {
      const wanted = new Map(keys.map((key) => [`${folder}/${basename(key)}`, key]));
      for (const key of [folder, ...keys]) nameOf(key);
      const present = new Set<string>();
      for await (const { key } of listed(`${folder}/`, undefined, signal)) present.add(key);
      const missing = [...wanted].filter(([to]) => !present.has(to));
      await severalAtOnce(missing, COPIES_AT_ONCE, ([to, from], inner) => copy(from, to, inner), signal);
      await remove(
        [...present].filter((key) => isShownFile(key) && !wanted.has(key)),
        signal,
      );
    },
    list: (prefix, { startAfter } = {}, signal) => listed(prefix, startAfter, signal),
    async folders(inside, signal) {
      const prefix = inside === undefined ? '' : `${inside}/`;
      if (inside !== undefined) nameOf(inside);
      const names: string[] = [];
      for (let from: string | undefined; ; ) {
        const page: Awaited<ReturnType<ObjectClient['list']>> = await listPage(prefix, { isFlat: false, from }, signal);
        names.push(...page.prefixes.map((found) => found.slice(`${client.prefix}${prefix}`.length, -1)));
        if (page.next === undefined) return names.filter(isKey).sort();
        from = page.next;
      }
    },
    delete: remove,
    localPath: async (key) => {
      nameOf(key);
      return copies.path(key);
    },
    letGo: async (keys) => copies.letGo(keys),
  };
}

const answered = <T>(outcome: Outcome<T>): T | undefined => ('value' in outcome ? outcome.value : undefined);

/** Of many keys the last ones. */
function recentKeys() {
  const keys = new Set<string>();
  return {
    has: (key: string) => keys.has(key),
    delete: (key: string) => keys.delete(key),
    add(key: string) {
      keys.delete(key);
      keys.add(key);
      const [oldest] = keys;
      if (keys.size > MOST_WRITTEN && oldest !== undefined) keys.delete(oldest);
    },
  };
}
