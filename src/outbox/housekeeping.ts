import { type Store, transact } from './database.ts';
import type { Ended } from './types.ts';

const batchSize = 500;

/** Finishes waiting messages whose time is over, wherever they stand in their lane, and says which. */
export async function expire(store: Store, nowMs: number): Promise<Ended[]> {
  const late = store.db
    .selectFrom('outbox_messages')
    .select('seq')
    .where('expires_at', '<=', nowMs)
    .where('finished_at', 'is', null)
    .where('state', '<>', 'leased')
    .limit(batchSize);
  if ((await late.limit(1).execute()).length === 0) return [];
  return await transact(store, async (transaction) => {
    const expired = await transaction
      .updateTable('outbox_messages')
      .set({ state: 'expired', finished_at: nowMs })
      .where('seq', 'in', store.dialect === 'postgres' ? late.forUpdate().skipLocked() : late)
      .returning(['id', 'notifier', 'destination'])
      .execute();
    return expired.map((message) => ({ ...message, state: 'expired' }));
  });
}

/** Forgets messages, with their attempts, that were finished before the time given. */
export async function prune(store: Store, finishedBeforeMs: number): Promise<void> {
  const old = store.db
    .selectFrom('outbox_messages')
    .select('seq')
    .where('finished_at', '<', finishedBeforeMs)
    .limit(batchSize);
  while ((await old.limit(1).execute()).length > 0) {
    await transact(store, async (transaction) => {
      await transaction.deleteFrom('outbox_messages').where('seq', 'in', old).execute();
    });
  }
}
