/**
 * The small interface all lakes stand on: a local folder, memory, whatever `stores/` opens. Keys use `/`, never start with it, and have no
 * part `.` or `..`. Conditional creation is what commits and leases rest on; a store that cannot give it is not usable.
 */
export interface ObjectStore {
  /** For messages: `./lake`, `memory:`. */
  readonly description: string;
  /** Its objects are files of this machine: a local path of one costs nothing. */
  readonly isLocal: boolean;
  get(key: string, signal?: AbortSignal): Promise<{ bytes: Uint8Array; etag: string } | undefined>;
  /**
   * Bytes from `start` up to, and without, `end`, as `subarray` counts: what lies beyond the object is left out. Undefined
   * when it is not there.
   */
  readRange(key: string, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** Bytes of the object; undefined when it is not there. */
  size(key: string, signal?: AbortSignal): Promise<number | undefined>;
  /** Writes (replaces). Durable when it resolves. */
  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Writes only if the key does not exist, whole or not at all. False: it does. */
  putIfAbsent(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<boolean>;
  /** Moves a finished local file into the store under `key` (replaces). Durable when it resolves. */
  putFile(key: string, localPath: string, signal?: AbortSignal): Promise<void>;
  /** Gives an object a second name; neither is changed after. No bytes are moved where the store can do without. */
  copy(from: string, to: string, signal?: AbortSignal): Promise<void>;
  /**
   * Makes the folder (`current/teams`) show exactly these objects under the last part of their keys: those that read the
   * folder see all of them at once where the store can do that. Files of other kinds in it (`isShownFile`) stay.
   */
  show(folder: string, keys: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Keys with the prefix, in order, after `startAfter`. */
  list(
    prefix: string,
    options?: { startAfter?: string },
    signal?: AbortSignal,
  ): AsyncIterable<{ key: string; size: number; modifiedAtMs: number }>;
  /** Names of the folders directly inside of a folder (default: of the store): first parts of keys with more behind them. */
  folders(folder?: string, signal?: AbortSignal): Promise<readonly string[]>;
  delete(keys: readonly string[], signal?: AbortSignal): Promise<void>;
  /**
   * A path DuckDB can read: the file itself, or a local copy, which may cost a download. It is asked for what is read, and
   * nothing else: files are chosen first. Of an object that is not there, a path where nothing is. What is there stays
   * until {@link letGo}, once for each time that it was asked for.
   */
  localPath(key: string, signal?: AbortSignal): Promise<string>;
  /** Their local paths are not read any more. A store that made copies may remove them when it has no room for them. */
  letGo(keys: readonly string[]): Promise<void>;
}
