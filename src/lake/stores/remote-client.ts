/** A part of an object, and what is known of the whole. */
export interface ObjectPart {
  readonly bytes: Uint8Array;
  /** Of the whole object. */
  readonly size: number;
  readonly etag: string;
}

export interface ObjectFacts {
  readonly size: number;
  readonly etag: string;
  /** {@link WriteOptions.writeId} of whoever wrote it, where it is one of ours. */
  readonly writeId?: string | undefined;
}

export interface WriteOptions {
  /** Stored with the object: tells a write of ours whose answer was lost from that of somebody else. */
  readonly writeId: string;
  /** Fails when something is there. */
  readonly ifAbsent: boolean;
}

/** An object that is written block after block, and is there when it is committed, whole. */
export interface BlockUpload {
  /** May be done again. @param at - counted from 0 */
  put(at: number, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  commit(signal?: AbortSignal): Promise<void>;
  /** Nothing of it stays. */
  abort(): Promise<void>;
}

export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly modifiedAtMs: number;
}

export interface ListedPage {
  readonly objects: readonly ListedObject[];
  /** With a delimiter: what stands before it, up to and with it. */
  readonly prefixes: readonly string[];
  /** Where the next page begins. Undefined: there is none. */
  readonly next: string | undefined;
}

export interface ListOptions {
  readonly startAfter?: string | undefined;
  readonly isFlat: boolean;
  /** {@link ListedPage.next} of the page before. */
  readonly from?: string | undefined;
}

/** Why a request failed, as far as it matters. */
export type Meaning =
  /** No such object. */
  | 'absent'
  /** Something is there already. */
  | 'exists'
  /** It is another object than the one that was asked for. */
  | 'changed'
  /** The range begins at or behind the end. */
  | 'beyond'
  /** It may go well the next time: throttled, busy, no answer. */
  | 'again'
  | 'denied'
  | 'container_missing'
  | 'refused';

export interface Failure {
  readonly meaning: Meaning;
  /** The service's own word for it. Nothing of the request is in it. */
  readonly reason: string;
  /** How long the service asks to wait. */
  readonly waitMs?: number | undefined;
}

/**
 * What a service of objects elsewhere does, a request each: no retries, no meaning given to its answers. Keys are whole
 * names in the container. What it throws is judged by {@link ObjectClient.failureOf}, and never passed on: it may hold
 * signed URLs and keys.
 */
export interface ObjectClient {
  /** `az://account/container/prefix`. */
  readonly description: string;
  /** What stands before every key, with a slash at its end; or nothing. */
  readonly prefix: string;
  /** Keys of one request of {@link ObjectClient.delete}. */
  readonly deletesAtOnce: number;
  /** It is known to honour conditions; others are tried once. */
  readonly isConditional: boolean;
  facts(key: string, signal?: AbortSignal): Promise<ObjectFacts>;
  /** Bytes from `start`, up to and without `end`. */
  read(
    key: string,
    range: { readonly start: number; readonly end: number; readonly etag?: string | undefined },
    signal?: AbortSignal,
  ): Promise<ObjectPart>;
  write(key: string, bytes: Uint8Array, options: WriteOptions, signal?: AbortSignal): Promise<void>;
  blocks(key: string, options: Pick<WriteOptions, 'writeId'>, signal?: AbortSignal): Promise<BlockUpload>;
  copy(from: string, to: string, signal?: AbortSignal): Promise<void>;
  list(prefix: string, options: ListOptions, signal?: AbortSignal): Promise<ListedPage>;
  /** What is not there is deleted already. */
  delete(keys: readonly string[], signal?: AbortSignal): Promise<void>;
  failureOf(error: unknown): Failure;
}
