import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { type Store, transact } from '../../outbox/database.ts';
import { storedTimes } from '../../outbox/limits.ts';
import { notLaterThan, remember } from '../../outbox/windows.ts';
import { type PacedCounts, waitFor } from '../connector/pacing.ts';
import type { BotTables, BotTransaction } from './tables.ts';

/** Counts of requests that all processes on one database share. */
export interface StoredCounts extends PacedCounts {
  /** Forgets what nothing was counted in since then. */
  prune(countedBeforeMs: number): Promise<void>;
}

const hashOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 32);

export function createStoredCounts(store: Store, ready: () => Promise<Kysely<BotTables>>): StoredCounts {
  const { runtime, dialect } = store;
  const write = async <T>(body: (transaction: BotTransaction) => Promise<T>): Promise<T> => {
    await ready();
    return transact(store, (transaction) => body(transaction as unknown as BotTransaction));
  };

  /** Locks the counts until the end of the transaction. In order, against deadlock. */
  async function lock(transaction: BotTransaction, names: readonly string[]): Promise<Map<string, readonly number[]>> {
    const ordered = [...names].sort();
    await transaction
      .insertInto('bot_windows')
      .values(ordered.map((scope) => ({ scope, times: '[]', counted_at: runtime.now() })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const rows = await transaction
      .selectFrom('bot_windows')
      .select(['scope', 'times'])
      .where('scope', 'in', ordered)
      .orderBy('scope')
      .$if(dialect === 'postgres', (query) => query.forUpdate())
      .execute();
    return new Map(rows.map(({ scope, times }) => [scope, storedTimes(times) ?? []]));
  }

  return {
    admit: (given) =>
      write(async (transaction) => {
        const scopes = given.map(({ name, windows }) => ({ name: hashOf(name), windows }));
        const times = await lock(
          transaction,
          scopes.map(({ name }) => name),
        );
        // Read under the lock: another process may have counted while this one waited for it.
        const nowMs = runtime.now();
        const timesOf = (name: string) => notLaterThan(times.get(name) ?? [], nowMs);
        const waitMs = waitFor(scopes, timesOf, nowMs);
        if (waitMs > 0) return waitMs;
        for (const { name, windows } of scopes) {
          await transaction
            .updateTable('bot_windows')
            .set({ times: JSON.stringify(remember(timesOf(name), windows, nowMs)), counted_at: nowMs })
            .where('scope', '=', name)
            .execute();
        }
        return 0;
      }),
    prune: (countedBeforeMs) =>
      write(async (transaction) => {
        await transaction.deleteFrom('bot_windows').where('counted_at', '<', countedBeforeMs).execute();
      }),
  };
}
