/**
 * The small interface all lakes stand on: a local folder, Azure Blob, S3. Keys use `/` and never start with it.
 * Conditional writes are what commits rest on; a store that cannot give them is not usable.
 */
export interface ObjectStore {
  /** For messages: `./lake`, `az://container/prefix`. */
  readonly description: string;
  get(key: string, signal?: AbortSignal): Promise<{ bytes: Uint8Array; etag: string } | undefined>;
  /** Writes (replaces). Durable when it resolves. */
  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Writes only if the key does not exist. False: it does. */
  putIfAbsent(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<boolean>;
  /** Writes only if the object still has this etag. False: it changed or is gone. */
  putIfMatch(key: string, bytes: Uint8Array, etag: string, signal?: AbortSignal): Promise<boolean>;
  /** Moves a finished local file into the store under `key` (replaces). Durable when it resolves. */
  putFile(key: string, localPath: string, signal?: AbortSignal): Promise<void>;
  /** Keys with the prefix, in order, after `startAfter`. */
  list(
    prefix: string,
    options?: { startAfter?: string },
    signal?: AbortSignal,
  ): AsyncIterable<{ key: string; size: number; modifiedAtMs: number }>;
  delete(keys: readonly string[], signal?: AbortSignal): Promise<void>;
  /** A path DuckDB can read: the file itself, or a local copy. */
  localPath(key: string, signal?: AbortSignal): Promise<string>;
}
