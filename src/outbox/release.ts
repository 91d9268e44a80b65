import type { Transaction } from 'kysely';
import { dueWithHead, hasBacklog } from './head.ts';
import type { OutboxTables } from './schema.ts';

/** Ends the lease of lanes whose rows the transaction holds, and sets when they are next due. */
export async function releaseLanes(
  transaction: Transaction<OutboxTables>,
  lanes: readonly string[],
  nowMs: number,
): Promise<void> {
  if (lanes.length === 0) return;
  await transaction
    .updateTable('outbox_lanes')
    .set({ leased_by: null, ...dueWithHead(nowMs) })
    .where('lane', 'in', [...lanes])
    .execute();
}

/**
 * Sets when lanes that nobody has leased are next due, after what waits in them has changed.
 *
 * @param options.onlyBacklogs - something new came: only in a backlog does it not stand behind what waits
 */
export async function refreshLanes(
  transaction: Transaction<OutboxTables>,
  lanes: readonly string[],
  nowMs: number,
  { onlyBacklogs = false }: { readonly onlyBacklogs?: boolean | undefined } = {},
): Promise<void> {
  await transaction
    .updateTable('outbox_lanes')
    .set(dueWithHead(nowMs))
    .where('lane', 'in', [...lanes])
    .where('leased_by', 'is', null)
    .$if(onlyBacklogs, (update) => update.where(hasBacklog(nowMs)))
    .execute();
}
