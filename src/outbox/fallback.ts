import { sql, type Transaction } from 'kysely';
import { z } from 'zod';
import type { MessageRow, OutboxTables } from './schema.ts';
import { storedJson } from './stored-json.ts';
import type { Fallback } from './types.ts';

const fallbackSchema = z.object({
  notifier: z.string().optional(),
  destinations: z.array(z.string()),
  key: z.string(),
});

/** A message that was stored in the place of another. */
export interface FellBack {
  readonly id: string;
  /** The one that did not arrive. */
  readonly instead: string;
  readonly destination: string;
}

/** What of a dead letter goes into the message in its place. */
export const DEAD_COLUMNS = [
  'id',
  'notifier',
  'payload',
  'fallback',
  'unknowns',
  'series',
  'continues',
  'traceparent',
  'tracestate',
] as const;

type Dead = Pick<MessageRow, (typeof DEAD_COLUMNS)[number]>;

/**
 * Stores what goes elsewhere in the place of dead letters that certainly did not arrive; one that may have is not said
 * twice. Of messages with the same key, one is stored.
 */
export async function fallBack(
  transaction: Transaction<OutboxTables>,
  dead: readonly Dead[],
  nowMs: number,
): Promise<FellBack[]> {
  const stored: FellBack[] = [];
  for (const message of dead) {
    const fallback = fallbackOf(message);
    if (fallback && message.unknowns === 0) stored.push(...(await storeInstead(transaction, message, fallback, nowMs)));
  }
  return stored;
}

function fallbackOf({ fallback }: Dead): Fallback | undefined {
  const stored = fallback === null ? undefined : storedFallback(fallback);
  return stored && stored.destinations.length > 0 ? stored : undefined;
}

/** Undefined: it is damaged. */
export const storedFallback = (text: string): Fallback | undefined =>
  fallbackSchema.safeParse(storedJson(text)?.value).data;

async function storeInstead(
  transaction: Transaction<OutboxTables>,
  message: Dead,
  { notifier = message.notifier, destinations: [destination, ...others], key }: Fallback,
  nowMs: number,
): Promise<FellBack[]> {
  const { payload, series, continues, traceparent, tracestate } = message;
  const lane = `${notifier}/${destination}`;
  const id = `${key}~${destination}`;
  await transaction
    .insertInto('outbox_lanes')
    .values({ lane, notifier, ready_at: nowMs, wait_ms: 0, fence: 0 })
    .onConflict((conflict) =>
      conflict.column('lane').doUpdateSet({
        notifier: sql<string>`excluded.notifier`,
        ready_at: sql<number>`coalesce(outbox_lanes.ready_at, excluded.ready_at)`,
        wait_ms: sql<number>`case when outbox_lanes.ready_at is null then 0 else outbox_lanes.wait_ms end`,
      }),
    )
    .execute();
  const inserted = await transaction
    .insertInto('outbox_messages')
    .values({
      id,
      notifier,
      destination: destination!,
      lane,
      payload,
      dedupe_key: id,
      state: 'pending',
      attempts: 0,
      tries: 0,
      unknowns: 0,
      lost: 0,
      replaced: 0,
      wait_ms: 0,
      enqueued_at: nowMs,
      news_at: nowMs,
      next_attempt_at: nowMs,
      fallback: others.length > 0 ? JSON.stringify({ notifier, destinations: others, key } satisfies Fallback) : null,
      series,
      continues,
      traceparent,
      tracestate,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute();
  await transaction.updateTable('outbox_messages').set({ fell_back_to: id }).where('id', '=', message.id).execute();
  return inserted.map(() => ({ id, instead: message.id, destination: destination! }));
}
