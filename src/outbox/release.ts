import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { OutboxTables } from './schema.ts';

/** The time of the lane's first open message, not before the service's own wait has passed; null if it is empty. */
export const readyAt = (holdUntil: number | RawBuilder<number> = sql`outbox_lanes.hold_until`) => sql<number | null>`(
  select case when head.next_attempt_at > ${holdUntil} then head.next_attempt_at else ${holdUntil} end
  from outbox_messages head
  where head.lane = outbox_lanes.lane and head.finished_at is null order by head.seq limit 1)`;

/** Ends the lease of lanes whose rows the transaction holds, and sets when they are next due. */
export async function releaseLanes(transaction: Transaction<OutboxTables>, lanes: readonly string[]): Promise<void> {
  if (lanes.length === 0) return;
  await transaction
    .updateTable('outbox_lanes')
    .set({ leased_by: null, ready_at: readyAt() })
    .where('lane', 'in', [...lanes])
    .execute();
}
