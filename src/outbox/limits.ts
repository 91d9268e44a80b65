import type { Transaction } from 'kysely';
import { z } from 'zod';
import type { Store } from './database.ts';
import { type Admission, admission, probing } from './endpoint.ts';
import type { LockedEndpoints } from './endpoints.ts';
import type { OutboxTables } from './schema.ts';
import { storedJson } from './stored-json.ts';
import type { LimitScope, Limits, Target } from './types.ts';
import { notLaterThan, remember, roomAt } from './windows.ts';

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
  return new Map(rows.map(({ scope, times }) => [scope, storedTimes(times) ?? []]));
}

const timesSchema = z.array(z.number());

/** Undefined: the count is damaged. It begins anew; the service's own limit then says when it was too much. */
export const storedTimes = (text: string): number[] | undefined => timesSchema.safeParse(storedJson(text)?.value).data;

/** The first message of a lane, and the endpoint it would be sent to. */
export interface Candidate<H extends Target = Target> {
  readonly head: H;
  readonly endpoint: string;
  readonly admission: Admission;
}

/**
 * Lets pass the heads whose endpoint may be asked and for which every window has room, and counts them. The lanes of the
 * others are due again when there is room.
 *
 * @returns the instant they were counted at, which is when their attempts begin
 */
export async function admit<H extends Target>(
  store: Store,
  transaction: Transaction<OutboxTables>,
  options: {
    candidates: readonly Candidate<H>[];
    endpoints: LockedEndpoints;
    limits: Limits;
    leaseMs: number;
  },
): Promise<{ admitted: Candidate<H>[]; nowMs: number }> {
  const { endpoints, leaseMs } = options;
  const wanted = options.candidates.map((candidate) => ({
    candidate,
    scopes: options.limits({ ...targetOf(candidate.head), endpoint: candidate.endpoint }),
  }));
  const counts = await WindowCounts.lock(
    store,
    transaction,
    wanted.flatMap(({ scopes }) => scopes),
  );
  // Read under the lock: another worker's attempts may have been counted while this one waited for it.
  const nowMs = store.runtime.now();
  const admitted: Candidate<H>[] = [];
  for (const { candidate, scopes } of wanted) {
    const { endpoint, head } = candidate;
    // Asked again: a head before this one may be the probe of the same endpoint.
    const now = admission(endpoints.get(endpoint), nowMs);
    const until = now.kind === 'wait' ? now : counts.roomAt(scopes, nowMs);
    await transaction.updateTable('outbox_lanes').set({ endpoint }).where('lane', '=', head.lane).execute();
    if (until && until.untilMs > nowMs) {
      await transaction
        .updateTable('outbox_lanes')
        .set({ ready_at: until.untilMs, wait_ms: until.waitMs })
        .where('lane', '=', head.lane)
        .execute();
      continue;
    }
    if (now.kind === 'probe') endpoints.set(probing(endpoints.get(endpoint), nowMs, leaseMs));
    admitted.push(candidate);
    counts.count(scopes, nowMs);
  }
  await counts.write(transaction);
  return { admitted, nowMs };
}

/** Counts everything that was sent later than now as sent now. */
export async function boundTimes(
  store: Store,
  transaction: Transaction<OutboxTables>,
  scopes: readonly string[],
): Promise<void> {
  const counts = await WindowCounts.lock(
    store,
    transaction,
    scopes.map((scope) => ({ scope, windows: [] })),
  );
  await counts.write(transaction);
}

const targetOf = ({ notifier, destination, lane }: Target): Target => ({ notifier, destination, lane });

/** The counts of scopes within one transaction, which holds their rows until its end. */
class WindowCounts {
  readonly #times: Map<string, readonly number[]>;
  readonly #changed = new Set<string>();

  private constructor(times: Map<string, readonly number[]>) {
    this.#times = times;
  }

  static async lock(store: Store, transaction: Transaction<OutboxTables>, scopes: readonly LimitScope[]) {
    const times = await lockTimes(
      store,
      transaction,
      scopes.map(({ scope }) => scope),
    );
    const counts = new WindowCounts(new Map(times));
    const nowMs = store.runtime.now();
    for (const [scope, stored] of times) {
      // Written once, or they would count as now for ever after the clock was set back.
      if (stored.some((time) => time > nowMs)) counts.#set(scope, notLaterThan(stored, nowMs));
    }
    return counts;
  }

  roomAt(scopes: readonly LimitScope[], nowMs: number): { untilMs: number; waitMs: number } {
    const untilMs = Math.max(0, ...scopes.map(({ scope, windows }) => roomAt(this.#of(scope), windows)));
    return { untilMs, waitMs: Math.max(0, untilMs - nowMs) };
  }

  count(scopes: readonly LimitScope[], nowMs: number): void {
    for (const { scope, windows } of scopes) this.#set(scope, remember(this.#of(scope), windows, nowMs));
  }

  async write(transaction: Transaction<OutboxTables>): Promise<void> {
    for (const scope of this.#changed) {
      await transaction
        .updateTable('outbox_limits')
        .set({ times: JSON.stringify(this.#of(scope)) })
        .where('scope', '=', scope)
        .execute();
    }
  }

  #of(scope: string): readonly number[] {
    return this.#times.get(scope) ?? [];
  }

  #set(scope: string, times: readonly number[]): void {
    this.#times.set(scope, times);
    this.#changed.add(scope);
  }
}
