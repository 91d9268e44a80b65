import { type Kysely, sql, type Transaction } from 'kysely';
import { z } from 'zod';
import { type Store, transact } from '../../outbox/database.ts';
import type { OutboxTables } from '../../outbox/schema.ts';
import { storedJson } from '../../outbox/stored-json.ts';
import { type DamagedKind, type DamagedRow, damagedKinds } from '../../outbox/types.ts';
import type { StateChange, Stateful } from '../../router/groups/state-change.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { Secret } from '../../runtime/secret.ts';
import { serverErrors } from '../errors.ts';
import type { SenderState, StoredRow } from './sender-state.ts';
import { readState, rowsOf, setAside } from './state-rows.ts';
import { createStateTables, readRows, type StateTables, writeRows } from './state-tables.ts';

type Tables = OutboxTables & StateTables;

/** The outbox's database, which also holds the state. */
export type SenderDatabase = Kysely<OutboxTables>;

/** No instance can have this name. */
const SHARED = '';

/** Told of rows that could not be read; never of what stands in them. */
export type TellDamaged = (rows: readonly DamagedRow[]) => void;

const identitySchema = z.object({ identityKey: z.string().min(1) });

/**
 * The key of the hashes that webhooks are known by. All servers on one database have the same: they must mean the same
 * webhook when they count what is sent to it. A damaged one is made anew, once: what was known of the webhooks then
 * begins anew too.
 *
 * @param create - gives the key, if there is none yet
 */
export async function sharedIdentityKey(
  database: SenderDatabase,
  create: () => string,
  damaged: TellDamaged = () => {},
): Promise<Secret> {
  const db = database as unknown as Kysely<Tables>;
  const initial = () => JSON.stringify({ identityKey: create() });
  for (let told = false; ; told = true) {
    const { value, version } = await stored(db, SHARED, initial);
    const known = identitySchema.safeParse(storedJson(value)?.value).data;
    if (known) return new Secret(known.identityKey);
    if (!told) damaged([{ kind: 'identity', key: 'identityKey' }]);
    // Of two that find it damaged, one makes it anew.
    await db.transaction().execute((transaction) =>
      transaction
        .updateTable('sender_state')
        .set({ value: initial(), version: version + 1 })
        .where('name', '=', SHARED)
        .where('version', '=', version)
        .execute(),
    );
  }
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
  /** What is to be stored with the first change: rows that an earlier release stored whole, damaged ones set aside. */
  #pending: readonly StateChange[];
  /** Changes are made and stored one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: {
    readonly store: Store;
    readonly name: string;
    readonly version: number;
    readonly source: StateSource;
    readonly pending: readonly StateChange[];
  }) {
    this.#store = options.store;
    this.#name = options.name;
    this.#version = options.version;
    this.#source = options.source;
    this.#pending = options.pending;
  }

  /**
   * Reads the state of that name. Damaged rows are left out, told, and set aside with the first change.
   *
   * @param start - told what was stored; gives what says what to store from now on
   */
  static async open(
    options: {
      readonly database: SenderDatabase;
      readonly name: string;
      readonly runtime: Runtime;
      readonly damaged?: TellDamaged | undefined;
    },
    start: (stored: SenderState) => StateSource,
  ): Promise<StateStore> {
    const { database, name, runtime } = options;
    const db = database as unknown as Kysely<Tables>;
    const row = await stored(db, name, () => '{}');
    const whole = storedJson(row.value);
    const migrating = rowsOf(whole?.value);
    const rows = migrating.length > 0 ? migrating.map(asStored) : await readRows(db, name);
    const { damaged, ...state } = readState(rows);
    const unread = [...(whole ? [] : [{ kind: 'state', key: name, value: row.value }]), ...damaged];
    if (unread.length > 0) options.damaged?.(unread.map(({ kind, key }) => ({ kind: kindOf(kind), key })));
    // The dialect does not matter to a transaction.
    const store: Store = { db: database, dialect: 'sqlite', runtime };
    const pending = [...migrating, ...setAside(unread)];
    return new StateStore({ store, name, version: row.version, source: start(state), pending });
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
      const changes = this.#source.changes();
      const rows = this.#pending.length > 0 ? [...this.#pending, ...changes] : changes;
      if (rows.length === 0 && !store) return value;
      const version = this.#version + 1;
      const stored = await transact(this.#store, async (outbox) => {
        const transaction = outbox as unknown as Transaction<Tables>;
        await this.#fence(transaction, version);
        await writeRows(transaction, this.#name, rows);
        return await store?.(outbox);
      });
      this.#version = version;
      this.#pending = [];
      this.#source.commit();
      stored?.();
      return value;
    } catch (error) {
      this.#source.rollback();
      throw error;
    }
  }

  async #fence(transaction: Transaction<Tables>, version: number): Promise<void> {
    const { numUpdatedRows } = await transaction
      .updateTable('sender_state')
      .set({ value: '{}', version })
      .where('name', '=', this.#name)
      .where('version', '=', this.#version)
      .executeTakeFirst();
    if (Number(numUpdatedRows) !== 1) throw serverErrors.state_taken({ name: this.#name });
  }
}

const asStored = ({ kind, key, value }: StateChange): StoredRow => ({ kind, key, value: JSON.stringify(value) });

const kindOf = (kind: string): DamagedKind => damagedKinds.find((one) => one === kind) ?? 'state';

/** A state as it is stored, read as text: whatever stands in a damaged row. */
interface StoredState {
  readonly version: number;
  readonly value: string;
}

/** The row of that name, made if there is none. */
async function stored(db: Kysely<Tables>, name: string, initial: () => string): Promise<StoredState> {
  await createStateTables(db);
  const find = () =>
    db
      .selectFrom('sender_state')
      .select([sql<string>`cast(version as text)`.as('version'), sql<string>`cast(value as text)`.as('value')])
      .where('name', '=', name);
  const write = async (statement: (transaction: Transaction<Tables>) => Promise<unknown>) => {
    // A transaction waits for its turn to write; a statement outside of one fails while another process writes.
    await db.transaction().execute(statement);
    const { version, value } = await find().executeTakeFirstOrThrow();
    return { version: Number(version), value };
  };
  const known = await find().executeTakeFirst();
  if (!known) {
    const row = { name, version: 0, value: initial() };
    return await write((transaction) =>
      transaction
        .insertInto('sender_state')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  }
  if (/^\d{1,15}$/.test(known.version)) return { version: Number(known.version), value: known.value };
  // A damaged version fences nobody: it begins anew.
  return await write((transaction) =>
    transaction.updateTable('sender_state').set({ version: 0 }).where('name', '=', name).execute(),
  );
}
