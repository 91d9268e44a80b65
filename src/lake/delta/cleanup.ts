import { type DeltaFolder, logEntries } from './log.ts';

/** As long as Delta itself keeps the log of a table, where nothing else is said: who streams it may be so far behind. https://docs.delta.io/latest/delta-batch.html#data-retention */
export const LOG_RETENTION_MS = 30 * 86_400_000;

/**
 * Removes commits and checkpoints that a kept checkpoint makes up for, once all of them are older: the log stays whole from
 * that checkpoint on.
 *
 * @param beforeMs - what was written later stays
 */
export async function removeOldLog({ store }: DeltaFolder, beforeMs: number, signal?: AbortSignal): Promise<void> {
  const entries = await logEntries(store, {}, signal);
  const isOld = ({ modifiedAtMs }: { readonly modifiedAtMs: number }) => modifiedAtMs < beforeMs;
  const young = entries.filter(({ kind, ...one }) => kind === 'commit' && !isOld(one)).map(({ version }) => version);
  const newest = Math.max(-1, ...entries.map(({ version }) => version));
  const firstKept = Math.min(newest, ...young);
  const checkpoints = entries.filter(({ kind, version }) => kind === 'checkpoint' && version <= firstKept);
  const from = Math.max(-1, ...checkpoints.map(({ version }) => version));
  const gone = entries.filter((one) => one.version < from && isOld(one)).map(({ key }) => key);
  if (gone.length > 0) await store.delete(gone, signal);
}
