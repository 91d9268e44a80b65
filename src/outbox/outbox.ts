import type { Kysely, Transaction } from 'kysely';
import { isSluiceError, type SluiceError } from '../errors/sluice-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Secret } from '../runtime/secret.ts';
import { connect, type Store, type Synchronous, transact } from './database.ts';
import { enableEndpoints, listEndpoints } from './endpoints.ts';
import { enqueue } from './enqueue.ts';
import { outboxErrors } from './errors.ts';
import { check } from './housekeeping.ts';
import { type ListFilter, list, show, stats } from './inspect.ts';
import { migrate } from './migrations.ts';
import { type Observe, tell } from './observe.ts';
import { type RedriveFilter, redrive } from './redrive.ts';
import type { Dialect, OutboxTables } from './schema.ts';
import type { EndpointSummary, ListedMessage, MessageDetail, NewMessage, OutboxStats, Receipt } from './types.ts';
import type { WorkOptions } from './work-options.ts';
import { Worker } from './worker.ts';

/** Where the outbox lives: a database of its own by URL, or the caller's Kysely, which the caller also closes. */
export type OpenOutboxOptions = {
  runtime: Runtime;
  /**
   * Told of messages that a newer one replaced at {@link Outbox.enqueue}; the rest a worker tells. Not with a
   * transaction of the caller, who alone knows whether it commits: the receipt says so then.
   */
  observe?: Observe;
} & (
  | {
      /** `sqlite:PATH` or `postgres://USER@HOST/DATABASE`. */
      url: string | Secret;
      /** SQLite only. Default `full`: an accepted message survives a power failure. */
      synchronous?: Synchronous;
      /** PostgreSQL only: connections of the pool. Default 4. */
      connections?: number;
    }
  | { database: Kysely<OutboxTables>; dialect: Dialect }
);

/**
 * A durable queue of messages. What `enqueue` accepted is delivered, or ends as `dead`, `expired` or `superseded` with
 * its reason; it is never gone. At least once: a message is repeated only after an attempt whose result is unknown,
 * with the same id.
 *
 * The clocks of workers on several machines should agree within the lease. If they do not, attempts may be repeated
 * early, but no result of a lost lease is ever written.
 */
export interface Outbox extends AsyncDisposable {
  /**
   * Accepts a message. With `transaction`, it is accepted when the caller's transaction commits; its lane is locked
   * until then, so keep that short.
   *
   * @throws SluiceError `invalid_message` or `payload_not_json`, naming the field
   */
  enqueue<DB = OutboxTables>(message: NewMessage, options?: { transaction?: Transaction<DB> }): Promise<Receipt>;
  /** Accepts all of them or none, in this order. */
  enqueueMany<DB = OutboxTables>(
    messages: readonly NewMessage[],
    options?: { transaction?: Transaction<DB> },
  ): Promise<Receipt[]>;
  /** Looks at once for what a transaction of the caller has stored; without it, at the next poll. */
  wake(): void;
  /** Delivers until the signal is aborted, then finishes the attempts in flight. */
  work(options: WorkOptions): Promise<void>;
  /**
   * Delivers until nothing is due within `waitMs` (default 60 s); what waits longer stays.
   *
   * @returns the state afterwards
   */
  drain(options: WorkOptions & { waitMs?: number }): Promise<OutboxStats>;
  list(filter?: ListFilter): Promise<ListedMessage[]>;
  /** @throws SluiceError `message_not_found` */
  show(id: string): Promise<MessageDetail>;
  /** Sends dead letters again. @throws SluiceError `redrive_unbounded` */
  redrive(filter: RedriveFilter): Promise<{ ids: readonly string[] }>;
  /** Stores a mark, as a message would be. @throws SluiceError `outbox_unavailable` */
  check(): Promise<void>;
  stats(): Promise<OutboxStats>;
  /** What is known of every endpoint that was ever used, or of those of these names. */
  endpoints(names?: readonly string[]): Promise<EndpointSummary[]>;
  /** Asks endpoints again at once, whatever is known of them. @returns the names of those that there are */
  enable(endpoints: readonly string[]): Promise<{ endpoints: readonly string[] }>;
  /** Closes a database of its own. Stop the workers first. */
  close(): Promise<void>;
}

class SqlOutbox implements Outbox {
  readonly #store: Store;
  readonly #owned: boolean;
  readonly #observe: Observe;
  readonly #workers = new Set<Worker>();

  constructor(store: Store, options: { owned: boolean; observe: Observe }) {
    this.#store = store;
    this.#owned = options.owned;
    this.#observe = options.observe;
  }

  async enqueue<DB>(message: NewMessage, options?: { transaction?: Transaction<DB> }): Promise<Receipt> {
    const [receipt] = await this.enqueueMany([message], options);
    return receipt!;
  }

  async enqueueMany<DB>(
    messages: readonly NewMessage[],
    options: { transaction?: Transaction<DB> } = {},
  ): Promise<Receipt[]> {
    const { runtime } = this.#store;
    if (options.transaction) {
      const joined = options.transaction as unknown as Transaction<OutboxTables>;
      return (await enqueue(joined, messages, runtime)).receipts;
    }
    const { receipts, ended } = await transact(this.#store, (transaction) => enqueue(transaction, messages, runtime));
    for (const one of ended) tell(this.#observe, { kind: 'ended', ...one });
    this.wake();
    return receipts;
  }

  wake(): void {
    for (const worker of this.#workers) worker.wake();
  }

  async work(options: WorkOptions): Promise<void> {
    await this.#run(options, () => false);
  }

  async drain(options: WorkOptions & { waitMs?: number }): Promise<OutboxStats> {
    const { runtime } = this.#store;
    const waitMs = options.waitMs ?? 60_000;
    await this.#run(options, (nextAtMs) => nextAtMs === undefined || nextAtMs > runtime.now() + waitMs);
    return await this.stats();
  }

  async #run(options: WorkOptions, isDone: (nextAtMs: number | undefined) => boolean): Promise<void> {
    const worker = new Worker(this.#store, options);
    this.#workers.add(worker);
    try {
      await worker.run(isDone);
    } finally {
      this.#workers.delete(worker);
    }
  }

  async list(filter?: ListFilter): Promise<ListedMessage[]> {
    return await list(this.#store, filter);
  }

  async show(id: string): Promise<MessageDetail> {
    return await show(this.#store, id);
  }

  async redrive(filter: RedriveFilter): Promise<{ ids: readonly string[] }> {
    const ids = await redrive(this.#store, filter);
    for (const worker of this.#workers) worker.wake();
    return { ids };
  }

  async check(): Promise<void> {
    await check(this.#store);
  }

  async endpoints(names?: readonly string[]): Promise<EndpointSummary[]> {
    return await listEndpoints(this.#store, names);
  }

  async enable(endpoints: readonly string[]): Promise<{ endpoints: readonly string[] }> {
    const enabled = await enableEndpoints(this.#store, endpoints);
    for (const change of enabled) tell(this.#observe, { kind: 'health', ...change });
    for (const worker of this.#workers) worker.wake();
    return { endpoints: enabled.map(({ endpoint }) => endpoint) };
  }

  async stats(): Promise<OutboxStats> {
    return await stats(this.#store);
  }

  async close(): Promise<void> {
    if (this.#owned) await this.#store.db.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Opens the outbox and brings its tables up to date.
 *
 * @throws SluiceError `outbox_url_invalid`, `outbox_unavailable`
 */
export async function openOutbox(options: OpenOutboxOptions): Promise<Outbox> {
  const own = 'url' in options;
  try {
    const { db, dialect } = own
      ? connect(typeof options.url === 'string' ? options.url : options.url.reveal(), options)
      : { db: options.database, dialect: options.dialect };
    await migrate(db, dialect);
    return new SqlOutbox(
      { db, dialect, runtime: options.runtime },
      { owned: own, observe: options.observe ?? (() => {}) },
    );
  } catch (cause) {
    throw openFailure(cause);
  }
}

/** The error for a database that cannot be opened; one of ours stays as it is. */
export function openFailure(cause: unknown): SluiceError {
  if (isSluiceError(cause)) return cause;
  return outboxErrors.outbox_not_opened({ cause });
}
