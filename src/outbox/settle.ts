import { sql, type Transaction } from 'kysely';
import type { Outcome } from '../notifiers/types.ts';
import type { Claim } from './claim.ts';
import { type Store, transact } from './database.ts';
import { decide, type LaneHealth } from './decision.ts';
import { readyAt } from './release.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { OutboxTables } from './schema.ts';
import type { MessageState } from './types.ts';

/** The outcome of a claim's attempt, to be written. */
export interface Settlement {
  claim: Claim;
  outcome: Outcome;
  finishedAtMs: number;
}

/** The message's new state, or that the lease was lost and nothing was written. */
export type Settled = { kind: 'written'; state: MessageState } | { kind: 'fenced' };

async function lockLanes(
  { dialect }: Store,
  transaction: Transaction<OutboxTables>,
  lanes: readonly string[],
): Promise<Map<string, LaneHealth & { fence: number }>> {
  const rows = await transaction
    .selectFrom('outbox_lanes')
    .select(['lane', 'fence', 'failures', 'failing_since', 'disabled_at', 'retry_budget', 'hold_until'])
    .where('lane', 'in', [...lanes])
    .orderBy('lane')
    .$if(dialect === 'postgres', (query) => query.forUpdate())
    .execute();
  return new Map(rows.map(({ lane, ...row }) => [lane, { ...row, fence: Number(row.fence) }]));
}

async function newerWaits(transaction: Transaction<OutboxTables>, { claim, outcome }: Settlement): Promise<boolean> {
  if (claim.coalesceKey === null || (outcome.kind !== 'retry' && outcome.kind !== 'unknown')) return false;
  const newer = await transaction
    .selectFrom('outbox_messages')
    .select('seq')
    .where('lane', '=', claim.lane)
    .where('finished_at', 'is', null)
    .where('coalesce_key', '=', claim.coalesceKey)
    .where('seq', '>', claim.seq)
    .limit(1)
    .executeTakeFirst();
  return newer !== undefined;
}

async function write(
  store: Store,
  transaction: Transaction<OutboxTables>,
  options: Settlement & { lane: LaneHealth; policy: RetryPolicy },
): Promise<MessageState> {
  const { claim, outcome, finishedAtMs } = options;
  const decision = decide({
    outcome,
    tries: claim.tries,
    expiresAtMs: claim.expiresAtMs,
    newerWaits: await newerWaits(transaction, options),
    lane: options.lane,
    policy: options.policy,
    nowMs: finishedAtMs,
    random: () => store.runtime.random(),
  });
  await transaction
    .updateTable('outbox_messages')
    .set({ ...decision.message, ...(outcome.kind === 'unknown' && { unknowns: sql`unknowns + 1` }) })
    .where('seq', '=', claim.seq)
    .execute();
  await transaction
    .updateTable('outbox_attempts')
    .set({
      outcome: outcome.kind,
      finished_at: finishedAtMs,
      error_code: decision.message.error_code ?? null,
      error_message: decision.message.error_message ?? null,
    })
    .where('message_id', '=', claim.id)
    .where('attempt', '=', claim.attempt)
    .execute();
  await transaction
    .updateTable('outbox_lanes')
    .set({ ...decision.lane, leased_by: null, ready_at: readyAt(Number(decision.lane.hold_until)) })
    .where('lane', '=', claim.lane)
    .execute();
  return decision.message.state;
}

/** Writes outcomes in one transaction. Answers in the order of the settlements. */
export async function settle(
  store: Store,
  settlements: readonly Settlement[],
  policy: RetryPolicy,
): Promise<Settled[]> {
  return await transact(store, async (transaction) => {
    const lanes = await lockLanes(
      store,
      transaction,
      settlements.map(({ claim }) => claim.lane),
    );
    const settled: Settled[] = [];
    for (const settlement of settlements) {
      const { fence, ...lane } = lanes.get(settlement.claim.lane)!;
      if (fence !== settlement.claim.fence) settled.push({ kind: 'fenced' });
      else settled.push({ kind: 'written', state: await write(store, transaction, { ...settlement, lane, policy }) });
    }
    return settled;
  });
}
