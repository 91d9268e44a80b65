import { sql, type Transaction } from 'kysely';
import type { Notifier } from '../messages/types.ts';
import type { TraceContext } from '../telemetry/trace-context.ts';
import { bury, type Head } from './bury.ts';
import { type Store, transact } from './database.ts';
import { endpointsOf, type HealthChange, LockedEndpoints } from './endpoints.ts';
import type { FellBack } from './fallback.ts';
import { headOfLane, nextTurn } from './head.ts';
import { admit, type Candidate } from './limits.ts';
import { releaseLanes } from './release.ts';
import type { OutboxTables } from './schema.ts';
import { storedJson } from './stored-json.ts';
import type { Ended, Limits } from './types.ts';

/** A message leased to this worker, as its attempt needs it. */
export interface Claim {
  seq: number;
  id: string;
  notifier: string;
  destination: string;
  lane: string;
  /** The endpoint to be asked. */
  endpoint: string;
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
  trace?: TraceContext | undefined;
}

export interface ClaimOptions {
  worker: string;
  notifiers: ReadonlyMap<string, Notifier>;
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
  fellBack: FellBack[];
  health: HealthChange[];
}

interface DueLane {
  lane: string;
  failing: boolean;
}

/** Lanes whose time has come, longest waiting first: that is round-robin, because a served lane waits anew. */
async function dueLanes(
  { dialect }: Store,
  transaction: Transaction<OutboxTables>,
  options: ClaimOptions & { failing: boolean; nowMs: number },
): Promise<DueLane[]> {
  if (options.count <= 0) return [];
  const failing = transaction
    .selectFrom('outbox_endpoints')
    .select('endpoint')
    .where('outbox_endpoints.endpoint', '=', sql.ref<string>('outbox_lanes.endpoint'))
    .where('failures', '>', 0);
  const rows = await transaction
    .selectFrom('outbox_lanes')
    .select('lane')
    .where('ready_at', '<=', options.nowMs)
    .where('notifier', 'in', [...options.notifiers.keys()])
    .$if(options.busy.length > 0, (query) => query.where('lane', 'not in', [...options.busy]))
    .where(({ exists, not }) => (options.failing ? exists(failing) : not(exists(failing))))
    .orderBy('ready_at')
    .limit(options.count)
    .$if(dialect === 'postgres', (query) => query.forUpdate().skipLocked())
    .execute();
  return rows.map(({ lane }) => ({ lane, failing: options.failing }));
}

/** The next message of each lane. Locked: it may just be expiring, then the lane counts as empty this time. */
async function headsOf(
  { dialect }: Store,
  transaction: Transaction<OutboxTables>,
  lanes: readonly DueLane[],
  nowMs: number,
): Promise<Map<string, Head>> {
  const names = lanes.map(({ lane }) => lane);
  const rows = await transaction
    .selectFrom('outbox_messages')
    .selectAll()
    .where(
      'seq',
      'in',
      sql<number>`(select ${headOfLane(nowMs)} from outbox_lanes where outbox_lanes.lane in (${sql.join(names)}))`,
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

const traceOf = (traceparent: string, tracestate: string | null): TraceContext => ({
  traceparent,
  tracestate: tracestate ?? undefined,
});

async function lease(
  transaction: Transaction<OutboxTables>,
  options: ClaimOptions & {
    admitted: readonly Candidate<Head>[];
    lanes: readonly DueLane[];
    nowMs: number;
  },
): Promise<Claim[]> {
  const { admitted, nowMs, worker } = options;
  const heads = admitted.map(({ head }) => head);
  if (heads.length === 0) return [];
  const leased = await transaction
    .updateTable('outbox_lanes')
    .set({ fence: sql`fence + 1`, leased_by: worker, ready_at: nowMs + options.leaseMs, wait_ms: options.leaseMs })
    .set({ backlog_turns: nextTurn(nowMs) })
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
  const claims = admitted.map(({ head, endpoint }) => ({
    endpoint,
    seq: head.seq,
    id: head.id,
    notifier: head.notifier,
    destination: head.destination,
    lane: head.lane,
    payload: storedJson(head.payload)?.value,
    coalesceKey: head.coalesce_key,
    expiresAtMs: head.expires_at === null ? null : Number(head.expires_at),
    attempt: head.attempts + 1,
    tries: head.tries + 1,
    fence: fences.get(head.lane)!,
    failing: options.lanes.some(({ lane, failing }) => failing && lane === head.lane),
    startedAtMs: nowMs,
    trace: head.traceparent === null ? undefined : traceOf(head.traceparent, head.tracestate),
  }));
  await transaction
    .insertInto('outbox_attempts')
    .values(claims.map(({ id, attempt, fence }) => ({ message_id: id, attempt, fence, worker, started_at: nowMs })))
    // A count that was damaged may begin anew.
    .onConflict((conflict) =>
      conflict.columns(['message_id', 'attempt']).doUpdateSet((row) => ({
        fence: row.ref('excluded.fence'),
        worker: row.ref('excluded.worker'),
        started_at: row.ref('excluded.started_at'),
        finished_at: null,
        outcome: null,
      })),
    )
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
    if (lanes.length === 0) return { claims: [], examined: 0, ended: [], fellBack: [], health: [] };

    const headOf = await headsOf(store, transaction, lanes, nowMs);
    const heads = lanes.flatMap(({ lane }) => headOf.get(lane) ?? []);
    await countLost(transaction, heads, nowMs);
    const named = heads.map((head) => {
      const notifier = options.notifiers.get(head.notifier) ?? { name: head.notifier };
      return { head, names: endpointsOf(notifier, head.destination) };
    });
    const endpoints = await LockedEndpoints.lock(
      store,
      transaction,
      named.flatMap(({ names }) => names),
    );
    const candidates = named.map(({ head, names }) => ({ head, ...endpoints.choose(names, nowMs) }));
    const { buried, ...told } = await bury(transaction, { ...options, candidates, nowMs });
    const alive = candidates.filter(({ head }) => !buried.has(head));
    await releaseLanes(
      transaction,
      lanes.map(({ lane }) => lane).filter((lane) => !alive.some(({ head }) => head.lane === lane)),
      nowMs,
    );
    const { admitted, nowMs: countedAtMs } = await admit(store, transaction, {
      candidates: alive,
      endpoints,
      limits: options.limits,
      leaseMs: options.leaseMs,
    });
    const health = await endpoints.write(transaction);
    const claims = await lease(transaction, { ...options, admitted, lanes, nowMs: countedAtMs });
    return { claims, examined: lanes.length, ...told, health };
  });
}
