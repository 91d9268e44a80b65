import { sql, type Transaction } from 'kysely';
import type { Runtime } from '../runtime/runtime.ts';
import { newMessageRow } from './new-message.ts';
import { refreshLanes } from './release.ts';
import type { MessageRow, OutboxTables } from './schema.ts';
import type { Ended, NewMessage, Receipt } from './types.ts';

type Row = ReturnType<typeof newMessageRow>;

interface Accepted {
  readonly receipts: Receipt[];
  /** What the accepted messages replaced. */
  readonly ended: Ended[];
}

/** Rows per statement, under the smallest limit of bound parameters of both databases. */
const chunkSize = 500;

/**
 * Makes the lanes ready. Done before the messages are stored: it locks the lanes' rows until the end of the
 * transaction, so that order of acceptance is order of commit and a worker that finds a lane empty cannot miss one.
 */
async function wakeLanes(transaction: Transaction<OutboxTables>, rows: readonly Row[], nowMs: number): Promise<void> {
  const lanes = new Map(rows.map(({ lane, notifier }) => [lane, notifier]));
  const values = [...lanes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([lane, notifier]) => ({
      lane,
      notifier,
      ready_at: nowMs,
      wait_ms: 0,
      fence: 0,
    }));
  await transaction
    .insertInto('outbox_lanes')
    .values(values)
    .onConflict((conflict) =>
      conflict.column('lane').doUpdateSet({
        notifier: sql<string>`excluded.notifier`,
        ready_at: sql<number>`coalesce(outbox_lanes.ready_at, excluded.ready_at)`,
        wait_ms: sql<number>`case when outbox_lanes.ready_at is null then 0 else outbox_lanes.wait_ms end`,
      }),
    )
    .execute();
}

/**
 * A message in the place of others: it counts them, is no newer than they are, and lives no shorter than they would
 * have. What they said for the first time may be said nowhere else.
 */
export async function takeOver(
  transaction: Transaction<OutboxTables>,
  seq: number,
  replaced: readonly Pick<MessageRow, 'replaced' | 'expires_at' | 'news_at'>[],
): Promise<void> {
  const ends = replaced.map(({ expires_at: end }) => (end === null ? null : Number(end)));
  const latest = ends.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)), 0);
  const longer = sql<
    number | null
  >`case when expires_at is null or expires_at > ${latest} then expires_at else ${latest} end`;
  const first = Math.min(...replaced.map(({ news_at: newsAt }) => Number(newsAt)));
  const count = replaced.reduce((sum, one) => sum + 1 + one.replaced, 0);
  await transaction
    .updateTable('outbox_messages')
    .set({ replaced: sql<number>`replaced + ${count}`, expires_at: latest === null ? null : longer })
    .set({ news_at: sql<number>`case when news_at > ${first} then ${first} else news_at end` })
    .where('seq', '=', seq)
    .execute();
}

/** The newest version of a message replaces those that still wait. One in flight is left to its worker. */
async function supersede(transaction: Transaction<OutboxTables>, row: Row & { seq: number }): Promise<Ended[]> {
  if (row.coalesce_key === null) return [];
  const replaced = await transaction
    .updateTable('outbox_messages')
    .set({ state: 'superseded', finished_at: row.enqueued_at })
    .where('lane', '=', row.lane)
    .where('coalesce_key', '=', row.coalesce_key)
    .where('finished_at', 'is', null)
    .where('state', '<>', 'leased')
    .where('seq', '<', row.seq)
    .returning(['id', 'notifier', 'destination', 'replaced', 'expires_at', 'news_at'])
    .execute();
  if (replaced.length === 0) return [];
  await takeOver(transaction, row.seq, replaced);
  return replaced.map(({ id, notifier, destination }) => ({ id, notifier, destination, state: 'superseded' }));
}

async function store(transaction: Transaction<OutboxTables>, rows: readonly Row[]): Promise<Accepted> {
  const inserted = await transaction
    .insertInto('outbox_messages')
    .values([...rows])
    .onConflict((conflict) => conflict.doNothing())
    .returning(['id', 'seq'])
    .execute();
  const unclaimed = new Map(inserted.map(({ id, seq }) => [id, seq]));
  const accepted: Accepted = { receipts: [], ended: [] };
  for (const row of rows) {
    const seq = unclaimed.get(row.id);
    unclaimed.delete(row.id);
    if (seq === undefined) {
      accepted.receipts.push({ id: await firstId(transaction, row), duplicate: true });
      continue;
    }
    const ended = await supersede(transaction, { ...row, seq });
    // The first of the lane may be another one now, which does not wait for what that one waited for.
    if (ended.length > 0) await refreshLanes(transaction, [row.lane], row.enqueued_at);
    const superseded = ended.map(({ id }) => id);
    accepted.receipts.push({
      id: row.id,
      duplicate: false,
      superseded: superseded.length > 0 ? superseded : undefined,
    });
    accepted.ended.push(...ended);
  }
  return accepted;
}

async function firstId(transaction: Transaction<OutboxTables>, row: Row): Promise<string> {
  const { id } = await transaction
    .selectFrom('outbox_messages')
    .select('id')
    .where(({ eb, and, or }) =>
      or([eb('id', '=', row.id), and([eb('lane', '=', row.lane), eb('dedupe_key', '=', row.dedupe_key)])]),
    )
    .executeTakeFirstOrThrow();
  return id;
}

/** Stores messages within the transaction: they are accepted when it commits. Nothing is stored if one is invalid. */
export async function enqueue(
  transaction: Transaction<OutboxTables>,
  messages: readonly NewMessage[],
  runtime: Runtime,
): Promise<Accepted> {
  const rows = messages.map((message) => newMessageRow(message, runtime));
  const accepted: Accepted = { receipts: [], ended: [] };
  for (let start = 0; start < rows.length; start += chunkSize) {
    const chunk = rows.slice(start, start + chunkSize);
    await wakeLanes(transaction, chunk, runtime.now());
    const { receipts, ended } = await store(transaction, chunk);
    await refreshLanes(transaction, [...new Set(chunk.map(({ lane }) => lane))], runtime.now(), { onlyBacklogs: true });
    accepted.receipts.push(...receipts);
    accepted.ended.push(...ended);
  }
  return accepted;
}
