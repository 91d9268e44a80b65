import type { Kysely, Transaction } from 'kysely';
import { SluiceError } from '../errors/sluice-error.ts';
import type { OutboxTables } from '../outbox/schema.ts';
import type { RouterState } from '../router/router.ts';
import type { Silence } from '../router/silences.ts';
import { Secret } from '../runtime/secret.ts';
import type { EndpointState } from '../webhooks/endpoint.ts';

/** What a sender must not lose in a restart, besides its messages. Plain JSON. */
export interface SenderState {
  readonly router?: RouterState;
  readonly silences?: readonly Silence[];
  readonly endpoints?: Readonly<Record<string, EndpointState>>;
}

interface StateRow {
  name: string;
  version: number;
  value: string;
}

interface Tables extends OutboxTables {
  sender_state: StateRow;
}

/** The outbox's database, which also holds the state. */
export type SenderDatabase = Kysely<OutboxTables>;

/** No instance can have this name. */
const SHARED = '';

/**
 * The key of the hashes that webhooks are known by. All servers on one database have the same: they must mean the same
 * webhook when they count what is sent to it.
 *
 * @param create - gives the key, if there is none yet
 */
export async function sharedIdentityKey(database: SenderDatabase, create: () => string): Promise<Secret> {
  const db = database as unknown as Kysely<Tables>;
  const { value } = await stored(db, SHARED, () => JSON.stringify({ identityKey: create() }));
  return new Secret((JSON.parse(value) as { identityKey: string }).identityKey);
}

/**
 * Keeps the state of one sender. The version fences: of two processes that read the same state, the first to write goes
 * on with it, and the other can write no more. Reading alone disturbs nobody.
 */
export class StateStore {
  readonly #db: Kysely<Tables>;
  readonly #name: string;
  readonly #snapshot: () => SenderState;
  #version: number;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  private constructor(db: Kysely<Tables>, name: string, version: number, snapshot: () => SenderState) {
    this.#db = db;
    this.#name = name;
    this.#version = version;
    this.#snapshot = snapshot;
  }

  /**
   * Reads the state of that name.
   *
   * @param start - told what was stored; gives the function that says what to store from now on
   */
  static async open(
    database: SenderDatabase,
    name: string,
    start: (stored: SenderState) => () => SenderState,
  ): Promise<StateStore> {
    const db = database as unknown as Kysely<Tables>;
    const row = await stored(db, name, () => '{}');
    return new StateStore(db, name, Number(row.version), start(JSON.parse(row.value) as SenderState));
  }

  /**
   * Stores the state as it is now or later. Calls while one write is under way share the next.
   *
   * @throws SluiceError `state_taken` - another process has written it since
   */
  async save(): Promise<void> {
    this.#next ??= this.#after(this.#running);
    await this.#next;
  }

  async #after(running: Promise<void> | undefined): Promise<void> {
    await running?.catch(() => {});
    this.#running = this.#next;
    this.#next = undefined;
    await this.#write();
  }

  async #write(): Promise<void> {
    const value = JSON.stringify(this.#snapshot());
    const { numUpdatedRows } = await written(this.#db, (transaction) =>
      transaction
        .updateTable('sender_state')
        .set({ value, version: this.#version + 1 })
        .where('name', '=', this.#name)
        .where('version', '=', this.#version)
        .executeTakeFirst(),
    );
    if (Number(numUpdatedRows) !== 1) throw taken(this.#name);
    this.#version += 1;
  }
}

/** A transaction waits for its turn to write; a statement outside of one fails while another process writes. */
async function written<T>(db: Kysely<Tables>, write: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
  return await db.transaction().execute(write);
}

/** The row of that name, made if there is none. */
async function stored(db: Kysely<Tables>, name: string, initial: () => string): Promise<StateRow> {
  // PostgreSQL fails one of two that create it at the same moment. Then it is there.
  await createTable(db).catch(() => createTable(db));
  const find = () => db.selectFrom('sender_state').selectAll().where('name', '=', name);
  const known = await find().executeTakeFirst();
  if (known) return known;
  await written(db, (transaction) =>
    transaction
      .insertInto('sender_state')
      .values({ name, version: 0, value: initial() })
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
  return await find().executeTakeFirstOrThrow();
}

async function createTable(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('sender_state')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
}

const taken = (name: string) =>
  new SluiceError({
    code: 'state_taken',
    recovery: 'fail',
    surface: 'server',
    message: `Another process has taken over the state "${name}".`,
    hint: 'Give every process on a shared database its own server.instance.',
  });
