import { lakeErrors } from '../errors.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { LakeCore } from '../tables/core.ts';

/** Beside the log: what runs did is no part of any version, and a reader of the lake can do without. */
export const RUNS_FILE = '_runs.json';

/** What was written down of the runs of a lake; undefined: nothing that can be read. */
export async function readRuns(store: ObjectStore, signal?: AbortSignal): Promise<unknown> {
  const found = await store.get(RUNS_FILE, signal);
  if (!found) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(found.bytes));
  } catch {
    return undefined;
  }
}

/** Writes it down. Who has lost the lease says nothing any more: its successor has told its end. */
export async function writeRuns({ store, lease }: LakeCore, runs: unknown): Promise<void> {
  try {
    await lease.check();
  } catch (error) {
    if (lakeErrors.lake_conflict.is(error)) return;
    throw error;
  }
  await store.put(RUNS_FILE, Buffer.from(JSON.stringify(runs)));
}
