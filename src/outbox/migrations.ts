import { type Kysely, sql } from 'kysely';
import type { Dialect, OutboxTables } from './schema.ts';

type Database = Kysely<OutboxTables>;

async function createTables(db: Database, dialect: Dialect): Promise<void> {
  await db.schema
    .createTable('outbox_messages')
    .addColumn('seq', dialect === 'postgres' ? 'bigserial' : 'integer', (column) =>
      dialect === 'postgres' ? column.primaryKey() : column.primaryKey().autoIncrement(),
    )
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('notifier', 'text', (column) => column.notNull())
    .addColumn('destination', 'text', (column) => column.notNull())
    .addColumn('lane', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('dedupe_key', 'text')
    .addColumn('coalesce_key', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('tries', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('unknowns', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('lost', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('enqueued_at', 'bigint', (column) => column.notNull())
    .addColumn('next_attempt_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('finished_at', 'bigint')
    .addColumn('receipt', 'text')
    .addColumn('dead_reason', 'text')
    .addColumn('error_code', 'text')
    .addColumn('error_message', 'text')
    .addUniqueConstraint('outbox_messages_dedupe', ['lane', 'dedupe_key'])
    .execute();
  await db.schema
    .createTable('outbox_attempts')
    .addColumn('message_id', 'text', (column) => column.notNull().references('outbox_messages.id').onDelete('cascade'))
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('fence', 'bigint', (column) => column.notNull())
    .addColumn('worker', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('finished_at', 'bigint')
    .addColumn('outcome', 'text')
    .addColumn('error_code', 'text')
    .addColumn('error_message', 'text')
    .addPrimaryKeyConstraint('outbox_attempts_key', ['message_id', 'attempt'])
    .execute();
  await db.schema
    .createTable('outbox_lanes')
    .addColumn('lane', 'text', (column) => column.primaryKey().notNull())
    .addColumn('notifier', 'text', (column) => column.notNull())
    .addColumn('ready_at', 'bigint')
    .addColumn('leased_by', 'text')
    .addColumn('fence', 'bigint', (column) => column.notNull())
    .addColumn('hold_until', 'bigint', (column) => column.notNull())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('failing_since', 'bigint')
    .addColumn('disabled_at', 'bigint')
    .addColumn('retry_budget', 'integer', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('outbox_limits')
    .addColumn('scope', 'text', (column) => column.primaryKey().notNull())
    .addColumn('times', 'text', (column) => column.notNull())
    .execute();
}

/** Partial indexes, so that finished messages cost the claim nothing. */
async function createIndexes(db: Database): Promise<void> {
  await sql`create index outbox_messages_open on outbox_messages (lane, seq) where finished_at is null`.execute(db);
  await sql`create index outbox_messages_expiry on outbox_messages (expires_at) where finished_at is null and expires_at is not null`.execute(
    db,
  );
  await sql`create index outbox_messages_finished on outbox_messages (finished_at) where finished_at is not null`.execute(
    db,
  );
  await sql`create index outbox_lanes_ready on outbox_lanes (ready_at) where ready_at is not null`.execute(db);
}

/** In order; a step that was released is never changed, only followed by another. */
const migrations: readonly ((db: Database, dialect: Dialect) => Promise<void>)[] = [
  async (db, dialect) => {
    await createTables(db, dialect);
    await createIndexes(db);
  },
  async (db) => {
    await db.schema.alterTable('outbox_messages').addColumn('traceparent', 'text').execute();
    await db.schema.alterTable('outbox_messages').addColumn('tracestate', 'text').execute();
  },
  moveHealthToEndpoints,
  addSeries,
];

async function addSeries(db: Database): Promise<void> {
  await db.schema
    .alterTable('outbox_messages')
    .addColumn('series', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  await db.schema
    .alterTable('outbox_messages')
    .addColumn('continues', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .alterTable('outbox_messages')
    .addColumn('news_at', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`update outbox_messages set news_at = enqueued_at where finished_at is null`.execute(db);
  await db.schema
    .alterTable('outbox_lanes')
    .addColumn('backlog_turns', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`create index outbox_messages_series on outbox_messages (lane, series, seq) where finished_at is null`.execute(
    db,
  );
  await sql`create index outbox_messages_news on outbox_messages (lane, news_at, seq) where finished_at is null`.execute(
    db,
  );
  await sql`create index outbox_messages_leased on outbox_messages (lane) where state = 'leased'`.execute(db);
  await sql`create index outbox_messages_continuing on outbox_messages (lane, seq)
    where continues = 1 and finished_at is null`.execute(db);
}

async function moveHealthToEndpoints(db: Database): Promise<void> {
  await db.schema
    .createTable('outbox_endpoints')
    .addColumn('endpoint', 'text', (column) => column.primaryKey().notNull())
    .addColumn('health', 'text', (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('outages', 'integer', (column) => column.notNull())
    .addColumn('refusals', 'integer', (column) => column.notNull())
    .addColumn('failing_since', 'bigint')
    .addColumn('hold_until', 'bigint', (column) => column.notNull())
    .addColumn('hold_ms', 'bigint', (column) => column.notNull())
    .addColumn('probe_at', 'bigint', (column) => column.notNull())
    .addColumn('probe_ms', 'bigint', (column) => column.notNull())
    .addColumn('probes', 'integer', (column) => column.notNull())
    .addColumn('probing_until', 'bigint', (column) => column.notNull())
    .addColumn('probing_ms', 'bigint', (column) => column.notNull())
    .addColumn('retry_budget', 'integer', (column) => column.notNull())
    .execute();
  const { schema } = db;
  // A hold of a lane where something waits is in its `ready_at` too; of endpoints that nobody uses, nothing is known.
  for (const column of ['hold_until', 'failures', 'failing_since', 'disabled_at', 'retry_budget'])
    await schema.alterTable('outbox_lanes').dropColumn(column).execute();
  await schema.alterTable('outbox_lanes').addColumn('endpoint', 'text').execute();
  for (const table of ['outbox_lanes', 'outbox_messages'])
    await schema
      .alterTable(table)
      .addColumn('wait_ms', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute();
  await schema.alterTable('outbox_messages').addColumn('fallback', 'text').execute();
  await schema.alterTable('outbox_messages').addColumn('fell_back_to', 'text').execute();
  await schema
    .alterTable('outbox_messages')
    .addColumn('replaced', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`update outbox_messages set wait_ms = next_attempt_at - enqueued_at
    where finished_at is null and next_attempt_at > enqueued_at`.execute(db);
  await sql`update outbox_lanes set wait_ms = ${sql.lit(LONGEST_OLD_WAIT_MS)} where ready_at is not null`.execute(db);
  await sql`create index outbox_lanes_endpoint on outbox_lanes (endpoint) where ready_at is not null`.execute(db);
}

/** The longest step of the schedules that lanes of earlier releases wait for; longer ones come from the service. */
const LONGEST_OLD_WAIT_MS = 24 * 3_600_000;

const migrationLock = 7_158_423;

/** The version of the tables; undefined: there are none. A read, so that opening a current outbox writes nothing. */
async function versionOf(db: Database, dialect: Dialect): Promise<number | undefined> {
  const table =
    dialect === 'postgres'
      ? sql`select 1 where to_regclass('outbox_schema') is not null`
      : sql`select 1 from sqlite_master where name = 'outbox_schema'`;
  if ((await table.execute(db)).rows.length === 0) return undefined;
  const { rows } = await sql<{ version: number }>`select version from outbox_schema`.execute(db);
  return rows[0]?.version;
}

/**
 * Brings the tables to the newest version, in one transaction; several processes may do it at once. Tables of a later
 * release are left as they are.
 *
 * @param to - the version to stop at, which only a test of the steps has use for
 */
export async function migrate(db: Database, dialect: Dialect, to = migrations.length): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(transaction);
    const version = await versionOf(transaction, dialect);
    if (version !== undefined && version >= to) return;
    if (version === undefined) await sql`create table outbox_schema (version integer not null)`.execute(transaction);
    for (const step of migrations.slice(version ?? 0, to)) await step(transaction, dialect);
    await sql`delete from outbox_schema`.execute(transaction);
    await sql`insert into outbox_schema (version) values (${sql.lit(to)})`.execute(transaction);
  });
}
