import { open } from 'node:fs/promises';
import { forEachLimited } from '../../runtime/concurrency.ts';
import { readError } from '../engine/read-error.ts';
import { storeErrors } from '../store-errors.ts';
import type { Attempt } from './attempts.ts';
import type { BlockUpload, ObjectClient, ObjectFacts } from './remote-client.ts';

/** Objects are written and read in blocks of this size: this much memory and no more, a few at a time. */
export const BLOCK_BYTES = 8 * 1024 * 1024;
export const BLOCKS_AT_ONCE = 3;

/** Runs `work` for every item, some at a time; the first error ends it. */
export const severalAtOnce = <T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> => forEachLimited(items, limit, signal ?? new AbortController().signal, work);

/** `from`, and on by `step`, below `to`. */
export const range = (from: number, to: number, step: number): readonly number[] =>
  Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, at) => from + at * step);

export interface UploadMeans {
  readonly client: ObjectClient;
  readonly attempt: Attempt;
  /** Names what is written, in the world. */
  readonly id: () => string;
  put(name: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  facts(name: string, signal?: AbortSignal): Promise<ObjectFacts | undefined>;
}

/** A file becomes an object: it is there whole, or not at all. A block that does not arrive is sent again, alone. */
export async function upload(name: string, path: string, means: UploadMeans, signal?: AbortSignal): Promise<void> {
  await using file = await open(path).catch((error: unknown) => {
    throw readError(error, path);
  });
  const { size } = await file.stat();
  const read = async (start: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(Math.min(BLOCK_BYTES, size - start));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    return bytes.subarray(0, bytesRead);
  };
  if (size <= BLOCK_BYTES) await means.put(name, await read(0), signal);
  else await inBlocks(name, { size, read }, means, signal);
}

interface Source {
  readonly size: number;
  readonly read: (start: number) => Promise<Uint8Array>;
}

async function inBlocks(
  name: string,
  { size, read }: Source,
  { client, attempt, id, facts }: UploadMeans,
  signal?: AbortSignal,
): Promise<void> {
  const writeId = id();
  const refused = (reason: string) => storeErrors.store_refused({ lake: client.description, reason });
  const done = async <T>(work: (inner: AbortSignal) => Promise<T>, within = signal): Promise<T> => {
    const outcome = await attempt({ what: 'to write' }, work, within);
    if ('value' in outcome) return outcome.value;
    throw refused(outcome.found);
  };
  const blocks: BlockUpload = await done((inner) => client.blocks(name, { writeId }, inner));
  try {
    const starts = range(0, size, BLOCK_BYTES).map((start, at) => ({ start, at }));
    await severalAtOnce(
      starts,
      BLOCKS_AT_ONCE,
      async ({ start, at }, within) => {
        const bytes = await read(start);
        await done((inner) => blocks.put(at, bytes, inner), within);
      },
      signal,
    );
    const committed = await attempt({ what: 'to write' }, (inner) => blocks.commit(inner), signal);
    if ('value' in committed) return;
    // A commit whose answer was lost has been carried out where the object is the one that was written here.
    if ((await facts(name, signal))?.writeId !== writeId) throw refused(committed.found);
  } catch (error) {
    await blocks.abort().catch(() => undefined);
    throw error;
  }
}
