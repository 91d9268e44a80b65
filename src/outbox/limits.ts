import type { Transaction } from 'kysely';
import type { Store } from './database.ts';
import type { OutboxTables } from './schema.ts';
import type { LimitScope, Limits } from './types.ts';
import { remember, roomAt } from './windows.ts';

interface Target {
  notifier: string;
  destination: string;
  lane: string;
}

/** Locks the scopes' counts until the end of the transaction: one place for all workers. In order, against deadlock. */
async function lockTimes(
  { dialect }: Store,
  transaction: Transaction<OutboxTables>,
  scopes: readonly string[],
): Promise<Map<string, number[]>> {
  const ordered = [...new Set(scopes)].sort();
  if (ordered.length === 0) return new Map();
  await transaction
    .insertInto('outbox_limits')
    .values(ordered.map((scope) => ({ scope, times: '[]' })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const rows = await transaction
    .selectFrom('outbox_limits')
    .selectAll()
    .where('scope', 'in', ordered)
    .orderBy('scope')
    .$if(dialect === 'postgres', (query) => query.forUpdate())
    .execute();
  return new Map(rows.map(({ scope, times }) => [scope, JSON.parse(times) as number[]]));
}

/**
 * Lets pass the heads for which every window has room, and counts them. The lanes of the others are due again when
 * there is room.
 *
 * @returns the instant they were counted at, which is when their attempts begin
 */
export async function admit<H extends Target>(
  store: Store,
  transaction: Transaction<OutboxTables>,
  options: { heads: readonly H[]; limits: Limits },
): Promise<{ admitted: H[]; nowMs: number }> {
  const wanted = options.heads.map((head) => ({ head, scopes: options.limits(head) }));
  const times = await lockTimes(
    store,
    transaction,
    wanted.flatMap(({ scopes }) => scopes.map(({ scope }) => scope)),
  );
  // Read under the lock: another worker's attempts may have been counted while this one waited for it.
  const nowMs = store.runtime.now();
  const timesOf = ({ scope }: LimitScope) => times.get(scope) ?? [];
  const admitted: H[] = [];
  const counted = new Set<string>();
  for (const { head, scopes } of wanted) {
    const at = Math.max(0, ...scopes.map((scope) => roomAt(timesOf(scope), scope.windows)));
    if (at > nowMs) {
      await transaction.updateTable('outbox_lanes').set({ ready_at: at }).where('lane', '=', head.lane).execute();
      continue;
    }
    admitted.push(head);
    for (const scope of scopes) {
      times.set(scope.scope, remember(timesOf(scope), scope.windows, nowMs));
      counted.add(scope.scope);
    }
  }
  for (const scope of counted) {
    await transaction
      .updateTable('outbox_limits')
      .set({ times: JSON.stringify(times.get(scope)) })
      .where('scope', '=', scope)
      .execute();
  }
  return { admitted, nowMs };
}
