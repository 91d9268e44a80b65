import { sql, type Transaction } from 'kysely';
import type { OutboxTables } from './schema.ts';

const ofHead = (column: 'next_attempt_at' | 'wait_ms') => sql<number>`(
  select head.${sql.ref(column)} from outbox_messages head
  where head.lane = outbox_lanes.lane and head.finished_at is null order by head.seq limit 1)`;

/** The lane is due when its first open message is; never, if it is empty. */
export const dueWithHead = {
  ready_at: ofHead('next_attempt_at') as ReturnType<typeof sql<number | null>>,
  wait_ms: sql<number>`coalesce(${ofHead('wait_ms')}, 0)`,
};

/** Ends the lease of lanes whose rows the transaction holds, and sets when they are next due. */
export async function releaseLanes(transaction: Transaction<OutboxTables>, lanes: readonly string[]): Promise<void> {
  if (lanes.length === 0) return;
  await transaction
    .updateTable('outbox_lanes')
    .set({ leased_by: null, ...dueWithHead })
    .where('lane', 'in', [...lanes])
    .execute();
}
