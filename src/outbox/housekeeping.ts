import { sql, type Transaction } from 'kysely';
import { type Store, transact } from './database.ts';
import { boundTimes } from './limits.ts';
import type { OutboxTables } from './schema.ts';
import type { Ended } from './types.ts';

const batchSize = 500;

/**
 * Bounds every wait by its own length: when the clock was set back, an instant that was a minute away would be a day
 * and a minute away. A wait that could not have begun yet begins now, and what was done later than now was done now.
 */
export async function boundWaits(store: Store, nowMs: number): Promise<void> {
  const early = earlyRows(store, nowMs);
  const looks = await Promise.all(early.map(({ find }) => find()));
  if (looks.every((rows) => rows.length === 0)) return;
  await transact(store, async (transaction) => {
    for (const { bound } of early) await bound(transaction);
    const scopes = await transaction.selectFrom('outbox_limits').select('scope').orderBy('scope').execute();
    await boundTimes(
      store,
      transaction,
      scopes.map(({ scope }) => scope),
    );
  });
}

/** In the order in which rows are locked. */
function earlyRows({ db }: Store, nowMs: number) {
  const lanes = sql<boolean>`ready_at - wait_ms > ${nowMs}`;
  const messages = sql<boolean>`finished_at is null and (next_attempt_at - wait_ms > ${nowMs}
    or enqueued_at > ${nowMs} or news_at > ${nowMs})`;
  const endpoints = sql<boolean>`since > ${nowMs} or coalesce(failing_since, 0) > ${nowMs}
    or hold_until - hold_ms > ${nowMs} or probe_at - probe_ms > ${nowMs} or probing_until - probing_ms > ${nowMs}`;
  const least = (instant: string, waitMs?: string) => {
    const latest = waitMs === undefined ? sql`${nowMs}` : sql`${nowMs} + ${sql.ref(waitMs)}`;
    return sql<number>`case when ${sql.ref(instant)} > ${latest} then ${latest} else ${sql.ref(instant)} end`;
  };
  return [
    {
      find: () => db.selectFrom('outbox_lanes').select(sql`1`.as('one')).where(lanes).limit(1).execute(),
      bound: (transaction: Transaction<OutboxTables>) =>
        transaction
          .updateTable('outbox_lanes')
          .set({ ready_at: least('ready_at', 'wait_ms') })
          .where(lanes)
          .execute(),
    },
    {
      find: () => db.selectFrom('outbox_messages').select(sql`1`.as('one')).where(messages).limit(1).execute(),
      bound: (transaction: Transaction<OutboxTables>) =>
        transaction
          .updateTable('outbox_messages')
          .set({
            expires_at: sql`case when enqueued_at > ${nowMs} then ${nowMs} + expires_at - enqueued_at else expires_at end`,
            next_attempt_at: least('next_attempt_at', 'wait_ms'),
            enqueued_at: least('enqueued_at'),
            news_at: least('news_at'),
          })
          .where(messages)
          .execute(),
    },
    {
      find: () => db.selectFrom('outbox_endpoints').select(sql`1`.as('one')).where(endpoints).limit(1).execute(),
      bound: (transaction: Transaction<OutboxTables>) =>
        transaction
          .updateTable('outbox_endpoints')
          .set({
            since: least('since'),
            failing_since: least('failing_since'),
            hold_until: least('hold_until', 'hold_ms'),
            probe_at: least('probe_at', 'probe_ms'),
            probing_until: least('probing_until', 'probing_ms'),
          })
          .where(endpoints)
          .execute(),
    },
  ] as const;
}

/** Row of {@link check}: no scope can have this name. */
const CHECKED = '';

/** Writes something and keeps it: only that shows whether a message could be stored. */
export async function check(store: Store): Promise<void> {
  await transact(store, async (transaction) => {
    const times = JSON.stringify([store.runtime.now()]);
    await transaction
      .insertInto('outbox_limits')
      .values({ scope: CHECKED, times })
      .onConflict((conflict) => conflict.column('scope').doUpdateSet({ times }))
      .execute();
  });
}

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
