import type { Transaction } from 'kysely';
import { z } from 'zod';
import type { Notifier } from '../messages/types.ts';
import { type Store, transact } from './database.ts';
import { type Admission, admission, type Endpoint, endpointAt, newEndpoint } from './endpoint.ts';
import { releaseLanes } from './release.ts';
import type { EndpointRow, OutboxTables } from './schema.ts';
import { type EndpointHealth, type EndpointSummary, endpointHealths } from './types.ts';

/** No wait is longer: neither what a service may ask for, nor a probe's pause, nor a lease. */
const LONGEST_WAIT_MS = 7 * 86_400_000;

/** PostgreSQL's driver may give a bigint as text. */
const number = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+$/)
      .transform(Number),
  ])
  .pipe(z.number());
const waitMs = number.pipe(z.number().min(0).max(LONGEST_WAIT_MS));

const rowSchema = z.object({
  endpoint: z.string(),
  health: z.enum(endpointHealths),
  since: number,
  reason: z.string().nullable(),
  failures: number,
  outages: number,
  refusals: number,
  failing_since: number.nullable(),
  hold_until: number,
  hold_ms: waitMs,
  probe_at: number,
  probe_ms: waitMs,
  probes: number,
  probing_until: number,
  probing_ms: waitMs,
  retry_budget: number,
});

/** What is stored of an endpoint; undefined: the row is damaged. */
export const endpointOf = (row: EndpointRow): Endpoint | undefined => rowSchema.safeParse(row).data;

/** Endpoints as they are within one transaction, which holds their rows until its end; what changes is written by it. */
export class LockedEndpoints {
  /** Of a damaged row nothing is known, and it is written anew. */
  readonly #stored: ReadonlyMap<string, Endpoint | undefined>;
  readonly #now: Map<string, Endpoint>;

  private constructor(stored: ReadonlyMap<string, Endpoint | undefined>, nowMs: number) {
    this.#stored = stored;
    this.#now = new Map(
      [...stored].map(([name, endpoint]) => [name, endpoint ? endpointAt(endpoint, nowMs) : newEndpoint(name, nowMs)]),
    );
  }

  /** Locks them in order, against deadlock; after lanes, before limits. */
  static async lock(
    { dialect, runtime }: Store,
    transaction: Transaction<OutboxTables>,
    names: readonly string[],
  ): Promise<LockedEndpoints> {
    const ordered = [...new Set(names)].sort();
    const nowMs = runtime.now();
    if (ordered.length === 0) return new LockedEndpoints(new Map(), nowMs);
    await transaction
      .insertInto('outbox_endpoints')
      .values(ordered.map((name) => newEndpoint(name, nowMs)))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const rows = await transaction
      .selectFrom('outbox_endpoints')
      .selectAll()
      .where('endpoint', 'in', ordered)
      .orderBy('endpoint')
      .$if(dialect === 'postgres', (query) => query.forUpdate())
      .execute();
    return new LockedEndpoints(new Map(rows.map((row) => [row.endpoint, endpointOf(row)])), nowMs);
  }

  get(name: string): Endpoint {
    return this.#now.get(name)!;
  }

  set(endpoint: Endpoint): void {
    this.#now.set(endpoint.endpoint, endpoint);
  }

  /** Of the endpoints that lead to a destination, the best that may be asked; else the best of those there are. */
  choose(names: readonly [string, ...string[]], nowMs: number): { endpoint: string; admission: Admission } {
    const options = names.map((name) => ({ endpoint: name, admission: admission(this.get(name), nowMs) }));
    return options.find((option) => option.admission.kind !== 'disabled') ?? options[0]!;
  }

  /** Writes what has changed. @returns the endpoints that are in another health than before */
  async write(transaction: Transaction<OutboxTables>): Promise<HealthChange[]> {
    const changes: HealthChange[] = [];
    for (const [name, endpoint] of this.#now) {
      const before = this.#stored.get(name);
      if (JSON.stringify(before) === JSON.stringify(endpoint)) continue;
      const { endpoint: _, ...values } = endpoint;
      await transaction.updateTable('outbox_endpoints').set(values).where('endpoint', '=', name).execute();
      if (!before || before.health === endpoint.health) continue;
      const { health, reason } = endpoint;
      changes.push({ endpoint: name, before: before.health, health, reason: reason ?? undefined });
    }
    return changes;
  }
}

export interface HealthChange {
  readonly endpoint: string;
  readonly before: EndpointHealth;
  readonly health: EndpointHealth;
  readonly reason: string | undefined;
}

/** The endpoints that lead to a destination, best first; one of its own, unless its notifier knows better. */
export function endpointsOf(
  notifier: Pick<Notifier, 'name' | 'endpointsOf'>,
  destination: string,
): readonly [string, ...string[]] {
  const [first = `${notifier.name}/${destination}`, ...others] = notifier.endpointsOf?.(destination) ?? [];
  return [first, ...others];
}

/** What failed for these endpoints' sake waits no longer: they work again, or are to be asked again. */
export async function hurry(
  transaction: Transaction<OutboxTables>,
  endpoints: readonly string[],
  nowMs: number,
): Promise<void> {
  if (endpoints.length === 0) return;
  await transaction
    .updateTable('outbox_messages')
    .set({ next_attempt_at: nowMs, wait_ms: 0 })
    .where('finished_at', 'is', null)
    .where('state', 'in', ['retry', 'unknown'])
    .where('next_attempt_at', '>', nowMs)
    .where('lane', 'in', (query) =>
      query
        .selectFrom('outbox_lanes')
        .select('outbox_lanes.lane')
        .where('endpoint', 'in', [...endpoints]),
    )
    .execute();
}

/** The lanes that wait for these endpoints look again: what held them up is over. */
export async function wakeEndpoints(
  transaction: Transaction<OutboxTables>,
  endpoints: readonly string[],
  nowMs: number,
): Promise<void> {
  if (endpoints.length === 0) return;
  const waiting = await transaction
    .selectFrom('outbox_lanes')
    .select('lane')
    .where('endpoint', 'in', [...endpoints])
    .where('ready_at', 'is not', null)
    .where('leased_by', 'is', null)
    .orderBy('lane')
    .execute();
  await releaseLanes(
    transaction,
    waiting.map(({ lane }) => lane),
    nowMs,
  );
}

/** Every endpoint that was ever used, or those of these names, in their order. */
export async function listEndpoints(
  { db, runtime }: Store,
  names?: readonly string[] | undefined,
): Promise<EndpointSummary[]> {
  const rows = await db
    .selectFrom('outbox_endpoints')
    .selectAll()
    .$if(names !== undefined, (query) => query.where('endpoint', 'in', [...names!, '']))
    .orderBy('endpoint')
    .execute();
  const nowMs = runtime.now();
  return rows.map((row) => {
    const known = endpointOf(row);
    return summaryOf(known ? endpointAt(known, nowMs) : newEndpoint(row.endpoint, nowMs), nowMs);
  });
}

function summaryOf(endpoint: Endpoint, nowMs: number): EndpointSummary {
  const { health, since, reason, failures, hold_until: holdUntil, probe_at: probeAt } = endpoint;
  return {
    endpoint: endpoint.endpoint,
    health,
    sinceMs: since,
    reason: reason ?? undefined,
    failures,
    holdUntilMs: holdUntil > nowMs ? holdUntil : undefined,
    probeAtMs: health === 'open' || health === 'disabled' ? probeAt : undefined,
  };
}

/** How many endpoints are in each health. */
export async function countEndpoints({ db }: Store): Promise<Record<EndpointHealth, number>> {
  const rows = await db
    .selectFrom('outbox_endpoints')
    .select(({ fn }) => ['health', fn.countAll().as('count')])
    .groupBy('health')
    .execute();
  const counts = endpointHealths.map((health) => [
    health,
    Number(rows.find((row) => row.health === health)?.count ?? 0),
  ]);
  return Object.fromEntries(counts) as Record<EndpointHealth, number>;
}

/** Forgets what is known of endpoints, so that they are asked at once. @returns those that there are */
export async function enableEndpoints(store: Store, names: readonly string[]): Promise<HealthChange[]> {
  return await transact(store, async (transaction) => {
    const known = await transaction
      .selectFrom('outbox_endpoints')
      .select('endpoint')
      .where('endpoint', 'in', [...names, ''])
      .execute();
    const found = known.map(({ endpoint }) => endpoint);
    const nowMs = store.runtime.now();
    const endpoints = await LockedEndpoints.lock(store, transaction, found);
    for (const name of found) endpoints.set(newEndpoint(name, nowMs));
    const changes = await endpoints.write(transaction);
    await hurry(transaction, found, nowMs);
    await wakeEndpoints(transaction, found, nowMs);
    return changes;
  });
}
