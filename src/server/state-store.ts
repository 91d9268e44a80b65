import type { Kysely, Transaction } from 'kysely';
import { SluiceError } from '../errors/sluice-error.ts';
import { type Store, transact } from '../outbox/database.ts';
import type { OutboxTables } from '../outbox/schema.ts';
import type { RouterState } from '../router/router.ts';
import type { Silence } from '../router/silences.ts';
import type { StateChange, Stateful } from '../router/state-change.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Secret } from '../runtime/secret.ts';
import { rowsOf, stateOf } from './state-rows.ts';
import { createStateTables, readRows, type StateTables, writeRows } from './state-tables.ts';

/** What a sender must not lose in a restart, besides its messages. Plain JSON. */
export interface SenderState {
  readonly router?: RouterState;
  readonly silences?: readonly Silence[];
}

type Tables = OutboxTables & StateTables;

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

/** The parts whose changes are stored row by row. */
export type StateSource = Stateful;

/** What a change came to, and what is stored in the same transaction. */
export interface Changed<T> {
  readonly value: T;
  /** May run again when the transaction lost against another. What it gives is called once all is stored. */
  readonly store?: ((transaction: Transaction<OutboxTables>) => Promise<(() => void) | undefined>) | undefined;
}

/**
 * Keeps the state of one sender: a row for each group, alert, silence and source, of which only those that changed are
 * written. The version fences: of two processes that read the same state, the first to write goes on with it, and the
 * other can write no more. Reading alone disturbs nobody.
 */
export class StateStore {
  readonly #store: Store;
  readonly #name: string;
  readonly #source: StateSource;
  #version: number;
  /** Rows of a state that an earlier release stored whole, until they are written. */
  #migrating: readonly StateChange[];
  /** Changes are made and stored one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: {
    readonly store: Store;
    readonly name: string;
    readonly version: number;
    readonly source: StateSource;
    readonly migrating: readonly StateChange[];
  }) {
    this.#store = options.store;
    this.#name = options.name;
    this.#version = options.version;
    this.#source = options.source;
    this.#migrating = options.migrating;
  }

  /**
   * Reads the state of that name.
   *
   * @param start - told what was stored; gives what says what to store from now on
   */
  static async open(
    options: { readonly database: SenderDatabase; readonly name: string; readonly runtime: Runtime },
    start: (stored: SenderState) => StateSource,
  ): Promise<StateStore> {
    const { database, name, runtime } = options;
    const db = database as unknown as Kysely<Tables>;
    const row = await stored(db, name, () => '{}');
    const whole = JSON.parse(row.value) as SenderState;
    const rows = stateOf(await readRows(db, name));
    const migrating = rowsOf(whole);
    const state: SenderState = migrating.length > 0 ? whole : rows;
    // The dialect does not matter to a transaction.
    const store: Store = { db: database, dialect: 'sqlite', runtime };
    return new StateStore({ store, name, version: Number(row.version), source: start(state), migrating });
  }

  /**
   * Stores what has changed.
   *
   * @throws SluiceError `state_taken` - another process has written the state since
   */
  async save(): Promise<void> {
    await this.change(() => ({ value: undefined, store: async () => undefined }));
  }

  /**
   * Makes a change in its turn and stores what it changed, with what else it stores, in one transaction. When that
   * fails, the change was never made.
   *
   * @throws SluiceError `state_taken` - another process has written the state since
   */
  async change<T>(make: () => Changed<T> | Promise<Changed<T>>): Promise<T> {
    const turn = this.#last.then(() => this.#change(make));
    this.#last = turn.catch(() => {});
    return await turn;
  }

  async #change<T>(make: () => Changed<T> | Promise<Changed<T>>): Promise<T> {
    try {
      const { value, store } = await make();
      const rows =
        this.#migrating.length > 0 ? [...this.#migrating, ...this.#source.changes()] : this.#source.changes();
      if (rows.length === 0 && !store) return value;
      const stored = await transact(this.#store, async (outbox) => {
        const transaction = outbox as unknown as Transaction<Tables>;
        await this.#fence(transaction);
        await writeRows(transaction, this.#name, rows);
        return await store?.(outbox);
      });
      this.#version += 1;
      this.#migrating = [];
      this.#source.commit();
      stored?.();
      return value;
    } catch (error) {
      this.#source.rollback();
      throw error;
    }
  }

  async #fence(transaction: Transaction<Tables>): Promise<void> {
    const { numUpdatedRows } = await transaction
      .updateTable('sender_state')
      .set({ value: '{}', version: this.#version + 1 })
      .where('name', '=', this.#name)
      .where('version', '=', this.#version)
      .executeTakeFirst();
    if (Number(numUpdatedRows) !== 1) throw taken(this.#name);
  }
}

/** The row of that name, made if there is none. */
async function stored(
  db: Kysely<Tables>,
  name: string,
  initial: () => string,
): Promise<{ version: number; value: string }> {
  await createStateTables(db);
  const find = () => db.selectFrom('sender_state').select(['version', 'value']).where('name', '=', name);
  const known = await find().executeTakeFirst();
  if (known) return known;
  // A transaction waits for its turn to write; a statement outside of one fails while another process writes.
  await db.transaction().execute((transaction) =>
    transaction
      .insertInto('sender_state')
      .values({ name, version: 0, value: initial() })
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
  return await find().executeTakeFirstOrThrow();
}

const taken = (name: string) =>
  new SluiceError({
    code: 'state_taken',
    recovery: 'fail',
    surface: 'server',
    message: `Another process has taken over the state "${name}".`,
    hint: 'Give every process on a shared database its own server.instance.',
  });
