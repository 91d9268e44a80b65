import { type Kysely, sql, type Transaction } from 'kysely';
import { type Store, transact } from './database.ts';
import { newEndpoint } from './endpoint.ts';
import { endpointOf } from './endpoints.ts';
import { storedFallback } from './fallback.ts';
import { storedTimes } from './limits.ts';
import type { OutboxTables } from './schema.ts';
import type { DamagedRow } from './types.ts';

type Database = Kysely<OutboxTables>;

/** How the rows of one kind are looked through, and those found set right. */
interface Mending {
  readonly kind: DamagedRow['kind'];
  find(db: Database): Promise<string[]>;
  mend(transaction: Transaction<OutboxTables>, keys: readonly string[], nowMs: number): Promise<unknown>;
}

/** Rows of messages looked through at a time. */
const BATCH = 2_000;

const endpoints: Mending = {
  kind: 'endpoint',
  find: async (db) => {
    const rows = await db.selectFrom('outbox_endpoints').selectAll().execute();
    return rows.filter((row) => !endpointOf(row)).map(({ endpoint }) => endpoint);
  },
  mend: (transaction, keys, nowMs) => {
    const { endpoint: _, ...values } = newEndpoint('', nowMs);
    return transaction
      .updateTable('outbox_endpoints')
      .set(values)
      .where('endpoint', 'in', [...keys])
      .execute();
  },
};

const limits: Mending = {
  kind: 'limit',
  find: async (db) => {
    const rows = await db.selectFrom('outbox_limits').selectAll().execute();
    return rows.filter(({ times }) => !storedTimes(times)).map(({ scope }) => scope);
  },
  mend: (transaction, scopes) =>
    transaction
      .updateTable('outbox_limits')
      .set({ times: '[]' })
      .where('scope', 'in', [...scopes])
      .execute(),
};

const fallbacks: Mending = {
  kind: 'fallback',
  find: async (db) => {
    const damaged: string[] = [];
    for (let after = 0, more = true; more; ) {
      const rows = await db
        .selectFrom('outbox_messages')
        .select(['seq', 'id', 'fallback'])
        .where('finished_at', 'is', null)
        .where('fallback', 'is not', null)
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(BATCH)
        .execute();
      damaged.push(...rows.filter(({ fallback }) => !storedFallback(fallback!)).map(({ id }) => id));
      after = Number(rows.at(-1)?.seq);
      more = rows.length === BATCH;
    }
    return damaged;
  },
  mend: (transaction, ids) =>
    transaction
      .updateTable('outbox_messages')
      .set({ fallback: null })
      .where('id', 'in', [...ids])
      .execute(),
};

/** What stands before the first slash of a lane's name, and the rest of it. */
const isLaneOf = (lane: string, notifier: string) => lane.startsWith(`${notifier}/`);

/** Lanes of open messages that no worker would ever look at: the row is gone, says that nothing waits, or names nobody. */
const lanes: Mending = {
  kind: 'lane',
  find: async (db) => {
    const rows = await db
      .selectFrom('outbox_messages as message')
      .leftJoin('outbox_lanes as known', 'known.lane', 'message.lane')
      .select(['message.lane', 'message.notifier', 'known.notifier as worker', 'known.ready_at'])
      .distinct()
      .where('message.finished_at', 'is', null)
      .execute();
    const lost = rows.filter(
      ({ lane, notifier, worker, ready_at }) => isLaneOf(lane, notifier) && (ready_at === null || worker !== notifier),
    );
    return lost.map(({ lane }) => lane);
  },
  mend: async (transaction, found, nowMs) => {
    for (const lane of found) await wake(transaction, lane, nowMs);
  },
};

async function wake(transaction: Transaction<OutboxTables>, lane: string, nowMs: number): Promise<void> {
  const open = await transaction
    .selectFrom('outbox_messages')
    .select('notifier')
    .distinct()
    .where('lane', '=', lane)
    .where('finished_at', 'is', null)
    .execute();
  const notifier = open.find((message) => isLaneOf(lane, message.notifier))?.notifier;
  if (notifier === undefined) return;
  const due = { notifier, ready_at: nowMs, wait_ms: 0 };
  await transaction
    .insertInto('outbox_lanes')
    .values({ lane, fence: 0, ...due })
    .onConflict((conflict) => conflict.column('lane').doUpdateSet(due))
    .execute();
}

interface Columns {
  readonly key: string;
  readonly texts: readonly string[];
  /** With what stands there from now on when it is no number. */
  readonly numbers: Readonly<Record<string, number | null>>;
  readonly where?: ReturnType<typeof sql<boolean>> | undefined;
}

/** What SQLite may hold in a column of another type; PostgreSQL does not. Payloads are looked at when they are used. */
function typed(kind: DamagedRow['kind'], table: string, columns: (nowMs: number) => Columns): Mending {
  const { key, where = sql<boolean>`true` } = columns(0);
  const wrong = sql`${where} and (${sql.join(
    changesOf(columns(0)).map((change) => change.wrong),
    sql` or `,
  )})`;
  return {
    kind,
    find: async (db) => {
      const name = sql<string>`cast(${sql.ref(key)} as text)`;
      const found = await sql<{ key: string }>`select ${name} as key from ${sql.table(table)} where ${wrong}`.execute(
        db,
      );
      return found.rows.map((row) => row.key);
    },
    // All at once: a damaged key finds nothing.
    mend: async (transaction, _, nowMs) => {
      const sets = changesOf(columns(nowMs)).map(
        (change) =>
          sql`${sql.ref(change.name)} = case when ${change.wrong} then ${change.value} else ${sql.ref(change.name)} end`,
      );
      await sql`update ${sql.table(table)} set ${sql.join(sets)} where ${wrong}`.execute(transaction);
    },
  };
}

const changesOf = ({ texts, numbers }: Columns) => [
  ...texts.map((name) => ({
    name,
    wrong: sql<boolean>`typeof(${sql.ref(name)}) = 'blob'`,
    value: sql`hex(${sql.ref(name)})`,
  })),
  ...Object.entries(numbers).map(([name, value]) => ({
    name,
    wrong: sql<boolean>`typeof(${sql.ref(name)}) in ('text', 'blob')`,
    value: sql.lit(value),
  })),
];

const sqliteTypes: readonly Mending[] = [
  typed('lane', 'outbox_lanes', (nowMs) => ({
    key: 'lane',
    texts: ['lane', 'notifier', 'leased_by', 'endpoint'],
    numbers: { ready_at: nowMs, wait_ms: 0, fence: 0, backlog_turns: 0 },
  })),
  typed('message', 'outbox_messages', (nowMs) => ({
    key: 'id',
    texts: [
      ...['id', 'notifier', 'destination', 'lane', 'series', 'dedupe_key', 'coalesce_key', 'state'],
      ...['fallback', 'traceparent'],
    ],
    numbers: {
      ...{ enqueued_at: nowMs, next_attempt_at: nowMs, news_at: nowMs, wait_ms: 0, expires_at: null },
      ...{ attempts: 0, tries: 0, unknowns: 0, lost: 0, replaced: 0, continues: 0 },
    },
    where: sql<boolean>`finished_at is null`,
  })),
  typed('endpoint', 'outbox_endpoints', () => ({ key: 'endpoint', texts: ['endpoint'], numbers: {} })),
  typed('limit', 'outbox_limits', () => ({ key: 'scope', texts: ['scope', 'times'], numbers: {} })),
];

/**
 * Sets rows right of which nothing can be made, so that none of them stops the others: what they held is unknown from
 * now on. A damaged payload is the end of its own message, when its turn comes.
 *
 * @returns the rows that were damaged
 */
export async function mendDamage(store: Store): Promise<DamagedRow[]> {
  const kinds = [...(store.dialect === 'sqlite' ? sqliteTypes : []), endpoints, limits, fallbacks, lanes];
  const damaged: DamagedRow[] = [];
  for (const { kind, find, mend } of kinds) {
    if ((await find(store.db)).length === 0) continue;
    const keys = await transact(store, async (transaction) => {
      const found = await find(transaction);
      if (found.length > 0) await mend(transaction, found, store.runtime.now());
      return found;
    });
    damaged.push(...keys.map((key) => ({ kind, key })));
  }
  return damaged;
}
