import { sql, type Transaction } from 'kysely';
import type { TraceContext } from '../telemetry/trace-context.ts';
import { type Store, transact } from './database.ts';
import { admit } from './limits.ts';
import { releaseLanes } from './release.ts';
import type { MessageRow, OutboxTables } from './schema.ts';
import type { Ended, Limits } from './types.ts';

/** A message leased to this worker, as its attempt needs it. */
export interface Claim {
  seq: number;
  id: string;
  notifier: string;
  destination: string;
  lane: string;
  payload: unknown;
  coalesceKey: string | null;
  expiresAtMs: number | null;
  attempt: number;
  tries: number;
  fence: number;
  /** The lane's last attempt failed. */
  failing: boolean;
  startedAtMs: number;
  /** The span that accepted the message. */
  trace?: TraceContext;
}

export interface ClaimOptions {
  worker: string;
  notifiers: readonly string[];
  /** Lanes in which this worker has an attempt in flight: it does not take them over from itself, whatever the clock says. */
  busy: readonly string[];
  /** At most this many messages, each of its own lane. */
  count: number;
  /** At most this many of them from lanes whose last attempt failed. */
  failingCount: number;
  leaseMs: number;
  poisonAfter: number;
  limits: Limits;
}

export interface ClaimResult {
  claims: Claim[];
  /** How many lanes were looked at. */
  examined: number;
  /** Messages that were finished instead. */
  ended: Ended[];
}

interface DueLane {
  lane: string;
  disabled: boolean;
  failing: boolean;
}

type Head = Omit<MessageRow, 'seq'> & { seq: number };

/** Lanes whose time has come, longest waiting first: that is round-robin, because a served lane waits anew. */
async function dueLanes(
  { dialect }: Store,
  transaction: Transaction<OutboxTables>,
  options: ClaimOptions & { failing: boolean; nowMs: number },
): Promise<DueLane[]> {
  if (options.count <= 0) return [];
  const rows = await transaction
    .selectFrom('outbox_lanes')
    .select(['lane', 'disabled_at'])
    .where('ready_at', '<=', options.nowMs)
    .where('notifier', 'in', [...options.notifiers])
    .$if(options.busy.length > 0, (query) => query.where('lane', 'not in', [...options.busy]))
    .where('failures', options.failing ? '>' : '=', 0)
    .orderBy('ready_at')
    .limit(options.count)
    .$if(dialect === 'postgres', (query) => query.forUpdate().skipLocked())
    .execute();
  return rows.map((row) => ({ lane: row.lane, disabled: row.disabled_at !== null, failing: options.failing }));
}

/** The first open message of each lane. Locked: it may just be expiring, then the lane counts as empty this time. */
async function headsOf(
  { dialect }: Store,
  transaction: Transaction<OutboxTables>,
  lanes: readonly DueLane[],
): Promise<Map<string, Head>> {
  const names = lanes.map(({ lane }) => lane);
  const rows = await transaction
    .selectFrom('outbox_messages')
    .selectAll()
    .where(
      'seq',
      'in',
      sql<number>`(select (select head.seq from outbox_messages head where head.lane = owner.lane
        and head.finished_at is null order by head.seq limit 1) from outbox_lanes owner
        where owner.lane in (${sql.join(names)}))`,
    )
    .$if(dialect === 'postgres', (query) => query.forUpdate())
    .execute();
  const open = rows.filter(({ finished_at }) => finished_at === null);
  return new Map(open.map((row) => [row.lane, { ...row, seq: Number(row.seq) }]));
}

/**
 * A head that is still leased belongs to a worker that is gone: whether its attempt arrived, nobody knows. The fence
 * moves on, so that the worker, should it come back, writes nothing.
 */
async function countLost(transaction: Transaction<OutboxTables>, heads: readonly Head[], nowMs: number): Promise<void> {
  const lost = heads.filter(({ state }) => state === 'leased');
  if (lost.length === 0) return;
  for (const head of lost) head.lost += 1;
  const ids = lost.map(({ id }) => id);
  await transaction
    .updateTable('outbox_attempts')
    .set({ outcome: 'lost', finished_at: nowMs })
    .where('message_id', 'in', ids)
    .where('outcome', 'is', null)
    .execute();
  await transaction
    .updateTable('outbox_messages')
    .set({ state: 'unknown', unknowns: sql`unknowns + 1`, lost: sql`lost + 1` })
    .where('id', 'in', ids)
    .execute();
  await transaction
    .updateTable('outbox_lanes')
    .set({ fence: sql`fence + 1`, leased_by: null })
    .where(
      'lane',
      'in',
      lost.map(({ lane }) => lane),
    )
    .execute();
}

/** Why this head will not be attempted, if so. */
function verdict(
  head: Head,
  options: { nowMs: number; poisonAfter: number },
): Pick<Ended, 'state' | 'deadReason'> | undefined {
  if (head.expires_at !== null && Number(head.expires_at) <= options.nowMs) return { state: 'expired' };
  if (head.lost >= options.poisonAfter) return { state: 'dead', deadReason: 'poison' };
  return undefined;
}

/** Finishes heads that are too late or poison, and everything that waits for a disabled endpoint. */
async function bury(
  transaction: Transaction<OutboxTables>,
  options: { lanes: readonly DueLane[]; heads: readonly Head[]; nowMs: number; poisonAfter: number },
): Promise<{ buried: Set<Head>; ended: Ended[] }> {
  const disabled = options.lanes.filter((lane) => lane.disabled).map(({ lane }) => lane);
  const ended: Ended[] = [];
  if (disabled.length > 0) {
    const dead = await transaction
      .updateTable('outbox_messages')
      .set({ state: 'dead', dead_reason: 'endpoint_disabled', finished_at: options.nowMs })
      .where('lane', 'in', disabled)
      .where('finished_at', 'is', null)
      .returning(['id', 'notifier', 'destination'])
      .execute();
    for (const message of dead) ended.push({ ...message, state: 'dead', deadReason: 'endpoint_disabled' });
  }
  const buried = new Set(options.heads.filter(({ lane }) => disabled.includes(lane)));
  for (const head of options.heads) {
    const end = buried.has(head) ? undefined : verdict(head, options);
    if (!end) continue;
    buried.add(head);
    const { id, notifier, destination } = head;
    ended.push({ id, notifier, destination, ...end });
    await transaction
      .updateTable('outbox_messages')
      .set({ state: end.state, dead_reason: end.deadReason ?? null, finished_at: options.nowMs })
      .where('seq', '=', head.seq)
      .execute();
  }
  return { buried, ended };
}

const traceOf = (traceparent: string, tracestate: string | null): TraceContext => ({
  traceparent,
  ...(tracestate !== null && { tracestate }),
});

async function lease(
  transaction: Transaction<OutboxTables>,
  options: ClaimOptions & { heads: readonly Head[]; lanes: readonly DueLane[]; nowMs: number },
): Promise<Claim[]> {
  const { heads, nowMs, worker } = options;
  if (heads.length === 0) return [];
  const leased = await transaction
    .updateTable('outbox_lanes')
    .set({ fence: sql`fence + 1`, leased_by: worker, ready_at: nowMs + options.leaseMs })
    .where(
      'lane',
      'in',
      heads.map(({ lane }) => lane),
    )
    .returning(['lane', 'fence'])
    .execute();
  const fences = new Map(leased.map(({ lane, fence }) => [lane, Number(fence)]));
  await transaction
    .updateTable('outbox_messages')
    .set({ state: 'leased', attempts: sql`attempts + 1`, tries: sql`tries + 1` })
    .where(
      'seq',
      'in',
      heads.map(({ seq }) => seq),
    )
    .execute();
  const claims = heads.map((head) => ({
    seq: head.seq,
    id: head.id,
    notifier: head.notifier,
    destination: head.destination,
    lane: head.lane,
    payload: JSON.parse(head.payload),
    coalesceKey: head.coalesce_key,
    expiresAtMs: head.expires_at === null ? null : Number(head.expires_at),
    attempt: head.attempts + 1,
    tries: head.tries + 1,
    fence: fences.get(head.lane)!,
    failing: options.lanes.some(({ lane, failing }) => failing && lane === head.lane),
    startedAtMs: nowMs,
    ...(head.traceparent !== null && { trace: traceOf(head.traceparent, head.tracestate) }),
  }));
  await transaction
    .insertInto('outbox_attempts')
    .values(claims.map(({ id, attempt, fence }) => ({ message_id: id, attempt, fence, worker, started_at: nowMs })))
    .execute();
  return claims;
}

/**
 * Leases the heads of due lanes to a worker. Lanes without room in their limits, and lanes whose head had to be
 * finished, move on in time.
 */
export async function claim(store: Store, options: ClaimOptions): Promise<ClaimResult> {
  return await transact(store, async (transaction) => {
    const nowMs = store.runtime.now();
    const failingCount = Math.min(options.count, options.failingCount);
    const failing = await dueLanes(store, transaction, { ...options, count: failingCount, failing: true, nowMs });
    const healthyCount = options.count - failing.length;
    const healthy = await dueLanes(store, transaction, { ...options, count: healthyCount, failing: false, nowMs });
    const lanes = [...failing, ...healthy];
    if (lanes.length === 0) return { claims: [], examined: 0, ended: [] };

    const headOf = await headsOf(store, transaction, lanes);
    const heads = lanes.flatMap(({ lane }) => headOf.get(lane) ?? []);
    await countLost(transaction, heads, nowMs);
    const { buried, ended } = await bury(transaction, { lanes, heads, nowMs, poisonAfter: options.poisonAfter });
    const alive = heads.filter((head) => !buried.has(head));
    await releaseLanes(
      transaction,
      lanes.map(({ lane }) => lane).filter((lane) => !alive.some((head) => head.lane === lane)),
    );
    const counted = await admit(store, transaction, { heads: alive, limits: options.limits });
    const granted = { heads: counted.admitted, nowMs: counted.nowMs, lanes };
    return { claims: await lease(transaction, { ...options, ...granted }), examined: lanes.length, ended };
  });
}
