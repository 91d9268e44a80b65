import { sql, type Transaction } from 'kysely';
import type { Outcome } from '../messages/types.ts';
import type { Claim } from './claim.ts';
import { type Store, transact } from './database.ts';
import { decide } from './decision.ts';
import { afterAttempt, blameOf, type EndpointPolicy, isOut } from './endpoint.ts';
import { type HealthChange, hurry, LockedEndpoints, wakeEndpoints } from './endpoints.ts';
import { takeOver } from './enqueue.ts';
import { type FellBack, fallBack } from './fallback.ts';
import { releaseLanes } from './release.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { MessageRow, OutboxTables } from './schema.ts';
import type { MessageState } from './types.ts';

/** The outcome of a claim's attempt, to be written. */
export interface Settlement {
  claim: Claim;
  outcome: Outcome;
  finishedAtMs: number;
}

/** The message's new state, or that the lease was lost and nothing was written. */
export type Settled =
  | { kind: 'written'; state: MessageState; fellBack: readonly FellBack[]; health: readonly HealthChange[] }
  | { kind: 'fenced' };

export interface SettlePolicy {
  readonly retry: RetryPolicy;
  readonly endpoint: EndpointPolicy;
}

async function lockFences(
  { dialect }: Store,
  transaction: Transaction<OutboxTables>,
  lanes: readonly string[],
): Promise<Map<string, number>> {
  const rows = await transaction
    .selectFrom('outbox_lanes')
    .select(['lane', 'fence'])
    .where('lane', 'in', [...lanes])
    .orderBy('lane')
    .$if(dialect === 'postgres', (query) => query.forUpdate())
    .execute();
  return new Map(rows.map(({ lane, fence }) => [lane, Number(fence)]));
}

/** The endpoints that were asked, each with what it answered. */
function askedBy({ claim, outcome }: Settlement): { endpoint: string; outcome: Outcome }[] {
  return [...(outcome.refusals ?? []), { endpoint: outcome.endpoint ?? claim.endpoint, outcome }];
}

/** The newer message that says the same, when this one would have to be sent again. */
async function newerOf(
  transaction: Transaction<OutboxTables>,
  { claim, outcome }: Settlement,
): Promise<number | undefined> {
  if (claim.coalesceKey === null || (outcome.kind !== 'retry' && outcome.kind !== 'unknown')) return undefined;
  const newer = await transaction
    .selectFrom('outbox_messages')
    .select('seq')
    .where('lane', '=', claim.lane)
    .where('finished_at', 'is', null)
    .where('coalesce_key', '=', claim.coalesceKey)
    .where('seq', '>', claim.seq)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return newer && Number(newer.seq);
}

interface Writing {
  readonly store: Store;
  readonly transaction: Transaction<OutboxTables>;
  readonly endpoints: LockedEndpoints;
  readonly policy: SettlePolicy;
}

async function write(settlement: Settlement, writing: Writing): Promise<{ state: MessageState; fellBack: FellBack[] }> {
  const { claim, outcome, finishedAtMs: nowMs } = settlement;
  const { store, transaction, endpoints, policy } = writing;
  const random = () => store.runtime.random();
  const asked = askedBy(settlement);
  const newer = await newerOf(transaction, settlement);
  const change = decide({
    outcome,
    tries: claim.tries,
    expiresAtMs: claim.expiresAtMs,
    newerWaits: newer !== undefined,
    budget: endpoints.get(asked.at(-1)!.endpoint).retry_budget,
    policy: policy.retry,
    nowMs,
    random,
  });
  for (const { endpoint, outcome: answer } of asked) {
    const concluded = { outcome: answer, nowMs, retry: policy.retry, policy: policy.endpoint, random };
    endpoints.set(afterAttempt(endpoints.get(endpoint), concluded));
  }
  const message = await transaction
    .updateTable('outbox_messages')
    .set({ ...change, ...(outcome.kind === 'unknown' && { unknowns: sql`unknowns + 1` }) })
    .where('seq', '=', claim.seq)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (newer !== undefined) await takeOver(transaction, newer, [message]);
  await transaction
    .updateTable('outbox_attempts')
    .set({
      outcome: outcome.kind,
      finished_at: nowMs,
      error_code: change.error_code ?? null,
      error_message: change.error_message ?? null,
    })
    .where('message_id', '=', claim.id)
    .where('attempt', '=', claim.attempt)
    .execute();
  const fellBack = missed(message, outcome) ? await fallBack(transaction, [message], nowMs) : [];
  return { state: change.state, fellBack };
}

/** It is certain that the message did not arrive, and that it will not: not that somebody held it back. */
const missed = ({ state }: Pick<MessageRow, 'state'>, outcome: Outcome) =>
  state === 'dead' && outcome.kind !== 'unknown' && blameOf(outcome) !== 'nobody';

/** Writes outcomes in one transaction. Answers in the order of the settlements. */
export async function settle(
  store: Store,
  settlements: readonly Settlement[],
  policy: SettlePolicy,
): Promise<Settled[]> {
  return await transact(store, async (transaction) => {
    const fences = await lockFences(
      store,
      transaction,
      settlements.map(({ claim }) => claim.lane),
    );
    const valid = settlements.filter(({ claim }) => fences.get(claim.lane) === claim.fence);
    const asked = valid.flatMap((settlement) => askedBy(settlement).map(({ endpoint }) => endpoint));
    const endpoints = await LockedEndpoints.lock(store, transaction, asked);
    const wasOut = [...new Set(asked)].filter((name) => isOut(endpoints.get(name)));
    const written = new Map<Settlement, { state: MessageState; fellBack: FellBack[] }>();
    for (const settlement of valid) {
      written.set(settlement, await write(settlement, { store, transaction, endpoints, policy }));
    }
    const health = await endpoints.write(transaction);
    const nowMs = store.runtime.now();
    // Others waited for what the probe would show.
    await hurry(
      transaction,
      wasOut.filter((name) => !isOut(endpoints.get(name))),
      nowMs,
    );
    await releaseLanes(
      transaction,
      valid.map(({ claim }) => claim.lane),
      nowMs,
    );
    await wakeEndpoints(transaction, wasOut, nowMs);
    return settlements.map((settlement) => {
      const result = written.get(settlement);
      if (!result) return { kind: 'fenced' };
      // Told once, with the first of the batch that it concerns.
      return { kind: 'written', ...result, health: settlement === valid[0] ? health : [] };
    });
  });
}
