import { createHash } from 'node:crypto';
import type { ObjectStore } from '../stores/object-store.ts';
import type { Quarantined } from './slow-path.ts';

/**
 * Keeps bytes that gave no row, or not a whole one, each under the hash of what it is: a record that is read again in
 * every run is set aside once. Answers those that were not there yet.
 */
export async function setAsideOnce(
  store: ObjectStore,
  records: readonly Quarantined[],
): Promise<readonly Quarantined[]> {
  const fresh: Quarantined[] = [];
  for (const record of records) {
    if (await store.putIfAbsent(keyOf(record), contentOf(record))) fresh.push(record);
  }
  return fresh;
}

/** What makes two of them the same: where they belong, why they are kept, and their bytes; not when or by which strategy they were read. */
function keyOf({ page, table, reason, bytes }: Quarantined): string {
  const belongs = [page.resource, table, reason, page.context.team_id ?? ''];
  const hash = createHash('sha256').update(JSON.stringify(belongs)).update(bytes);
  return `quarantine/${hash.digest('hex').slice(0, 40)}.json`;
}

function contentOf({ page, table, reason, bytes }: Quarantined): Uint8Array {
  const { resource, partition, context } = page;
  const base64 = Buffer.from(bytes).toString('base64');
  return Buffer.from(`${JSON.stringify({ resource, partition, table, context, reason, base64 })}\n`);
}
