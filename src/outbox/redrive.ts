import { sql, type Transaction } from 'kysely';
import { type Store, transact } from './database.ts';
import { isOut, newEndpoint } from './endpoint.ts';
import { LockedEndpoints } from './endpoints.ts';
import { outboxErrors } from './errors.ts';
import { refreshLanes } from './release.ts';
import type { OutboxTables } from './schema.ts';

/** Which dead letters. At least one of them is given; together they narrow. */
export interface RedriveFilter {
  ids?: readonly string[] | undefined;
  destination?: string | undefined;
  /** Dead since this time. */
  sinceMs?: number | undefined;
  /** Every dead letter. */
  all?: true | undefined;
}

function deadLetters(transaction: Transaction<OutboxTables>, { ids, destination, sinceMs }: RedriveFilter) {
  return transaction
    .selectFrom('outbox_messages')
    .where('state', '=', 'dead')
    .$if(ids !== undefined, (query) => query.where('id', 'in', [...ids!]))
    .$if(destination !== undefined, (query) => query.where('destination', '=', destination!))
    .$if(sinceMs !== undefined, (query) => query.where('finished_at', '>=', sinceMs!));
}

/**
 * Dead letters become pending again, under the same id, with a fresh schedule and no expiry; their endpoints are
 * asked again at once. The pace is that of the limits.
 *
 * @returns the ids, oldest first
 * @throws SluiceError `redrive_unbounded` when no filter is given
 */
export async function redrive(store: Store, filter: RedriveFilter): Promise<string[]> {
  if (Object.values(filter).every((value) => value === undefined)) {
    throw outboxErrors.redrive_unbounded();
  }
  if (filter.ids?.length === 0) return [];
  return await transact(store, async (transaction) => {
    const nowMs = store.runtime.now();
    const found = await deadLetters(transaction, filter).select('lane').distinct().execute();
    const lanes = found.map(({ lane }) => lane).sort();
    if (lanes.length === 0) return [];
    await enable(store, transaction, lanes);
    const dead = await deadLetters(transaction, filter)
      .where('lane', 'in', lanes)
      .select(['id'])
      .orderBy('seq')
      .execute();
    const ids = dead.map(({ id }) => id);
    await transaction
      .updateTable('outbox_messages')
      .set({ state: 'pending', tries: 0, lost: 0, next_attempt_at: nowMs, wait_ms: 0, expires_at: null })
      .set({ finished_at: null, dead_reason: null, error_code: null, error_message: null })
      .where('id', 'in', ids)
      .execute();
    await refreshLanes(transaction, lanes, nowMs);
    return ids;
  });
}

/** Locks the lanes, before messages as everywhere, and forgets that their endpoints are out. */
async function enable(store: Store, transaction: Transaction<OutboxTables>, lanes: readonly string[]): Promise<void> {
  const locked = await transaction
    .updateTable('outbox_lanes')
    .set({ leased_by: sql<string | null>`leased_by` })
    .where('lane', 'in', [...lanes])
    .returning('endpoint')
    .execute();
  const names = [...new Set(locked.flatMap(({ endpoint }) => endpoint ?? []))];
  const endpoints = await LockedEndpoints.lock(store, transaction, names);
  for (const name of names) {
    if (isOut(endpoints.get(name))) endpoints.set(newEndpoint(name, store.runtime.now()));
  }
  await endpoints.write(transaction);
}
