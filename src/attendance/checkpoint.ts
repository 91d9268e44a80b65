import type { ObjectStore } from '../lake/stores/object-store.ts';
import { type Reading, readPastDate } from '../settings/instant.ts';
import { checkpointErrors } from './errors.ts';

/** How far the original job was, for all of its accounts together. */
export interface Checkpoint {
  readonly throughMs: number;
  /** Of the file as it was read. */
  readonly etag: string;
}

/** A file of a store. */
export interface CheckpointFile {
  readonly store: ObjectStore;
  readonly key: string;
}

/** Clocks of two machines differ by less. */
const SKEW_MS = 300_000;
/** An instant has some thirty characters: what is larger is another file. */
const MOST_BYTES = 1_024;

/**
 * Reads the text file in which the original job kept one ISO 8601 instant, an instant without an offset being one in UTC.
 *
 * @returns undefined: there is none, and so there was no run before
 * @throws SluiceError `checkpoint_unreadable`, and what the store says when it cannot be asked: neither is a first run
 */
export async function readCheckpoint(
  { store, key }: CheckpointFile,
  nowMs: number,
  signal?: AbortSignal,
): Promise<Checkpoint | undefined> {
  const found = await store.get(key, signal);
  if (found === undefined) return undefined;
  const read = readInstant(found.bytes, nowMs + SKEW_MS);
  if ('problem' in read) throw checkpointErrors.checkpoint_unreadable({ file: key, problem: read.problem });
  return { throughMs: read.value, etag: found.etag };
}

/** @throws SluiceError `checkpoint_changed` when the file is not as it was read */
export async function checkUnchanged(
  { store, key }: CheckpointFile,
  { etag }: Checkpoint,
  signal?: AbortSignal,
): Promise<void> {
  const now = await store.get(key, signal);
  if (now?.etag !== etag) throw checkpointErrors.checkpoint_changed({ file: key });
}

function readInstant(bytes: Uint8Array, latestMs: number): Reading<number> {
  if (bytes.byteLength > MOST_BYTES) return { problem: 'It is no line with an instant.' };
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim()
    .replace(/^(\S+) (?=\d)/, '$1T');
  if (text === '') return { problem: 'It is empty.' };
  return readPastDate(/T[\d:.]+$/.test(text) ? `${text}Z` : text, latestMs);
}
