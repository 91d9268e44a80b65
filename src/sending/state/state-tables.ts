import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { StateChange } from '../../router/groups/state-change.ts';
import type { StoredRow } from './sender-state.ts';

interface StateRow {
  name: string;
  version: number;
  value: string;
}

/** One of a sender's groups, alerts, silences, … */
interface EntryRow {
  name: string;
  kind: string;
  key: string;
  value: string;
}

/** The tables that hold the states of all senders on one database. */
export interface StateTables {
  sender_state: StateRow;
  sender_entries: EntryRow;
}

/** Rows of a statement, under the smallest limit of bound parameters of both databases. */
const CHUNK = 500;

export async function createStateTables<DB extends StateTables>({ schema }: Kysely<DB>): Promise<void> {
  const tables = [
    schema
      .createTable('sender_state')
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('version', 'bigint', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull()),
    schema
      .createTable('sender_entries')
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('sender_entries_key', ['name', 'kind', 'key']),
  ];
  // PostgreSQL fails one of two that create a table at the same moment. Then it is there. Each table is its own race.
  for (const table of tables) await table.execute().catch(() => table.execute());
}

/** As text, whatever stands in a damaged row. */
export async function readRows(db: Kysely<StateTables>, name: string): Promise<StoredRow[]> {
  const text = (column: string) => sql<string>`cast(${sql.ref(column)} as text)`;
  return await db
    .selectFrom('sender_entries')
    .select([text('kind').as('kind'), text('key').as('key'), text('value').as('value')])
    .where('name', '=', name)
    .execute();
}

/** Writes what has changed, and nothing else. */
export async function writeRows(
  transaction: Transaction<StateTables>,
  name: string,
  changes: readonly StateChange[],
): Promise<void> {
  // One row is written once: the last change counts.
  const last = [...new Map(changes.map((change) => [`${change.kind} ${change.key}`, change])).values()];
  for (const chunk of chunksOf(last.filter(({ value }) => value !== undefined))) {
    await transaction
      .insertInto('sender_entries')
      .values(chunk.map(({ kind, key, value }) => ({ name, kind, key, value: JSON.stringify(value) })))
      .onConflict((conflict) =>
        conflict.columns(['name', 'kind', 'key']).doUpdateSet((row) => ({ value: row.ref('excluded.value') })),
      )
      .execute();
    await nextTurn();
  }
  const gone = last.filter(({ value }) => value === undefined);
  for (const kind of new Set(gone.map((change) => change.kind))) {
    for (const chunk of chunksOf(gone.filter((change) => change.kind === kind))) {
      await transaction
        .deleteFrom('sender_entries')
        .where('name', '=', name)
        .where('kind', '=', kind)
        .where(
          'key',
          'in',
          chunk.map(({ key }) => key),
        )
        .execute();
    }
  }
}

const chunksOf = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, index) =>
    items.slice(index * CHUNK, (index + 1) * CHUNK),
  );
